#!/usr/bin/python3
"""The main job on real input: a shop, its migration, traffic, report, gate.

Ends with 0 only if exactly the mistake that the mapping holds on purpose was
found, and nothing else. Leaves the report in build/demo/.
"""

import glob
import json
import os
import shutil
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "integration"))

from harness import BUILD, Cluster, Parallax, Workplace  # noqa: E402

SECONDS = int(os.environ.get("DEMO_SECONDS", 15))
CLIENTS = 8
PLANTED = "name"  # the column whose mapping is wrong


def say(text):
    print(f"\n\033[1m== {text}\033[0m" if sys.stdout.isatty()
          else f"\n== {text}", flush=True)


def source(name):
    with open(os.path.join(HERE, name)) as file:
        return file.read()


def load(place, primary, shadow):
    primary.create_database("shop")
    shadow.create_database("shop")
    primary.psql(source("primary.sql"), "shop")
    shadow.psql(source("shadow.sql"), "shop")
    # The migration reads the old tables from a schema of their own.
    dump = place.run([place.tool("pg_dump"), "-h", primary.host, "-p",
                      primary.port, "-U", "postgres", "--no-owner", "shop"])
    shadow.psql("CREATE SCHEMA old;\n" + dump.replace("public.", "old."),
                "shop")
    shadow.psql(source("migrate.sql"), "shop")


def drive(place, primary, port):
    scripts = [place.take(path)
               for path in sorted(glob.glob(os.path.join(HERE, "traffic", "*")))
               if "back-office" not in path]
    weight = {"browse": 4, "order": 2, "account": 1}
    files = []
    for path in scripts:
        name = os.path.basename(path)[:-4]
        files += ["-f", f"{path}@{weight[name]}"]
    for mode, share in (("prepared", 2), ("simple", 1)):
        output = primary.pgbench("-n", "-c", CLIENTS, "-j", 2, "-M", mode, "-T",
                                 max(1, SECONDS * share // 3), *files,
                                 database="shop", port=port)
        print("\n".join(f"   {mode}: {line}" for line in output.splitlines()
                        if "processed" in line or line.startswith("tps")))
    output = primary.psql(source("traffic/back-office.sql"), "shop", port=port)
    print(f"   psql: {len(output.splitlines())} lines of answers")


def judge(report, code, checked):
    """What is wrong with the outcome; nothing if it is as it should be."""
    wrong = []
    errors = [line for line in checked[1].splitlines() if ": error: " in line]
    if checked[0] != 1 or len(errors) != 1 or f'"users.{PLANTED}"' not in errors[0]:
        wrong.append(f"check exits {checked[0]} with {errors}")
    exchanges = report["exchanges"]
    verdicts = report["verdicts"]
    if exchanges["seen"] != exchanges["counted"] or exchanges["gaps"]:
        wrong.append(f"the verdicts do not add up: {exchanges}")
    if verdicts["match"] < 1000:
        wrong.append(f"only {verdicts['match']} exchanges matched")
    for name in ("skipped", "untranslatable", "failed"):
        if verdicts[name]:
            wrong.append(f"{verdicts[name]} exchanges are {name}")
    if not report["divergences"]:
        wrong.append("the planted mistake was not found")
    for group in report["divergences"]:
        differing = {column
                     for evidence in group["evidence"]
                     for row in evidence["rows"]
                     for column, differs in zip(evidence["columns"],
                                                row["differs"] or [])
                     if differs}
        if group["class"] != "rows.value" or differing != {PLANTED}:
            wrong.append(f"not planted: {group['class']} in "
                         f"{sorted(differing)}: {group['statement']}")
    if code != 1:
        wrong.append(f"the gate's exit code is {code}, not 1")
    return wrong


def main():
    started = time.monotonic()
    output = os.path.join(BUILD, "demo")
    shutil.rmtree(output, ignore_errors=True)
    os.makedirs(output)
    with Workplace("demo") as place:
        say("A primary with the old schema, a shadow with the new one")
        primary = Cluster(place, "primary").start()
        shadow = Cluster(place, "shadow").start()
        load(place, primary, shadow)

        mapping = place.take(os.path.join(HERE, "mapping.yaml"))
        proxy = Parallax(place, primary, shadow, "shop", mapping, safe="logins")

        say("parallax rights: logins on the shadow with the clients' own rights")
        print(proxy.rights().rstrip())

        say("parallax check: mapping against both live catalogs")
        checked = proxy.check()
        print(checked[1].rstrip())

        say(f"parallax run all the same, and {SECONDS} s of traffic from {CLIENTS} clients")
        proxy.start()
        drive(place, primary, proxy.port)
        proxy.stop()

        say("parallax report")
        print(place.run([place.parallax, "report", "--limit", "3",
                         proxy.store]).rstrip())
        for form in ("html", "json"):
            place.run([place.parallax, "report", "--format", form, "--output",
                       place.path(f"report.{form}"), proxy.store])
            shutil.copy(place.path(f"report.{form}"), output)

        say("parallax gate")
        code, text = place.exit_code([
            place.parallax, "gate", proxy.store, "--policy",
            place.take(os.path.join(HERE, "policy.yaml"))])
        print(f"{text.rstrip()}\n   exit code {code}")

        with open(os.path.join(output, "report.json")) as file:
            wrong = judge(json.load(file)["stores"][0], code, checked)
    say("Outcome")
    for line in wrong:
        print(f"   WRONG: {line}")
    if not wrong:
        print("   exactly the planted mistake was found, by check before any"
              " traffic and by the\n   traffic: the last name keeps the blank"
              f"\n   report: {os.path.join(output, 'report.html')}")
    print(f"   took {time.monotonic() - started:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
