ALTER TABLE articles ADD attributes jsonb;
UPDATE articles SET attributes = jsonb_build_object(
	'width', width, 'height', height, 'color', color);
ALTER TABLE articles DROP width, DROP height, DROP color,
	ALTER attributes SET NOT NULL;
ALTER TABLE users ADD settings jsonb;
UPDATE users SET settings = jsonb_build_object('theme', theme, 'mails', mails);
ALTER TABLE users DROP theme, DROP mails, ALTER settings SET NOT NULL,
	ADD CHECK (coalesce(settings->>'theme' IN ('light', 'dark'), false));
