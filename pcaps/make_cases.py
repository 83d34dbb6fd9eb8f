#!/usr/bin/python3
"""Write the golden cases: pcaps/<case>/{config.yaml, in.<port>.pcap, expected/, case.json}.

    /usr/bin/python3 pcaps/make_cases.py            write all cases
    /usr/bin/python3 pcaps/make_cases.py --check    fail unless the files in the tree are what this script makes
    /usr/bin/python3 pcaps/make_cases.py --list     names, groups and requirement ids

Needs Debian's python3-scapy (2.5). Frames and counters are worked out from the specification; the forwarder is not
involved. Two runs give identical bytes: capture times are fixed and nothing is random.
"""
import argparse
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)

try:
    import scapy.layers.inet  # noqa: F401
except ImportError:
    sys.exit("make_cases.py needs scapy: apt-get install python3-scapy, and run it with /usr/bin/python3")

from reference import (cases_access, cases_core, cases_ecmp, cases_election, cases_filter, cases_firsthop, cases_icmp,  # noqa: E402
                       cases_labels, cases_mixed, cases_tunnels, cases_underlay)

MODULES = (cases_tunnels, cases_ecmp, cases_access, cases_core, cases_labels, cases_firsthop, cases_icmp, cases_underlay, cases_filter,
           cases_election, cases_mixed)


def all_files():
    files, names = {}, set()
    for module in MODULES:
        for case in module.cases():
            if case.name in names:
                raise AssertionError("two cases are called " + case.name)
            names.add(case.name)
            case.check_story()
            files.update(case.files())
    return files, names


def checked_in():
    """Relative path -> content of every file that belongs to a case in the tree."""
    found = {}
    for name in sorted(os.listdir(HERE)):
        if not os.path.isfile(os.path.join(HERE, name, "case.json")):
            continue
        for folder, _, files in os.walk(os.path.join(HERE, name)):
            for file in files:
                path = os.path.join(folder, file)
                with open(path, "rb") as stream:
                    found[os.path.relpath(path, HERE)] = stream.read()
    return found


def main():
    parser = argparse.ArgumentParser(description="Write or check the golden cases.")
    parser.add_argument("--check", action="store_true", help="compare with the files in the tree, write nothing")
    parser.add_argument("--list", action="store_true", help="list the cases, write nothing")
    options = parser.parse_args()
    if options.list:
        for module in MODULES:
            for case in module.cases():
                print("%-32s %-16s %s" % (case.name, case.group, " ".join(sorted(case.requirements))))
        return 0
    files, names = all_files()
    present = checked_in()
    if options.check:
        wrong = [p for p in sorted(files.keys() | present.keys()) if files.get(p) != present.get(p)]
        for path in wrong:
            state = "missing" if path not in present else "not made by this script" if path not in files else "differs"
            print("pcaps/%s: %s" % (path, state))
        print("%d cases, %d files, %d wrong" % (len(names), len(files), len(wrong)))
        return 1 if wrong else 0
    for path in sorted(present.keys() - files.keys()):
        os.remove(os.path.join(HERE, path))
    for path, content in files.items():
        if present.get(path) == content:
            continue
        target = os.path.join(HERE, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as stream:
            stream.write(content)
    for name in {p.split(os.sep)[0] for p in present} - names:
        shutil.rmtree(os.path.join(HERE, name), ignore_errors=True)
    print("%d cases, %d files" % (len(names), len(files)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
