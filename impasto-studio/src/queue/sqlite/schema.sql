CREATE TABLE IF NOT EXISTS studio (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    version INTEGER NOT NULL,
    revision INTEGER NOT NULL
) STRICT;
INSERT OR IGNORE INTO studio VALUES (1, 1, 0);

CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
    verb TEXT NOT NULL,
    settings TEXT NOT NULL,
    line TEXT NOT NULL,
    state TEXT NOT NULL,
    lane TEXT NOT NULL,
    priority INTEGER NOT NULL,
    parent TEXT,
    client TEXT NOT NULL,
    -- Milliseconds since 1970, as all times.
    created INTEGER NOT NULL,
    started INTEGER,
    finished INTEGER,
    stopped INTEGER NOT NULL DEFAULT 0,
    progress TEXT,
    notes TEXT NOT NULL DEFAULT '[]',
    error TEXT,
    wish TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    worker TEXT,
    lease INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_revision ON jobs (revision);
CREATE INDEX IF NOT EXISTS jobs_state ON jobs (state, lane, priority DESC, number);

CREATE TABLE IF NOT EXISTS files (
    job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (job, name)
) STRICT;

CREATE TABLE IF NOT EXISTS points (
    job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    n INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    point TEXT NOT NULL,
    PRIMARY KEY (job, n)
) STRICT;
CREATE INDEX IF NOT EXISTS points_revision ON points (revision);

-- Jobs that were removed, for those who have not heard of it.
CREATE TABLE IF NOT EXISTS gone (
    revision INTEGER PRIMARY KEY,
    id TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS pictures (
    id TEXT PRIMARY KEY,
    picture TEXT NOT NULL,
    shipped INTEGER NOT NULL,
    used INTEGER NOT NULL
) STRICT;

-- Which pictures a job reads.
CREATE TABLE IF NOT EXISTS uses (
    job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    picture TEXT NOT NULL,
    PRIMARY KEY (job, picture)
) STRICT;
CREATE INDEX IF NOT EXISTS uses_picture ON uses (picture);
