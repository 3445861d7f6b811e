#!/usr/bin/env python3
"""Reads what the Autobahn test suite found, strictly. Prints the counts and every offender.

autobahn.py INDEX_JSON CASES AGENT...
"""

import collections
import json
import sys


def is_good(case):
    """NON-STRICT is not good enough, nor is any way of closing but the right one."""
    verdict = case["behavior"], case["behaviorClose"]
    return verdict == ("OK", "OK") or verdict == ("INFORMATIONAL", "INFORMATIONAL")


def complaints(cases, expected):
    for name, case in sorted(cases.items()):
        if not is_good(case):
            yield f"{name}: {case['behavior']}, closing {case['behaviorClose']}"
    if len(cases) != expected:
        yield f"{len(cases)} cases instead of {expected}"


def main():
    path, expected, *agents = sys.argv[1:]
    with open(path) as index:
        found = json.load(index)
    failed = False
    for agent in agents:
        cases = found.get(agent, {})
        counts = collections.Counter(case["behavior"] for case in cases.values())
        print(f"{agent}: " + (", ".join(f"{n} {verdict}" for verdict, n in counts.items()) or "nothing"))
        for complaint in complaints(cases, int(expected)):
            failed = True
            print(f"{agent}: {complaint}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
