CREATE TABLE pages (
	id integer PRIMARY KEY,
	title text NOT NULL,
	content text,
	edits integer NOT NULL DEFAULT 0,
	search tsvector GENERATED ALWAYS AS (to_tsvector('english', coalesce(content, ''))) STORED
);
INSERT INTO pages VALUES (1, 'Cats', 'a cat sat'), (2, 'Dogs', 'the dogs ran'), (3, 'Both', 'dogs and cats');
CREATE FUNCTION find_pages(at_most integer, words text) RETURNS SETOF pages LANGUAGE sql STABLE AS
	'SELECT * FROM pages WHERE search @@ plainto_tsquery(''english'', $2) ORDER BY id LIMIT $1';
CREATE FUNCTION search(words text, most integer) RETURNS SETOF pages LANGUAGE sql STABLE AS 'SELECT * FROM pages WHERE false';
