"""Old statements on the old schema, their plans on the new one (test_lens.c)."""

import os
import subprocess
import unittest

from harness import BUILD, ROOT, SharedCluster, Workplace

CASES = [("identity", None), ("shop", "shop"), ("pgbench", "pgbench"),
         ("retyped", "retyped"), ("types", "types"),
         ("rules", "rules")]
HERE = os.path.join(ROOT, "tests/integration/lens")


class Lens(unittest.TestCase):
    def test_lens(self):
        with Workplace("lens") as place:
            cluster = SharedCluster.take(place, "server")
            for case, mapping in CASES:
                with self.subTest(case=case):
                    self.run_case(place, cluster, case, mapping)

    def run_case(self, place, cluster, case, mapping):
        def psql(database, *options):
            place.run([place.tool("psql"), "-qX", "-v", "ON_ERROR_STOP=1",
                       "-h", cluster.host, "-p", cluster.port,
                       "-U", "postgres", *options, database])

        for side in ("old", "new"):
            psql("postgres", "-c", f"CREATE DATABASE {case}_{side}")
            psql(f"{case}_{side}", "-f",
                 place.take(os.path.join(HERE, case, f"{side}.sql")))
        path = (os.path.join(ROOT, "mappings", mapping + ".yaml")
                if mapping else "-")
        done = subprocess.run(
            [os.path.join(BUILD, "tests/integration/test_lens"),
             cluster.host, str(cluster.port), f"{case}_old", f"{case}_new",
             path, os.path.join(HERE, case, "statements.sql")],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False)
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main()
