"""The catalog of a real server, read by the adapter."""

import os
import unittest

import harness

HERE = os.path.dirname(os.path.abspath(__file__))


class TestCatalog(unittest.TestCase):
    def test_catalog(self):
        with harness.Workplace("catalog") as place:
            cluster = harness.SharedCluster.take(place, "primary")
            cluster.load(os.path.join(HERE, "catalog.sql"))
            # Not as the ordinary user, who may not reach the build's folder.
            place.identity = {}
            place.run([os.path.join(harness.BUILD,
                                    "tests/integration/test_catalog")],
                      env={"CATALOG_HOST": cluster.host,
                           "CATALOG_PORT": str(cluster.port)})


if __name__ == "__main__":
    unittest.main()
