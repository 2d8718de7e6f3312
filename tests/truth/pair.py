"""Drives build/tests/truth/pair (pair.c says what it does), and counts what it
answers: for regress.py and smith.py."""

import collections
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "integration"))

import harness                       # noqa: E402


class Pair:
    """Two sessions: with Pair(old cluster, new cluster) as pair."""

    def __init__(self, old, new):
        self.old, self.new = old, new
        self.process = subprocess.Popen(
            [os.path.join(harness.BUILD, "tests", "truth", "pair")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.process.stdin.close()
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        if kind is None and code:
            raise RuntimeError(f"pair ended with exit code {code}")

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(
                f"pair ended with exit code {self.process.wait()} at: "
                f"{request}")
        return json.loads(line)

    def open(self, database, user="postgres"):
        """New sessions on both; True if both servers let them in."""
        sides = {}
        for side, cluster in (("old", self.old), ("new", self.new)):
            sides[side] = {"host": cluster.sockets, "port": str(cluster.port),
                           "database": database, "user": user}
        return self.ask(do="open", **sides)["verdict"] == "open"


class Tally:
    """What became of statements, by kind, and why."""

    KINDS = ("select", "insert", "update", "delete")

    def __init__(self, kinds=KINDS):
        self.kinds = kinds
        self.counts = collections.defaultdict(collections.Counter)
        self.reasons = collections.Counter()
        self.examples = {}
        self.differing = []
        self.unlike = []        # run as written, and not the same

    def add(self, where, text, reply):
        kind, verdict = reply["kind"] or "unparsed", reply["verdict"]
        if verdict == "untranslatable" and reply["failed"]:
            verdict = "refused too"     # the primary says no as well
        if verdict == "diverged" and reply.get("catalogs"):
            # Oids, statement texts, statistics: the other server's own.
            verdict, reply["reason"] = "undecided", "server's own tables"
        self.counts[kind][verdict] += 1
        if not reply.get("alike", True):
            self.unlike.append((where, text, reply))
        if verdict in ("same", "raw", "void", "unparsed"):
            return
        detail = reply.get("detail") or ""
        key = (kind in self.kinds, verdict, reply.get("reason", ""),
               detail if verdict in ("untranslatable", "skipped") else "")
        self.reasons[key] += 1
        self.examples.setdefault(key, []).append((where, text, reply))
        if verdict == "diverged":
            self.differing.append((where, text, reply))

    def total(self, *verdicts, ours=True):
        return sum(counts[verdict] for kind, counts in self.counts.items()
                   for verdict in (verdicts or counts)
                   if (kind in self.kinds) == ours)

    def show(self, file=sys.stdout):
        columns = sorted({v for c in self.counts.values() for v in c})
        print(f"{'statement':22}" + "".join(f"{c:>16}" for c in columns),
              file=file)
        for kind in sorted(self.counts, key=lambda k: (k not in self.kinds, k)):
            print(f"{kind:22}" + "".join(
                f"{self.counts[kind][c]:16}" for c in columns), file=file)
        for key, count in sorted(self.reasons.items(),
                                 key=lambda item: (not item[0][0], -item[1])):
            ours, verdict, reason, detail = key
            if ours:
                print(f"{count:7} {verdict} {reason} {detail}", file=file)

    def show_unlike(self, most=20, file=sys.stdout):
        for where, text, reply in self.unlike[:most]:
            print(f"STATE DIFFERS at {where}: {text[:300]}\n  "
                  f"{reply['message'].strip()} / "
                  f"{reply['message_new'].strip()}", file=file)

    def show_differing(self, most=20, file=sys.stdout):
        for where, text, reply in self.differing[:most]:
            print(f"DIFFERS at {where}: {reply.get('reason')}: "
                  f"{reply.get('detail')}\n  text: {text[:2000]}\n"
                  f"  plan: {reply.get('plan', '')[:2000]}\n"
                  f"  {reply.get('message', '').strip()} / "
                  f"{reply.get('message_new', '').strip()}\n"
                  f"  old: {str(reply.get('old'))[:600]}\n"
                  f"  new: {str(reply.get('new'))[:600]}", file=file)
