CREATE TYPE color AS ENUM ('red', 'green');
CREATE SEQUENCE ticket_number;
CREATE FUNCTION doubled(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE TABLE "Thing" (
	"Full" text,
	"Code" bigint PRIMARY KEY,
	level text NOT NULL,
	feeling text DEFAULT 'none',
	amount numeric,
	weight double precision,
	tag text,
	paint color DEFAULT 'green',
	"on" date,
	tic bigint DEFAULT nextval('ticket_number')
);
CREATE INDEX ON "Thing" (level);
INSERT INTO "Thing" VALUES ('Al,Bo', 1, 'low', 'none', 5, 2.5, 'a', 'red', '2020-01-02'),
	('Cy,Di', 2, 'high', 'fine', 6, 3.5, 'bb', 'green', '2021-01-02');
