-- plan: FROM pages AS docs
SELECT id, title, body FROM docs ORDER BY id;
-- skip
SELECT pg_advisory_lock(7);
-- skip
select pg_advisory_unlock( 7 );
-- plan: find_pages(at_most => 2, words => 'dogs')
SELECT id, title FROM search('dogs', 2);
-- plan: find_pages(at_most => 1, words => 'cat''s')
SELECT id, title /* the first */ FROM search('cat''s', 1);
-- $1=dogs $2=5
-- plan: find_pages(at_most => $1, words => $2)
SELECT id, title FROM search($1, $2);
-- plan: WHERE search @@ plainto_tsquery('english', 'cats')
-- order: total
SELECT id FROM docs WHERE to_tsvector('english', body) @@ plainto_tsquery('english', 'cats') ORDER BY id;
-- plan: FROM pages AS docs
SELECT id FROM docs WHERE to_tsvector('english', body) @@ plainto_tsquery('english', 'cats') ORDER BY id DESC;
-- plan: edits = edits + 1
UPDATE docs SET title = 'x'') --', body = upper('y') WHERE id = 1;
-- $1=t $2=1
UPDATE docs SET title = $1, body = 'of ' || 'it' WHERE id = $2;
SELECT id, title, body FROM docs;
