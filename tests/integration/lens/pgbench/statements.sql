BEGIN;
-- index
UPDATE pgbench_accounts SET abalance = abalance + 120 WHERE aid = 77;
-- index
-- order: total
SELECT abalance FROM pgbench_accounts WHERE aid = 77;
UPDATE pgbench_tellers SET tbalance = tbalance + 120 WHERE tid = 3;
UPDATE pgbench_branches SET bbalance = bbalance + 120 WHERE bid = 1;
INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (3, 1, 77, 120, CURRENT_TIMESTAMP);
END;
-- $1=-3 $2=78
-- index
UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2;
-- $1=78
-- index
SELECT abalance FROM pgbench_accounts WHERE aid = $1;
-- index
SELECT aid FROM pgbench_accounts WHERE aid IN (1, 2, 3) ORDER BY aid;
-- index
DELETE FROM pgbench_accounts WHERE aid = 4999;
-- index
SELECT a.abalance, t.tbalance FROM pgbench_accounts a JOIN pgbench_tellers t USING (bid) WHERE a.aid = 5 ORDER BY t.tid;
SELECT * FROM pgbench_history;
SELECT sum(abalance) FROM pgbench_accounts;
COPY (SELECT aid, abalance FROM pgbench_accounts WHERE aid < 3 ORDER BY aid) TO STDOUT;
COPY pgbench_branches TO STDOUT;
TRUNCATE pgbench_history;
SELECT count(*) FROM pgbench_history;
