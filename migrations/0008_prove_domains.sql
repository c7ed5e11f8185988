-- 1: an owner of the installation said that the domain is the organization's. Else it counts only
-- where that shows otherwise; whoever claims a domain must not get other people's sign-ins by it.
ALTER TABLE identity_provider_domains ADD COLUMN is_proven BIGINT NOT NULL DEFAULT 0;
