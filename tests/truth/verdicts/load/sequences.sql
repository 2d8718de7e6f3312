\set key random(1, 1000000000)
SELECT nextval('ticket_seq') AS ticket \gset
INSERT INTO audit (who, what) VALUES (:ticket, 'ticket') RETURNING id, who;
SELECT currval('ticket_seq');
SELECT what FROM audit WHERE who = :ticket AND what = 'ticket';
INSERT INTO users (email, name, score) VALUES ('s' || :key || '@x', 'Se Quence', nextval('ticket_seq')) RETURNING id, score;
SELECT name FROM users WHERE email = 's' || :key || '@x';
