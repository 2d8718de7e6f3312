-- The results of `parallax verify`: the newest comparison of each old table.
-- Created at its first write, and not part of schema.sql, since a mirror's store
-- of this version may lack it. detail: JSON, see drift.c.

CREATE TABLE IF NOT EXISTS drift (
	schema TEXT NOT NULL,
	name TEXT NOT NULL,
	state TEXT NOT NULL,
	at INTEGER NOT NULL,
	primary_rows INTEGER NOT NULL,
	shadow_rows INTEGER NOT NULL,
	missing INTEGER NOT NULL,
	extra INTEGER NOT NULL,
	value INTEGER NOT NULL,
	undecided INTEGER NOT NULL,
	repaired INTEGER NOT NULL,
	capped INTEGER NOT NULL,
	problem TEXT,
	note TEXT,
	detail TEXT NOT NULL,
	PRIMARY KEY (schema, name)
) WITHOUT ROWID;
