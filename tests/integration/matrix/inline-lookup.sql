ALTER TABLE articles ADD category text REFERENCES categories (name)
	ON UPDATE CASCADE;
UPDATE articles SET category = c.name FROM categories c WHERE c.id = category_id;
ALTER TABLE articles DROP category_id;
