-- The first schema: groups, people, clusters, what runs, policies, evidence, verdicts, history.
--
-- Rules of every table (design D1, D2):
--   * what belongs to an organization starts its primary key with `root`, the organization's
--     small number, so that tenancy is visible here and shards;
--   * a row that describes a state holds from `from_at` until `until_at` (microseconds since
--     1970, UTC); 9223372036854775807 means "still". Nothing is touched to say "still true",
--     and the question "as of t" is `from_at <= t AND until_at > t` for now and for any past.
--     `until_at` stands early in primary keys: what holds now lies together, apart from the
--     past, and no two rows can hold at once;
--   * the text is PostgreSQL's; the SQLite migrator turns BIGINT and BYTEA into its own types
--     and makes every table STRICT and WITHOUT ROWID.

CREATE TABLE installation (
    name  TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
);

-- The next free number of each kind of row of an organization (0: of the installation).
CREATE TABLE counters (
    root BIGINT NOT NULL,
    name TEXT   NOT NULL,
    next BIGINT NOT NULL,
    PRIMARY KEY (root, name)
);

CREATE TABLE organizations (
    root       BIGINT NOT NULL,
    uid        TEXT   NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (root)
);

-- `path` holds the ids from the root group down, joined by '/': containment is its prefix.
CREATE TABLE groups (
    root        BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    parent      BIGINT,
    path        TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    description TEXT   NOT NULL,
    collection  TEXT,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (root, id)
);
CREATE UNIQUE INDEX groups_by_name ON groups (root, parent, name);
CREATE UNIQUE INDEX organizations_by_name ON groups (name) WHERE parent IS NULL;
CREATE UNIQUE INDEX groups_by_path ON groups (root, path);

