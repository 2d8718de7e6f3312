CREATE TYPE color AS ENUM ('red', 'green');
CREATE SEQUENCE ticket;
CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE TABLE item (
	code integer PRIMARY KEY,
	level smallint NOT NULL DEFAULT 1,
	mood text,
	amount integer,
	weight numeric(6,1),
	tag varchar(5),
	paint color DEFAULT 'red',
	first text,
	last text,
	day date,
	old_flag integer DEFAULT 0,
	tic bigint DEFAULT nextval('ticket')
);
INSERT INTO item VALUES (1, 1, NULL, 5, 2.5, 'a', 'red', 'Al', 'Bo', '2020-01-02', 0),
	(2, 3, 'good', 6, 3.5, 'bb', 'green', 'Cy', 'Di', '2021-01-02', 0);
