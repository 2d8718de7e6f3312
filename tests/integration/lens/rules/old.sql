CREATE TABLE docs (
	id integer PRIMARY KEY,
	title text NOT NULL,
	body text
);
INSERT INTO docs VALUES (1, 'Cats', 'a cat sat'), (2, 'Dogs', 'the dogs ran'), (3, 'Both', 'dogs and cats');
CREATE FUNCTION search(words text, most integer) RETURNS SETOF docs LANGUAGE sql STABLE AS
	'SELECT * FROM docs WHERE to_tsvector(''english'', body) @@ plainto_tsquery(''english'', $1) ORDER BY id LIMIT $2';