CREATE TABLE identities (
    id         BIGINT NOT NULL,
    issuer     TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX identities_by_subject ON identities (issuer, subject);

-- root 0, group 0: the whole installation, held by the first owner.
CREATE TABLE role_bindings (
    root       BIGINT NOT NULL,
    group_id   BIGINT NOT NULL,
    identity   BIGINT NOT NULL,
    role       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (root, group_id, identity, role)
);
CREATE INDEX role_bindings_by_identity ON role_bindings (identity);

CREATE TABLE signin_links (
    hash       BYTEA  NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (hash)
);

CREATE TABLE person_tokens (
    hash       BYTEA  NOT NULL,
    identity   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (hash)
);

CREATE TABLE sessions (
    id         TEXT   NOT NULL,
    record     TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE drafts (
    id          BIGINT NOT NULL,
    identity    BIGINT NOT NULL,
    group_id    BIGINT,
    document    TEXT   NOT NULL,
    description TEXT   NOT NULL,
    saved_at    BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE clusters (
    root               BIGINT NOT NULL,
    id                 BIGINT NOT NULL,
    group_id           BIGINT NOT NULL,
    name               TEXT   NOT NULL,
    description        TEXT   NOT NULL,
    provider           TEXT   NOT NULL,
    kubernetes_version TEXT   NOT NULL,
    created_at         BIGINT NOT NULL,
    seen_at            BIGINT,
    epoch              BIGINT,
    sequence           BIGINT,
    PRIMARY KEY (root, id)
);
CREATE UNIQUE INDEX clusters_by_name ON clusters (root, name);
CREATE INDEX clusters_by_group ON clusters (root, group_id);

CREATE TABLE cluster_tokens (
    root       BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    cluster    BIGINT NOT NULL,
    hash       BYTEA  NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (root, id)
);

CREATE TABLE nodes (
    root     BIGINT NOT NULL,
    cluster  BIGINT NOT NULL,
    name     TEXT   NOT NULL,
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    document TEXT   NOT NULL,
    PRIMARY KEY (root, cluster, until_at, name)
);

CREATE TABLE namespaces (
    root     BIGINT NOT NULL,
    cluster  BIGINT NOT NULL,
    name     TEXT   NOT NULL,
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    document TEXT   NOT NULL,
    PRIMARY KEY (root, cluster, until_at, name)
);

-- Parts of a snapshot that wait for the last one; then they land together.
CREATE TABLE staged_parts (
    root     BIGINT NOT NULL,
    cluster  BIGINT NOT NULL,
    epoch    BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    document TEXT   NOT NULL,
    PRIMARY KEY (root, cluster, epoch, sequence)
);

-- Pod templates by content: thousands of pods share one.
CREATE TABLE templates (
    root     BIGINT NOT NULL,
    digest   BYTEA  NOT NULL,
    document TEXT   NOT NULL,
    PRIMARY KEY (root, digest)
);

-- Every object that was reported; `document` is the object without its template.
CREATE TABLE workloads (
    root     BIGINT NOT NULL,
    cluster  BIGINT NOT NULL,
    uid      TEXT   NOT NULL,
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    digest   BYTEA  NOT NULL,
    template BYTEA,
    top      BIGINT,
    document TEXT   NOT NULL,
    PRIMARY KEY (root, cluster, until_at, uid)
);

-- What runs, as people count it: the top owners of running pods.
CREATE TABLE tops (
    root      BIGINT NOT NULL,
    cluster   BIGINT NOT NULL,
    id        BIGINT NOT NULL,
    kind      TEXT   NOT NULL,
    namespace TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    from_at   BIGINT NOT NULL,
    until_at  BIGINT NOT NULL,
    n_pods    BIGINT NOT NULL,
    PRIMARY KEY (root, cluster, until_at, id)
);
CREATE INDEX tops_now ON tops (root, cluster, until_at, namespace, name, kind, id);

CREATE TABLE images (
    root       BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    repository TEXT   NOT NULL,
    digest     BYTEA  NOT NULL,
    PRIMARY KEY (root, id)
);
CREATE UNIQUE INDEX images_by_name ON images (root, repository, digest);

-- Which running workload runs which image.
CREATE TABLE uses (
    root     BIGINT NOT NULL,
    cluster  BIGINT NOT NULL,
    top      BIGINT NOT NULL,
    image    BIGINT NOT NULL,
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (root, cluster, until_at, top, image)
);
CREATE INDEX uses_by_image ON uses (root, cluster, until_at, image, top);

-- Which image was present in which cluster, from when until when.
CREATE TABLE presence (
    root     BIGINT NOT NULL,
    cluster  BIGINT NOT NULL,
    image    BIGINT NOT NULL,
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (root, cluster, until_at, image)
);
CREATE INDEX presence_by_image ON presence (root, image, until_at, cluster);

CREATE TABLE policies (
    root        BIGINT NOT NULL,
    id          BIGINT NOT NULL,
    group_id    BIGINT NOT NULL,
    name        TEXT   NOT NULL,
    description TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    mode        TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    changed_at  BIGINT NOT NULL,
    PRIMARY KEY (root, id)
);
CREATE UNIQUE INDEX policies_by_name ON policies (root, group_id, name);

CREATE TABLE policy_versions (
    root       BIGINT NOT NULL,
    policy     BIGINT NOT NULL,
    number     BIGINT NOT NULL,
    id         BIGINT NOT NULL,
    document   TEXT   NOT NULL,
    author     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (root, policy, number)
);

-- Which version held, from when until when.
CREATE TABLE policy_activity (
    root     BIGINT NOT NULL,
    policy   BIGINT NOT NULL,
    number   BIGINT NOT NULL,
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (root, policy, from_at)
);

-- When a place was last asked for an image's signatures, and when it is asked again.
CREATE TABLE lookups (
    root     BIGINT NOT NULL,
    image    BIGINT NOT NULL,
    source   TEXT   NOT NULL,
    place    TEXT   NOT NULL,
    asked_at BIGINT NOT NULL,
    next_at  BIGINT NOT NULL,
    cause    TEXT,
    PRIMARY KEY (root, image, source)
);
CREATE INDEX lookups_due ON lookups (next_at);

-- Bytes by digest, shared below the organizations and reachable only through their look-ups.
CREATE TABLE blobs (
    digest     BYTEA NOT NULL,
    media_type TEXT  NOT NULL,
    bytes      BYTEA NOT NULL,
    PRIMARY KEY (digest)
);

-- What was found for an image at a place, from when until when.
CREATE TABLE evidence (
    root       BIGINT NOT NULL,
    image      BIGINT NOT NULL,
    source     TEXT   NOT NULL,
    position   BIGINT NOT NULL,
    from_at    BIGINT NOT NULL,
    until_at   BIGINT NOT NULL,
    kind       TEXT   NOT NULL,
    digest     BYTEA  NOT NULL,
    annotations TEXT  NOT NULL,
    PRIMARY KEY (root, image, source, until_at, position)
);

-- What verification made of an image's evidence under one trust; derived, replaceable.
CREATE TABLE facts (
    root     BIGINT NOT NULL,
    image    BIGINT NOT NULL,
    source   TEXT   NOT NULL,
    trust    BYTEA  NOT NULL,
    document TEXT   NOT NULL,
    PRIMARY KEY (root, image, source, trust)
);

-- What a policy version said of an image; `fields` digests the workload fields the policy
-- reads (empty: none). `outcome`: 0 pass, 1 warn, 2 could not check, 3 fail.
CREATE TABLE verdicts (
    root       BIGINT NOT NULL,
    image      BIGINT NOT NULL,
    policy     BIGINT NOT NULL,
    fields     BYTEA  NOT NULL,
    from_at    BIGINT NOT NULL,
    until_at   BIGINT NOT NULL,
    number     BIGINT NOT NULL,
    outcome    BIGINT NOT NULL,
    recheck_at BIGINT,
    evaluator  TEXT   NOT NULL,
    document   TEXT   NOT NULL,
    PRIMARY KEY (root, image, until_at, policy, fields)
);
CREATE INDEX verdicts_now ON verdicts (root, until_at, image, policy, outcome, from_at);
CREATE INDEX verdicts_by_policy ON verdicts (root, policy, until_at, outcome, image, from_at);
CREATE INDEX verdicts_due ON verdicts (until_at, recheck_at) WHERE recheck_at IS NOT NULL;

-- Images whose verdicts have to be made again.
CREATE TABLE queue (
    root      BIGINT NOT NULL,
    image     BIGINT NOT NULL,
    queued_at BIGINT NOT NULL,
    PRIMARY KEY (root, image)
);

-- Clusters whose counts have to be made again.
CREATE TABLE tally_queue (
    root      BIGINT NOT NULL,
    cluster   BIGINT NOT NULL,
    queued_at BIGINT NOT NULL,
    PRIMARY KEY (root, cluster)
);

-- (workload, policy) pairs of a cluster by outcome, from when until when.
CREATE TABLE tallies (
    root            BIGINT NOT NULL,
    cluster         BIGINT NOT NULL,
    policy          BIGINT NOT NULL,
    from_at         BIGINT NOT NULL,
    until_at        BIGINT NOT NULL,
    pass            BIGINT NOT NULL,
    warn            BIGINT NOT NULL,
    could_not_check BIGINT NOT NULL,
    fail            BIGINT NOT NULL,
    PRIMARY KEY (root, until_at, cluster, policy)
);

-- Running workloads of a cluster that no policy covers, from when until when.
CREATE TABLE coverage (
    root          BIGINT NOT NULL,
    cluster       BIGINT NOT NULL,
    from_at       BIGINT NOT NULL,
    until_at      BIGINT NOT NULL,
    n_workloads   BIGINT NOT NULL,
    n_not_covered BIGINT NOT NULL,
    PRIMARY KEY (root, until_at, cluster)
);

CREATE TABLE events (
    root       BIGINT NOT NULL,
    sequence   BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    group_path TEXT   NOT NULL,
    actor      TEXT   NOT NULL,
    change     TEXT   NOT NULL,
    PRIMARY KEY (root, sequence)
);
