"""sqlsmith's statements over the old schema of the shop, through the shop's mapping:
the new schema's answers must be the same.

    smith.py [-v] [--count N] [--seed N] [--seeds N]

Each is run in a transaction of its own that is rolled back, by a role that may do
no more than use the tables.
"""

import argparse
import os
import re
import sys
import time

from pair import Pair, Tally, harness

SHOP = os.path.join(harness.ROOT, "tests", "integration", "lens", "shop")
MAPPING = os.path.join(harness.ROOT, "mappings", "shop.yaml")
UNTRANSLATABLE_MAX = 0.05
UNDECIDED_MAX = 0.03
SAME_MIN = 0.5

RIGHTS = """
CREATE ROLE smith LOGIN;
DO $$DECLARE s text; BEGIN
 FOR s IN SELECT quote_ident(nspname) FROM pg_namespace
   WHERE nspname !~ '^pg_|^information_schema' LOOP
  EXECUTE format('GRANT ALL ON SCHEMA %s TO smith', s);
  EXECUTE format('GRANT ALL ON ALL TABLES IN SCHEMA %s TO smith', s);
  EXECUTE format('GRANT ALL ON ALL SEQUENCES IN SCHEMA %s TO smith', s);
 END LOOP;
END$$;
ALTER DATABASE smith SET statement_timeout = '3s';
ANALYZE;
"""


def statements(place, cluster, seed, count):
    """What sqlsmith makes up; it goes nowhere."""
    text = place.run(["sqlsmith", "--dry-run", "--exclude-catalog",
                      f"--seed={seed}", f"--max-queries={count}",
                      f"--target=host=127.0.0.1 port={cluster.port} "
                      "dbname=smith user=smith"])
    text = text[text.index("Generating indexes"):].split("\n", 1)[1]
    # A sample of rows is another one at each time.
    text = re.sub(r"tablesample (system|bernoulli) \([\d.]+\)", "", text)
    return [one.strip() for one in re.split(r";\s*\n", text) if one.strip()]


# An INSERT without a list of columns, or one that names it, writes it too.
WRITES_DROPPED = re.compile(
    r"\s*insert into (public\.)?users\b|\s*update (public\.)?users\b.*"
    r"\blegacy_flags\b", re.S | re.I)


def excuse(text, reply):
    """What no mapping can keep from happening."""
    failed, failed_new = reply["failed"], reply["failed_new"]
    message = reply["message"] + reply["message_new"]
    reason = None
    if failed and failed_new:
        reason = "both refuse it, for another of its mistakes"
    elif (failed or failed_new) in ("42883", "42725") and \
            re.search(r"\b(integer|bigint)\b", message):
        reason = "the column's new type has other operators"
    elif (failed or failed_new) == "42501" and \
            "permission denied for function" in message:
        reason = "a function that the role may not run, if it is reached"
    elif failed and WRITES_DROPPED.match(text):
        reason = "a mistake in a value for the column that is dropped"
    elif (failed or failed_new).startswith("22"):
        reason = "a value that cannot be computed, if the plan comes to it"
    if reason:
        reply["verdict"], reply["reason"] = "undecided", reason


class Smith:
    def __init__(self, place):
        self.place = place
        self.clusters = []
        for side in ("old", "new"):
            cluster = harness.Cluster(place, side,
                                      {"log_min_messages": "panic"}).start()
            cluster.create_database("smith")
            with open(os.path.join(SHOP, f"{side}.sql")) as file:
                cluster.psql(file.read(), "smith")
            cluster.psql(RIGHTS, "smith")
            # The two were loaded one after the other.
            cluster.psql("UPDATE " + ("users" if side == "old" else "accounts")
                         + " SET created_at = '2024-02-29 12:00:00Z'", "smith")
            self.clusters.append(cluster)
        self.tally = Tally(("select", "insert", "update", "delete", "merge"))

    def run(self, pair, seed, count):
        for number, text in enumerate(
                statements(self.place, self.clusters[0], seed, count)):
            pair.ask(do="raw", text="BEGIN")
            reply = pair.ask(do="run", text=text)
            pair.ask(do="raw", text="ROLLBACK")
            if reply["verdict"] == "diverged":
                excuse(text, reply)
            self.tally.add(f"seed {seed}, statement {number}", text, reply)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-v", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--count", type=int, default=int(
        os.environ.get("PARALLAX_SMITH", "3000")))
    options = parser.parse_args()
    start = time.monotonic()
    with harness.Workplace("smith") as place:
        smith = Smith(place)
        with Pair(*smith.clusters) as pair:
            if not pair.open("smith", "smith"):
                sys.exit("no connection")
            pair.ask(do="map", mapping=MAPPING)
            for seed in range(options.seed, options.seed + options.seeds):
                smith.run(pair, seed, options.count)
    tally = smith.tally
    tally.show()
    tally.show_differing(1000 if options.v else 10)
    sys.exit(0 if judge(tally, time.monotonic() - start) else 1)


def judge(tally, took):
    seen = tally.total()
    refused = tally.total("refused too")
    untranslatable = tally.total("untranslatable")
    same = tally.total("same", "equal")
    print(f"{seen} statements in {took:.0f} s: {same} the same, "
          f"{tally.total('undecided')} open, {untranslatable} untranslatable, "
          f"{refused} untranslatable and refused by the old schema's server "
          f"too, {len(tally.differing)} DIFFER")
    return (not tally.differing and seen and same > SAME_MIN * seen and
            untranslatable < UNTRANSLATABLE_MAX * seen and
            tally.total("undecided") < UNDECIDED_MAX * seen)


if __name__ == "__main__":
    main()
