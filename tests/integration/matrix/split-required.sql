CREATE TABLE settings (
	user_id integer PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
	theme text NOT NULL DEFAULT 'light' CHECK (theme IN ('light', 'dark')),
	mail_state text NOT NULL,
	locale text NOT NULL
);
INSERT INTO settings SELECT id, theme, CASE WHEN mails THEN 'on' ELSE 'off' END,
	'en' FROM users;
ALTER TABLE users DROP theme, DROP mails;
CREATE TABLE dimensions (
	article text PRIMARY KEY REFERENCES articles (sku) ON DELETE CASCADE
		ON UPDATE CASCADE,
	width integer,
	height integer DEFAULT 10
);
INSERT INTO dimensions SELECT sku, width, height FROM articles;
ALTER TABLE articles DROP width, DROP height;
