-- Look-ups ask for more than cosign's signatures, and an unchanged one writes nothing.
--
-- `source` names what is asked for beside where: {"kind":"signatures",...}. A look-up that goes
-- by its schedule has no time of its own: `phase` is its place within the interval of its host
-- (0 to 1048575), and the heartbeat says up to when phases were passed. `next_at` is set where
-- somebody is asked apart from that: after a failure, by hand, by a registry's notification;
-- 9223372036854775807 means "by schedule". `asked_at` is when it last brought something new.

UPDATE lookups SET source = CASE WHEN source = '{}' THEN '{"kind":"signatures"}'
                                 ELSE '{"kind":"signatures",' || substr(source, 2) END;
UPDATE evidence SET source = CASE WHEN source = '{}' THEN '{"kind":"signatures"}'
                                  ELSE '{"kind":"signatures",' || substr(source, 2) END;

-- Derived from the evidence, by other checks than before.
DELETE FROM facts;

ALTER TABLE lookups ADD COLUMN host TEXT NOT NULL DEFAULT '';
ALTER TABLE lookups ADD COLUMN phase BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lookups ADD COLUMN validator TEXT;
CREATE INDEX lookups_by_phase ON lookups (host, phase);

-- What a found document says, by the digest of the bytes it was found in: derived once, and
-- again when the readers change (`reader` is their version).
CREATE TABLE documents (
    root    BIGINT NOT NULL,
    id      BIGINT NOT NULL,
    digest  BYTEA  NOT NULL,
    reader  BIGINT NOT NULL,
    kind    TEXT   NOT NULL,
    summary TEXT   NOT NULL,
    problem TEXT,
    PRIMARY KEY (root, id)
);
CREATE UNIQUE INDEX documents_by_digest ON documents (root, digest);

-- Packages by what they are called: thousands of images share one.
CREATE TABLE packages (
    root      BIGINT NOT NULL,
    id        BIGINT NOT NULL,
    ecosystem TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    version   TEXT   NOT NULL,
    purl      TEXT   NOT NULL,
    kind      TEXT   NOT NULL,
    licences  TEXT   NOT NULL,
    PRIMARY KEY (root, id)
);
CREATE UNIQUE INDEX packages_by_name
    ON packages (root, name, version, ecosystem, purl, kind, licences);
CREATE INDEX packages_by_purl ON packages (root, purl);

-- Which packages an image holds, as its SBOMs say, from when until when.
CREATE TABLE image_packages (
    root     BIGINT NOT NULL,
    image    BIGINT NOT NULL,
    package  BIGINT NOT NULL,
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (root, image, until_at, package)
);
CREATE INDEX image_packages_by_package ON image_packages (root, package, until_at, image);

-- Vulnerabilities by id, as the last that was read describes them.
CREATE TABLE vulnerabilities (
    root     BIGINT NOT NULL,
    id       TEXT   NOT NULL,
    title    TEXT   NOT NULL,
    PRIMARY KEY (root, id)
);

-- What reports and the operator's database say of an image's packages, from when until when.
-- `severity`: 0 unknown, 1 negligible, 2 low, 3 medium, 4 high, 5 critical. `fix`: 0 unknown,
-- 1 not fixed, 2 fixed, 3 will not be fixed. `excuse` is not empty where a VEX statement says
-- that it does not apply.
CREATE TABLE image_vulnerabilities (
    root          BIGINT NOT NULL,
    image         BIGINT NOT NULL,
    vulnerability TEXT   NOT NULL,
    package       BIGINT NOT NULL,
    from_at       BIGINT NOT NULL,
    until_at      BIGINT NOT NULL,
    severity      BIGINT NOT NULL,
    fix           BIGINT NOT NULL,
    fixed_in      TEXT   NOT NULL,
    excuse        TEXT   NOT NULL,
    PRIMARY KEY (root, image, until_at, vulnerability, package)
);
CREATE INDEX image_vulnerabilities_by_severity
    ON image_vulnerabilities (root, until_at, severity, vulnerability, package, image);

-- What images are found by besides their packages: who built or signed them, from what.
CREATE TABLE traits (
    root  BIGINT NOT NULL,
    name  TEXT   NOT NULL,
    value TEXT   NOT NULL,
    image BIGINT NOT NULL,
    PRIMARY KEY (root, name, value, image)
);
CREATE INDEX traits_by_image ON traits (root, image, name, value);

-- What is known of an image now, derived from its evidence and verdicts. `worst` is the worst
-- outcome anywhere (-1: not covered), for the order of lists; `mark` is what the evidence was
-- recognised by that the rest was derived from.
CREATE TABLE image_states (
    root       BIGINT NOT NULL,
    image      BIGINT NOT NULL,
    worst      BIGINT NOT NULL,
    created_at BIGINT,
    document   TEXT   NOT NULL,
    mark       BYTEA,
    PRIMARY KEY (root, image)
);
CREATE INDEX image_states_by_worst ON image_states (root, worst, image);
