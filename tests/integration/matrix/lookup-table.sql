CREATE TABLE countries (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
INSERT INTO countries (name) SELECT DISTINCT country FROM users
	WHERE country IS NOT NULL;
ALTER TABLE users ADD country_id integer REFERENCES countries (id);
UPDATE users SET country_id = c.id FROM countries c WHERE c.name = country;
ALTER TABLE users DROP country;
CREATE TABLE colors (id serial PRIMARY KEY, color text NOT NULL UNIQUE);
INSERT INTO colors (color) SELECT DISTINCT color FROM articles
	WHERE color IS NOT NULL;
ALTER TABLE articles RENAME color TO old_color;
ALTER TABLE articles ADD color integer REFERENCES colors (id);
UPDATE articles SET color = c.id FROM colors c WHERE c.color = old_color;
ALTER TABLE articles DROP old_color;
