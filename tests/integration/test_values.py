"""Equality of values held against a real server's own (test_values.c)."""

import os
import subprocess
import unittest

from harness import BUILD, SharedCluster, Workplace


class Values(unittest.TestCase):
    def test_values(self):
        with Workplace("values") as place:
            cluster = SharedCluster.take(place, "server")
            environment = dict(os.environ, VALUES_HOST=cluster.host,
                               VALUES_PORT=str(cluster.port))
            done = subprocess.run(
                [os.path.join(BUILD, "tests/integration/test_values")],
                env=environment, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main()
