ALTER TABLE articles ADD tags text[];
UPDATE articles SET tags = ARRAY[tag1, tag2];
ALTER TABLE articles DROP tag1, DROP tag2, ALTER tags SET NOT NULL;
ALTER TABLE articles ADD size integer[];
UPDATE articles SET size = ARRAY[width, height];
ALTER TABLE articles DROP width, DROP height;
