CREATE TABLE t (
	id serial PRIMARY KEY,
	k integer NOT NULL UNIQUE,
	v text DEFAULT 'none',
	u uuid DEFAULT gen_random_uuid(),
	at timestamptz DEFAULT now(),
	"on" date DEFAULT CURRENT_DATE
);
CREATE TABLE i (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	t_id integer REFERENCES t (id),
	j jsonb,
	double integer GENERATED ALWAYS AS (t_id * 2) STORED
);
CREATE TABLE pair (a integer, b integer, c text, PRIMARY KEY (a, b));
CREATE TABLE "Mixed Case" ("Id" integer PRIMARY KEY, "select" text);
CREATE SEQUENCE s;
CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
INSERT INTO t (k, v, u) SELECT n, 'v' || n, NULL FROM generate_series(1, 20) n;
INSERT INTO pair SELECT n % 4, n, 'c' || n FROM generate_series(1, 12) n;
INSERT INTO "Mixed Case" VALUES (1, 'one'), (2, 'two');
