-- Files that SBOMs list, by path: thousands of images share one.

CREATE TABLE files (
    root BIGINT NOT NULL,
    id   BIGINT NOT NULL,
    path TEXT   NOT NULL,
    PRIMARY KEY (root, id)
);
CREATE UNIQUE INDEX files_by_path ON files (root, path);

-- Which files an image holds, as its SBOMs say, from when until when.
CREATE TABLE image_files (
    root     BIGINT NOT NULL,
    image    BIGINT NOT NULL,
    file     BIGINT NOT NULL,
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (root, image, until_at, file)
);
CREATE INDEX image_files_by_file ON image_files (root, file, until_at, image);
