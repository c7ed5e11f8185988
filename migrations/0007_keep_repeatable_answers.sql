-- Answers to requests with an Idempotency-Key, so that one that is sent again is answered and not
-- done again. They belong to a caller, not to an organization. `answer` is sealed: it may show a
-- secret that is shown once. Rows older than a day count for nothing, and are removed.
CREATE TABLE repeatable_answers (
    caller  TEXT   NOT NULL,
    key     TEXT   NOT NULL,
    request BYTEA  NOT NULL,
    status  BIGINT NOT NULL,
    answer  BYTEA  NOT NULL,
    kept_at BIGINT NOT NULL,
    PRIMARY KEY (caller, key)
);
CREATE INDEX repeatable_answers_by_time ON repeatable_answers (kept_at);
