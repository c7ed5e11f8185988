-- One-time sign-in links for people who are known already; without one it is the owner's.
ALTER TABLE signin_links ADD COLUMN identity BIGINT;
