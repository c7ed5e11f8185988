-- Identity and access: identities of every kind, roles, bindings by id, invites, providers,
-- limits, and the audit log.
--
-- People belong to no organization (root 0): one account works in several. Every other identity
-- belongs to a group. `id` alone stays the key of identities, because a binding in one
-- organization names a person of the installation.
--
-- A "subject" column holds who acted, as events do: {"kind":"person","id":...,"name":...}.
-- A "role" column holds a built-in role's name, or a custom role's id.

ALTER TABLE identities RENAME TO identities_before;
DROP INDEX identities_by_subject;

-- `kind`: person, claim_match, static, aws, service_principal. `proof` is the whole of it as
-- JSON; `issuer` and `subject` repeat a person's, who is found by them.
CREATE TABLE identities (
    id          BIGINT NOT NULL,
    root        BIGINT NOT NULL,
    group_id    BIGINT,
    kind        TEXT   NOT NULL,
    issuer      TEXT,
    subject     TEXT,
    proof       TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    description TEXT   NOT NULL,
    email       TEXT,
    created_at  BIGINT NOT NULL,
    seen_at     BIGINT,
    disabled_at BIGINT,
    PRIMARY KEY (id)
);
INSERT INTO identities
    (id, root, kind, issuer, subject, proof, name, description, created_at)
    SELECT id, 0, 'person', issuer, subject,
           '{"kind":"person","issuer":"' || issuer || '","subject":"' || subject || '"}',
           name, '', created_at
    FROM identities_before;
DROP TABLE identities_before;
CREATE UNIQUE INDEX identities_by_subject ON identities (issuer, subject);
CREATE UNIQUE INDEX identities_by_name ON identities (root, group_id, name)
    WHERE group_id IS NOT NULL;
CREATE INDEX identities_by_email ON identities (email) WHERE email IS NOT NULL;

-- `capabilities` is a JSON list of names.
CREATE TABLE roles (
    root         BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    group_id     BIGINT NOT NULL,
    name         TEXT   NOT NULL,
    description  TEXT   NOT NULL,
    capabilities TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (root, id)
);
CREATE UNIQUE INDEX roles_by_name ON roles (root, group_id, name);

ALTER TABLE role_bindings RENAME TO role_bindings_before;
DROP INDEX role_bindings_by_identity;

-- root 0, group 0: the whole installation. Granting a role twice is one row.
CREATE TABLE role_bindings (
    root       BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    group_id   BIGINT NOT NULL,
    identity   BIGINT NOT NULL,
    role       TEXT   NOT NULL,
    created_by TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (root, id)
);
INSERT INTO role_bindings (root, id, group_id, identity, role, created_by, created_at)
    SELECT root, ROW_NUMBER() OVER (ORDER BY created_at, root, group_id, identity, role),
           group_id, identity, role, '{"kind":"system","reason":"first owner"}', created_at
    FROM role_bindings_before;
DROP TABLE role_bindings_before;
CREATE UNIQUE INDEX role_bindings_by_grant ON role_bindings (root, group_id, identity, role);
CREATE INDEX role_bindings_by_identity ON role_bindings (identity);

-- `hash` is that of the code, which is shown once. `uses`: single, many.
CREATE TABLE invites (
    root       BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    group_id   BIGINT NOT NULL,
    hash       BYTEA  NOT NULL UNIQUE,
    role       TEXT   NOT NULL,
    email      TEXT,
    uses       TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    created_by TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (root, id)
);
CREATE INDEX invites_by_end ON invites (expires_at);

CREATE TABLE invite_uses (
    root     BIGINT NOT NULL,
    invite   BIGINT NOT NULL,
    identity BIGINT NOT NULL,
    used_at  BIGINT NOT NULL,
    PRIMARY KEY (root, invite, identity)
);

-- `secret` is sealed by the installation's key, which lies beside the database and not in it.
-- `scopes` is a JSON list.
CREATE TABLE identity_providers (
    root         BIGINT NOT NULL,
    id           BIGINT NOT NULL,
    group_id     BIGINT NOT NULL,
    name         TEXT   NOT NULL,
    description  TEXT   NOT NULL,
    issuer       TEXT   NOT NULL,
    client_id    TEXT   NOT NULL,
    secret       BYTEA,
    scopes       TEXT   NOT NULL,
    default_role TEXT,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (root, id)
);
CREATE UNIQUE INDEX identity_providers_by_name ON identity_providers (root, group_id, name);

-- Which provider people of an e-mail domain are sent to: one, over the whole installation.
CREATE TABLE identity_provider_domains (
    domain   TEXT   NOT NULL,
    root     BIGINT NOT NULL,
    provider BIGINT NOT NULL,
    PRIMARY KEY (domain)
);
CREATE INDEX identity_provider_domains_by_provider ON identity_provider_domains (root, provider);

-- `limits` is a JSON object of what differs from no limit. `verified_at`: since when the name of
-- the root group is known to be a domain of the organization, and fixed.
ALTER TABLE organizations ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';
ALTER TABLE organizations ADD COLUMN verified_at BIGINT;

-- `actor` is the id of a person, identity or cluster, or 'system'; `actor_document` is the
-- subject. `group_path` is where it happened, by the path the group had then.
CREATE TABLE audit (
    root           BIGINT NOT NULL,
    sequence       BIGINT NOT NULL,
    at             BIGINT NOT NULL,
    group_path     TEXT   NOT NULL,
    group_name     TEXT   NOT NULL,
    actor          TEXT   NOT NULL,
    actor_document TEXT   NOT NULL,
    origin         TEXT   NOT NULL,
    action         TEXT   NOT NULL,
    target         TEXT   NOT NULL,
    before         TEXT,
    after          TEXT,
    PRIMARY KEY (root, sequence)
);
CREATE INDEX audit_by_actor ON audit (root, actor, sequence);
CREATE INDEX audit_by_action ON audit (root, action, sequence);
