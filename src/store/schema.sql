-- The store's tables. application_id and user_version are set by store.c.
-- Verdicts, classes and reasons are stored by name, so that a new row in a .def
-- table does not change the meaning of stored ones. Fingerprints have 64 bits and
-- are stored as SQLite's signed integers. Times are unix microseconds.

CREATE TABLE fact (
	key TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE statement (
	fingerprint INTEGER PRIMARY KEY,
	text TEXT,
	kind TEXT,
	primary_latency BLOB,
	shadow_latency BLOB
);

-- The parts of the evidence: a part begins when the mapping (the digest of its
-- file), the shadow or the journal changes. Readers look at the last one unless
-- asked for another.
CREATE TABLE part (
	number INTEGER PRIMARY KEY,
	began INTEGER NOT NULL,
	mapping TEXT NOT NULL,
	shadow TEXT NOT NULL,
	journal TEXT NOT NULL,
	cause TEXT NOT NULL
);

-- How often a fingerprint got a verdict. kept: rows of `divergence` for it.
CREATE TABLE tally (
	fingerprint INTEGER NOT NULL,
	verdict TEXT NOT NULL,
	class TEXT NOT NULL,
	reason TEXT NOT NULL,
	count INTEGER NOT NULL,
	kept INTEGER NOT NULL,
	first_at INTEGER NOT NULL,
	last_at INTEGER NOT NULL,
	detail TEXT,
	part INTEGER NOT NULL,
	PRIMARY KEY (fingerprint, verdict, class, reason, part)
) WITHOUT ROWID;

-- Evidence, redacted before it is stored. evidence: JSON, see evidence.c.
CREATE TABLE divergence (
	id INTEGER PRIMARY KEY,
	fingerprint INTEGER NOT NULL,
	verdict TEXT NOT NULL,
	class TEXT NOT NULL,
	reason TEXT NOT NULL,
	seq INTEGER NOT NULL,
	session INTEGER NOT NULL,
	epoch INTEGER NOT NULL,
	at INTEGER NOT NULL,
	primary_us INTEGER NOT NULL,
	shadow_us INTEGER NOT NULL,
	client TEXT,
	old_statement TEXT,
	new_statement TEXT,
	detail TEXT,
	evidence TEXT NOT NULL,
	part INTEGER NOT NULL
);

CREATE INDEX divergence_group
	ON divergence (fingerprint, verdict, class, reason, id);
