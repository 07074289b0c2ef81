#!/usr/bin/python3
"""Compares `ktrain validate` with the recorded verdicts of a real API server; needs no server and takes some seconds.

Prints what differs, the greatest groups first, and "N passed, N failed" for the bars of bars.json; exit code 1 under a
bar. KTRAIN names the program (build/release/bin/ktrain).
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import changes
import mutate
import record

HERE = pathlib.Path(__file__).resolve().parent
BARS = HERE / "bars.json"
KTRAIN = os.environ.get("KTRAIN", str(HERE.parents[2] / "build/release/bin/ktrain"))
VERSION = "1.36"
FREE = {name.lower() for name in changes.FREE}
# What ktrain refuses on purpose though the server takes what kubectl makes of it: the object is not what the file says.
ON_PURPOSE = {"duplicate key": "the last one wins and the first is lost", "duplicate key below": "the same, deeper",
              "utf-8 broken": "kubectl replaces the bytes without a word"}


def of_server(finding):
    """Whether a finding says that the API server refuses the object; the other rules are policy.

    KT028 finds values that nobody filled in, which the server takes; KG101 is what the server says of GPUs.
    """
    rule = finding["rule"]
    return finding["severity"] == "error" and (rule.startswith("KT") and rule != "KT028" or rule == "KG101")


def batches(mutations):
    """The mutations in groups that hold each manifest once at most, so that objects of one name do not meet."""
    groups = collections.defaultdict(list)
    seen = collections.Counter()
    for mutation in mutations:
        base = mutation.id.split(":")[0]
        groups[seen[base]].append(mutation)
        seen[base] += 1
    return list(groups.values())


def validate(mutations, folder, options):
    """The findings of some mutations by name; a program that ends without a result is a finding of rule "crash"."""
    names = {}
    for mutation in mutations:
        file = folder / f"{len(names)}.yaml"
        file.write_bytes(mutation.text())
        names[str(file)] = mutation.id
    done = subprocess.run([KTRAIN, "validate", *options, "-o", "json", *names], capture_output=True, check=False)
    findings = {name: [] for name in names.values()}
    try:
        for finding in json.loads(done.stdout)["findings"]:
            findings[names[finding["where"]["file"]]].append(finding)
    except (ValueError, KeyError):
        if len(mutations) > 1:
            return {name: found for one in mutations for name, found in validate([one], folder, options).items()}
        said = done.stderr.decode(errors="replace")[:200]
        findings[mutations[0].id].append({"rule": "KT crash", "severity": "error", "where": {},
                                          "message": f"exit code {done.returncode}: {said}"})
    return findings


def findings_of(mutations):
    """What ktrain says to the mutations, by name."""
    help_text = subprocess.run([KTRAIN, "validate", "--help"], capture_output=True, check=True, text=True).stdout
    options = ["--kubernetes-version", VERSION] if "--kubernetes-version" in help_text else []
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = []
        for number, group in enumerate(batches(mutations)):
            place = pathlib.Path(folder) / str(number)
            place.mkdir()
            jobs.append(pool.submit(validate, group, place, options))
        return {name: found for job in jobs for name, found in job.result().items()}


def plain(path):
    """A path in one spelling: a.b["c/d"][0] and a.b[c/d].0 are the same."""
    return re.sub(r"\[[\"']?", ".", path).replace('"]', "").replace("']", "").replace("]", "").lstrip(".")


def same_place(ours, theirs):
    """Whether a path of ours is one that the server named.

    The server names a user's map and not the key in it; and where Go's decoder speaks, no numbers of entries.
    """
    ours, theirs = plain(ours).lower(), plain(theirs).lower()  # it writes some by the name of Go's field
    free = theirs.rsplit(".", 1)[-1] in FREE and ours.startswith(theirs + ".")
    return ours == theirs or free or re.sub(r"\.\d+(?=\.|$)", "", ours) == theirs


class Comparison:
    """One row for each mutation: what the server said, what we said, and how the two differ."""

    def __init__(self, mutations, verdicts, findings):
        self.mutations = {one.id: one for one in mutations}
        self.verdicts, self.findings = verdicts, findings
        self.purpose, self.wrong, self.missed, self.elsewhere, self.there = [], [], [], [], []
        self.places = sum(code != 200 and bool(paths) for code, paths, _ in verdicts.values())
        for one in mutations:
            code, paths, _ = verdicts[one.id]
            refused = [finding for finding in findings[one.id] if of_server(finding)]
            if one.sort == "document" and code == 200 and one.id.split("::")[1] in ON_PURPOSE:
                self.purpose.append(one.id)
            elif refused and code == 200:
                self.wrong.append(one.id)
            elif code != 200 and not refused:
                self.missed.append(one.id)
            elif refused and paths:
                there = any(same_place(finding["where"].get("path", ""), path) for finding in refused for path in paths)
                (self.there if there else self.elsewhere).append(one.id)

    def figures(self):
        count = len(self.mutations) - len(self.purpose)
        agree = count - len(self.wrong) - len(self.missed)
        return {"agreement": 100 * agree / max(1, count), "false rejections": len(self.wrong),
                "places": 100 * len(self.there) / max(1, self.places)}

    def ours(self, name):
        """The first finding of ours, as rule and message."""
        first = next(finding for finding in self.findings[name] if of_server(finding))
        return f"{first['rule']} {general(first['message'])}", first["where"].get("path", "")

    def theirs(self, name):
        return f"{self.verdicts[name][0]} {general(self.verdicts[name][2])}"


def general(text):
    """A message without names and numbers, to group by."""
    return re.sub(r"\d+", "N", re.sub(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|`[^`]*`', "'..'", text))


def table(title, names, key, limit):
    """Prints how many of the names have the same key, the most first, each with an example."""
    groups = collections.defaultdict(list)
    for name in names:
        groups[key(name)].append(name)
    print(f"\n{title}: {len(names)} in {len(groups)} groups")
    for text, found in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))[:limit]:
        print(f"  {len(found):5}  {text}\n         {found[0]}")


def by_kind(comparison):
    """Prints a row for each kind, the one with the most differences first."""
    rows = collections.defaultdict(collections.Counter)
    for name, mutation in comparison.mutations.items():
        rows[mutation.kind]["all"] += 1
    for column in ("wrong", "missed", "elsewhere"):
        for name in getattr(comparison, column):
            rows[comparison.mutations[name].kind][column] += 1
    print(f"\n{'kind':34} {'all':>5} {'agree':>7} {'missed':>7} {'false':>6} {'place':>6}")
    for kind, row in sorted(rows.items(), key=lambda item: (-item[1]["missed"] - item[1]["wrong"], item[0])):
        agree = 100 * (1 - (row["missed"] + row["wrong"]) / row["all"])
        print(f"{kind:34} {row['all']:5} {agree:6.1f}% {row['missed']:7} {row['wrong']:6} {row['elsewhere']:6}")


def report(comparison, limit):
    by_kind(comparison)
    table("missed, by what the server says", comparison.missed, lambda name: comparison.theirs(name), limit)
    table("missed, by kind and what the server says", comparison.missed,
          lambda name: f"{comparison.mutations[name].kind}: {comparison.theirs(name)}", limit)
    table("false rejections, by what we say", comparison.wrong, lambda name: comparison.ours(name)[0], limit)
    table("refused by both, other place, by what we say", comparison.elsewhere,
          lambda name: f"{comparison.ours(name)[0][:100]}\n         ours {comparison.ours(name)[1]}, "
                       f"theirs {' | '.join(comparison.verdicts[name][1])}", limit)
    print("\nrefused on purpose: " + (", ".join(comparison.purpose) or "none"))


def show(comparison, name):
    """Prints one mutation with both verdicts."""
    code, paths, reason = comparison.verdicts[name]
    print(comparison.mutations[name].text().decode(errors="replace"))
    print(f"server: {code} {' | '.join(paths)} {reason}")
    for finding in comparison.findings[name]:
        counts = "counts" if of_server(finding) else "policy"
        place = finding["where"].get("path", "")
        print(f"ktrain: {finding['rule']} {finding['severity']} ({counts}) {place}: {finding['message']}")


def judge(figures, bars):
    """Prints the bars, and how many hold; returns how many do not."""
    failed = 0
    for name, bar in bars.items():
        figure = figures[name]
        holds = figure <= bar if name == "false rejections" else figure >= bar
        failed += not holds
        print(f"{'ok    ' if holds else 'FAILED'} {name}: {figure:.2f}, bar {bar}".replace(".00,", ","))
    print(f"{len(bars) - failed} passed, {failed} failed")
    return failed


def raise_bars(figures, bars):
    """Moves the bars to today's figures, where those are better."""
    for name, bar in bars.items():
        figure = int(figures[name] * 100) / 100
        bars[name] = min(bar, int(figure)) if name == "false rejections" else max(bar, figure)
    BARS.write_text(json.dumps(bars, indent=2) + "\n", encoding="utf-8")


