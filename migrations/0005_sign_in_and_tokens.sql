-- Signing in and tokens: sessions that people can see and end, keys that sign our own tokens,
-- personal tokens with a name and a scope, renewable tokens of the command line, one-time codes,
-- local accounts, and whom clusters are vouched for by.
--
-- Secrets are hashes. What has to be read again is sealed by the installation's key. A "scope"
-- column is JSON: {"group":...,"capabilities":[...]}; an "origin" column, too.

-- Whoever is signed in signs in once more: the old rows do not tell whose they are. `id` is the
-- first half of the hash, which is safe to show. `identity` is nobody's before sign-in.
DROP TABLE sessions;
CREATE TABLE sessions (
    hash       BYTEA  NOT NULL,
    id         BIGINT NOT NULL,
    identity   BIGINT,
    record     TEXT   NOT NULL,
    origin     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (hash)
);
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX sessions_by_identity ON sessions (identity) WHERE identity IS NOT NULL;

-- `public` is the key's JWK. It signs from `from_at`, until a later one does, and is shown until
-- the last token by it has ended.
CREATE TABLE signing_keys (
    kid      TEXT   NOT NULL,
    sealed   BYTEA  NOT NULL,
    public   TEXT   NOT NULL,
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (kid)
);

ALTER TABLE person_tokens RENAME TO person_tokens_before;
CREATE TABLE person_tokens (
    id         BIGINT NOT NULL,
    hash       BYTEA  NOT NULL UNIQUE,
    identity   BIGINT NOT NULL,
    name       TEXT   NOT NULL,
    scope      TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (id)
);
INSERT INTO person_tokens
    (id, hash, identity, name, scope, created_at, expires_at, revoked_at)
    SELECT ROW_NUMBER() OVER (ORDER BY created_at, hash), hash, identity,
           'loadline auth login', '{}', created_at, expires_at, revoked_at
    FROM person_tokens_before;
DROP TABLE person_tokens_before;
CREATE INDEX person_tokens_by_identity ON person_tokens (identity);

-- A program that is signed in: every refresh token that came from one sign-in is of one family,
-- and ends with it. `expires_at` moves with each use, never beyond `ends_at`.
CREATE TABLE token_families (
    id         BIGINT NOT NULL,
    identity   BIGINT NOT NULL,
    scope      TEXT   NOT NULL,
    origin     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX token_families_by_identity ON token_families (identity);
CREATE TABLE refresh_tokens (
    hash    BYTEA  NOT NULL,
    family  BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (hash)
);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family);

-- Codes of the browser flow (RFC 8252 with PKCE, RFC 7636): `challenge` is the S256 challenge.
CREATE TABLE authorization_codes (
    hash       BYTEA  NOT NULL,
    identity   BIGINT NOT NULL,
    challenge  TEXT   NOT NULL,
    redirect   TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    family     BIGINT,
    PRIMARY KEY (hash)
);

-- Codes of the device flow (RFC 8628). `state`: waiting, granted, denied.
CREATE TABLE device_codes (
    hash       BYTEA  NOT NULL,
    user_hash  BYTEA  NOT NULL UNIQUE,
    origin     TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    identity   BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    polled_at  BIGINT,
    PRIMARY KEY (hash)
);

-- `name` is in lower case. `password` is a PHC string. `code_secret` is the sealed secret of
-- one-time codes; they are asked for once `codes_from` is set. `code_step` is the last step that
-- was used up.
CREATE TABLE local_accounts (
    identity    BIGINT NOT NULL,
    name        TEXT   NOT NULL UNIQUE,
    password    TEXT   NOT NULL,
    code_secret BYTEA,
    codes_from  BIGINT,
    code_step   BIGINT,
    changed_at  BIGINT NOT NULL,
    PRIMARY KEY (identity)
);

-- From where the owner of a local account signed in before: whoever guesses at the account from
-- elsewhere does not shut them out.
CREATE TABLE known_addresses (
    identity BIGINT NOT NULL,
    address  TEXT   NOT NULL,
    seen_at  BIGINT NOT NULL,
    PRIMARY KEY (identity, address)
);

-- Whom a cluster is vouched for by: the issuer and subject of its service account's tokens.
-- `keys` is the issuer's JWKS, where the issuer cannot be asked for it.
CREATE TABLE cluster_issuers (
    root       BIGINT NOT NULL,
    cluster    BIGINT NOT NULL,
    issuer     TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    keys       TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (root, cluster)
);
