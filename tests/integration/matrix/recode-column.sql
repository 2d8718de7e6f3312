CREATE TYPE phase AS ENUM ('open', 'settled', 'sent', 'gone');
ALTER TABLE users DROP CONSTRAINT users_level_check,
	DROP CONSTRAINT users_theme_check;
ALTER TABLE users RENAME active TO status;
ALTER TABLE users
	ALTER status DROP DEFAULT,
	ALTER status TYPE text USING CASE WHEN status THEN 'enabled' ELSE 'disabled' END,
	ALTER status SET DEFAULT 'enabled',
	ALTER level DROP DEFAULT,
	ALTER level TYPE text USING CASE level WHEN 1 THEN 'low' WHEN 2 THEN 'mid'
		WHEN 3 THEN 'high' ELSE 'unknown' END,
	ALTER level SET DEFAULT 'low',
	ALTER level SET NOT NULL,
	ALTER theme DROP DEFAULT,
	ALTER theme TYPE char(1) USING CASE theme WHEN 'light' THEN 'L' ELSE 'D' END,
	ALTER theme SET DEFAULT 'L';
ALTER TABLE users ADD CHECK (status IN ('enabled', 'disabled')),
	ADD CHECK (level IN ('low', 'mid', 'high', 'unknown')),
	ADD CHECK (theme IN ('L', 'D'));
ALTER TABLE articles RENAME price TO price_cents;
ALTER TABLE articles
	ALTER price_cents DROP DEFAULT,
	ALTER price_cents TYPE bigint USING round(price_cents * 100),
	ALTER price_cents SET DEFAULT 50;
ALTER TABLE orders
	ALTER state DROP DEFAULT,
	ALTER state TYPE phase USING (CASE state WHEN 'new' THEN 'open'
		WHEN 'paid' THEN 'settled' WHEN 'shipped' THEN 'sent'
		ELSE 'gone' END)::phase,
	ALTER state SET DEFAULT 'open';
DROP TYPE order_state;
