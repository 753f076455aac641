CREATE SCHEMA IF NOT EXISTS impasto;
SET LOCAL search_path = impasto;

-- Milliseconds since 1970, by the one clock that all machines share.
CREATE OR REPLACE FUNCTION millis() RETURNS bigint LANGUAGE sql AS
    $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

CREATE TABLE IF NOT EXISTS studio (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    version bigint NOT NULL,
    revision bigint NOT NULL
);
INSERT INTO studio (version, revision) VALUES (1, 0) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS jobs (
    number bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    id text NOT NULL UNIQUE,
    revision bigint NOT NULL,
    verb text NOT NULL,
    -- JSON is text here: it comes back as it was.
    settings text NOT NULL,
    line text NOT NULL,
    state text NOT NULL,
    lane text NOT NULL,
    priority integer NOT NULL,
    parent text,
    client text NOT NULL,
    created bigint NOT NULL,
    started bigint,
    finished bigint,
    stopped boolean NOT NULL DEFAULT false,
    progress text,
    notes text NOT NULL DEFAULT '[]',
    error text,
    wish text,
    attempts integer NOT NULL DEFAULT 0,
    worker text,
    lease bigint
);
CREATE INDEX IF NOT EXISTS jobs_revision ON jobs (revision);
CREATE INDEX IF NOT EXISTS jobs_state ON jobs (state, lane, priority DESC, number);

CREATE TABLE IF NOT EXISTS files (
    job bigint NOT NULL REFERENCES jobs ON DELETE CASCADE,
    place bigint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    bytes bigint NOT NULL,
    facts text NOT NULL,
    PRIMARY KEY (job, name)
);

CREATE TABLE IF NOT EXISTS points (
    job bigint NOT NULL REFERENCES jobs ON DELETE CASCADE,
    n bigint NOT NULL,
    revision bigint NOT NULL,
    point text NOT NULL,
    PRIMARY KEY (job, n)
);
CREATE INDEX IF NOT EXISTS points_revision ON points (revision);

-- Jobs that were removed, for those who have not heard of it.
CREATE TABLE IF NOT EXISTS gone (
    revision bigint PRIMARY KEY,
    id text NOT NULL
);

CREATE TABLE IF NOT EXISTS pictures (
    id text PRIMARY KEY,
    picture text NOT NULL,
    shipped boolean NOT NULL,
    used bigint NOT NULL
);

-- Which pictures a job reads.
CREATE TABLE IF NOT EXISTS uses (
    job bigint NOT NULL REFERENCES jobs ON DELETE CASCADE,
    picture text NOT NULL,
    PRIMARY KEY (job, picture)
);
CREATE INDEX IF NOT EXISTS uses_picture ON uses (picture);
