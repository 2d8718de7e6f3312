DROP VIEW buyers;
ALTER TABLE users
	ALTER email TYPE text,
	ALTER score TYPE bigint,
	ALTER born TYPE timestamp,
	ALTER mails DROP DEFAULT,
	ALTER mails TYPE smallint USING mails::integer,
	ALTER mails SET DEFAULT 1;
ALTER TABLE orders
	ALTER qty TYPE integer,
	ALTER note TYPE varchar(5000),
	ALTER user_id TYPE bigint;
ALTER TABLE articles
	ALTER price TYPE numeric(14,4),
	ALTER width TYPE text USING width::text;

CREATE VIEW buyers AS
	SELECT u.id, u.email, count(o.id) AS orders, max(o.day) AS latest
	FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id;
CREATE FUNCTION loyalty(bigint) RETURNS integer IMMUTABLE LANGUAGE sql
	AS 'SELECT ($1 * 2 + 1)::integer';
