#!/usr/bin/env python3
"""What `ktrain logs -f` costs and whether it loses, repeats or tears a line while the network breaks.

  bench.py [--program FILE] [--real] [--faults] [--only NAME]...

server.go (needs Go) is an API server with one job of 10 pods that write 20,000 lines each, 1,000 a second; or 100 pods.
With --real it is a job on the real node of a cluster that is up (KUBECTL, KUBECONFIG: tests/e2e/cluster/README.md).
Prints a row for each case and fails where a line is lost, repeated, torn or out of order, where ktrain ends later than
5 s after the job, or where it takes more than 2.6 s of CPU time for 200,000 lines, 45 MB (60 MB for 100 pods); with
--faults for the lines alone.
"""
import argparse
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import real

HERE = pathlib.Path(__file__).resolve().parent
TEN = {"pods": 10, "lines": 20_000, "rate": 1000}
ROTATED_AND_CUT = "rotated, and cut by RST every 2 s"
HUNDRED = {"pods": 100, "lines": 2000, "rate": 100}
CASES = {
    "undisturbed": TEN,
    "cut by RST every 2 s": {**TEN, "cut": 2, "how": "rst"},
    "cut by FIN every 2 s": {**TEN, "cut": 2, "how": "fin"},
    "ended in mid-line every 2 s": {**TEN, "cut": 2, "how": "clean"},
    "20,000 lines at once": {**TEN, "rate": 10_000_000},
    "100 pods": HUNDRED,
    "100 pods cut by RST every 2 s": {**HUNDRED, "cut": 2, "how": "rst"},
}
# A server is not asked to tear a line; the logs of 4 MB that the node has are rotated in the last two. What was written
# between a cut and a rotation cannot be read any more, so lines may be lost in the last one where ktrain says it.
REAL_CASES = {
    **{name: flags for name, flags in CASES.items() if flags.get("how") != "clean" and flags["rate"] <= 1000},
    "cut by RST and FIN in turn": {**TEN, "cut": 2, "how": "both"},
    "rotated": {"pods": 2, "lines": 100_000, "rate": 5000},
    ROTATED_AND_CUT: {"pods": 2, "lines": 100_000, "rate": 5000, "cut": 2, "how": "rst"},
}
CPU_SECONDS, LATE_SECONDS, LENGTH = 2.6, 5.0, 85
MEMORY = 45, 60  # MB; of more than 10 pods


def text(pod, line):
    head = f"pod {pod} line {line} "
    return head + "x" * max(0, LENGTH - len(head))


def faults(output, pods, lines, streams):
    """Counts of lost, repeated and torn lines, and of those out of order in what one stream of a pod wrote."""
    known = {f"[{pod}] {text(pod, line)}": (pod, line) for pod in range(pods) for line in range(lines)}
    seen, repeated, torn, disorder, last = set(), 0, 0, 0, {}
    for row in output.read_text(errors="replace").splitlines():
        if row not in known:
            torn += 1
            continue
        pod, line = known[row]
        stream = (pod, streams == 2 and line % 7 == 3)
        repeated += row in seen
        disorder += line < last.get(stream, -1)
        last[stream] = line
        seen.add(row)
    return {"lost": len(known) - len(seen), "repeated": repeated, "torn": torn, "out of order": disorder}


def peak_memory(process):
    """MB. The peak that wait4 tells counts what this process had when it forked."""
    try:
        status = pathlib.Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return max((int(row.split()[1]) / 1024 for row in status.splitlines() if row.startswith("VmHWM:")), default=0)


class Server:
    """The API server of server.go, as real.Job."""

    streams = 1

    def __init__(self, flags):
        arguments = [f"-{name}={value}s" if name == "cut" else f"-{name}={value}" for name, value in flags.items()]
        self.process = subprocess.Popen([self.program, f"-length={LENGTH}", *arguments], stdout=subprocess.PIPE, text=True)
        self.ready = json.loads(self.process.stdout.readline())
        os.set_blocking(self.process.stdout.fileno(), False)

    def config(self):
        ca = base64.b64encode(self.ready["ca"].encode()).decode()
        return {"clusters": [{"name": "c", "cluster": {"server": self.ready["url"], "certificate-authority-data": ca}}],
                "users": [{"name": "u", "user": {}}],
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}], "current-context": "c"}

    def ended(self):
        return self.process.stdout.readline().strip() == "ended"

    def close(self):
        self.process.kill()
        self.process.wait()


def run(program, peer, flags, folder):
    """A row: faults, seconds of CPU, MB, seconds after the job's end, exit code."""
    try:
        config = folder / "config"
        config.touch(mode=0o600)
        config.write_text(json.dumps(peer.config()))
        output = folder / "out"
        with output.open("wb") as out, (folder / "err").open("wb") as err:
            client = subprocess.Popen([program, "logs", "-f", "job/bench", "--kubeconfig", str(config)], stdout=out, stderr=err)
        ended, peak, done = None, 0, 0
        while done == 0:
            peak = max(peak, peak_memory(client.pid))
            if ended is None and peer.ended():
                ended = time.monotonic()
            time.sleep(0.04)
            done, status, usage = os.wait4(client.pid, os.WNOHANG)
        late = time.monotonic() - (ended or time.monotonic())
        client.returncode = os.waitstatus_to_exitcode(status)
    finally:
        peer.close()
    row = faults(output, flags["pods"], flags["lines"], peer.streams)
    return {**row, "CPU s": usage.ru_utime + usage.ru_stime, "RSS MB": peak,
            "late s": late, "exit": client.returncode}, (folder / "err").read_text()


def broken(row, flags):
    """What of the row is not as it has to be."""
    bars = {"CPU s": CPU_SECONDS * flags["pods"] * flags["lines"] / 200_000, "RSS MB": MEMORY[flags["pods"] > 10],
            "late s": LATE_SECONDS}
    return ([what for what in ("lost", "repeated", "torn", "out of order", "exit") if row[what] != 0],
            [what for what, most in bars.items() if row[what] > most])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=str(HERE.parents[2] / "build/release/bin/ktrain"))
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--only", action="append")
    options = parser.parse_args()
    cases = REAL_CASES if options.real else CASES
    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if not options.real:
            Server.program = folder / "server"
            subprocess.run(["go", "build", "-o", Server.program, HERE / "server.go"], check=True)
        print("| | lost | repeated | torn | out of order | CPU s | RSS MB | after the end, s |\n|---|---|---|---|---|---|---|---|")
        for case in options.only or cases:
            flags = cases[case]
            peer = real.Job(flags, LENGTH) if options.real else Server(flags)
            row, errors = run(options.program, peer, flags, folder)
            print(f"| {case} | {row['lost']} | {row['repeated']} | {row['torn']} | {row['out of order']} "
                  f"| {row['CPU s']:.2f} | {row['RSS MB']:.0f} | {row['late s']:.1f} |", flush=True)
            wrong, above = broken(row, flags)
            if case == ROTATED_AND_CUT and "lines of pod" in errors:
                wrong = [what for what in wrong if what != "lost"]
            if wrong or (above and not options.faults):
                failed = True
                print(f"FAILED: {', '.join(wrong + above)} (exit code {row['exit']})\n{errors}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