def options_of(bars):
    parser = argparse.ArgumentParser(description="Compares ktrain validate with the verdicts of a real API server.")
    parser.add_argument("--kind", action="append", help="this kind alone; repeat for more")
    parser.add_argument("--sort", action="append", help="this sort of change alone; repeat for more")
    parser.add_argument("--limit", type=int, default=20, help="rows of each table (20)")
    parser.add_argument("--list", choices=["missed", "wrong", "elsewhere"], help="print these names and nothing else")
    parser.add_argument("--show", metavar="ID", help="print this mutation and both verdicts")
    parser.add_argument("--raise-bars", action="store_true", help="write figures that are better to bars.json")
    for name, bar in bars.items():
        parser.add_argument("--" + name.replace(" ", "-"), type=float, default=bar, metavar="BAR", help=f"bar ({bar})")
    return parser.parse_args()


def main():
    bars = json.loads(BARS.read_text(encoding="utf-8"))
    options = options_of(bars)
    verdicts = record.read()
    mutations = [one for one in mutate.mutations() if one.id in verdicts]
    if len(mutations) < len(verdicts):
        sys.exit(f"compare.py: {len(verdicts) - len(mutations)} recorded names are not made any more; run refresh")
    if options.show:
        mutations = [one for one in mutations if one.id == options.show]
        if not mutations:
            sys.exit(f"compare.py: no verdict of {options.show}")
    mutations = [one for one in mutations if not options.kind or one.kind in options.kind]
    mutations = [one for one in mutations if not options.sort or one.sort in options.sort]
    chosen = {one.id: verdicts[one.id] for one in mutations}
    comparison = Comparison(mutations, chosen, findings_of(mutations))
    if options.show:
        show(comparison, options.show)
    elif options.list:
        print("\n".join(getattr(comparison, options.list)))
    else:
        report(comparison, options.limit)
        print(f"\n{len(mutations)} mutations; {len(verdicts) - len(mutations)} verdicts not looked at. Refused by both: "
              f"{len(comparison.there)} at the server's place, {len(comparison.elsewhere)} at another; "
              f"{comparison.places} have a place")
        if options.kind or options.sort:
            print(", ".join(f"{name} {figure:.2f}" for name, figure in comparison.figures().items()))
            return
        if options.raise_bars:
            raise_bars(comparison.figures(), bars)
        wanted = {name: getattr(options, name.replace(" ", "_")) for name in bars}
        sys.exit(1 if judge(comparison.figures(), wanted) else 0)


if __name__ == "__main__":
    main()
