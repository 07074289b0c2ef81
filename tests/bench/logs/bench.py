#!/usr/bin/env python3
"""What `ktrain logs -f` costs and whether it loses, repeats or tears a line while the network breaks.

  bench.py [--program FILE] [--only NAME]...

server.go (needs Go) is an API server with one job of 10 pods that write 20,000 lines each, 1,000 a second; or 100 pods.
Prints a row for each case and fails where a line is lost, repeated, torn or out of order, where ktrain ends later than
5 s after the job, or where it takes more than 2.6 s of CPU time for 200,000 lines, 45 MB (60 MB for 100 pods).
"""
import argparse
import base64
import json
import os
import pathlib
import select
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
CASES = {  # name: flags of the server, MB
    "undisturbed": (["-pods", "10", "-lines", "20000", "-rate", "1000"], 45),
    "cut by RST every 2 s": (["-pods", "10", "-lines", "20000", "-rate", "1000", "-cut", "2s", "-how", "rst"], 45),
    "cut by FIN every 2 s": (["-pods", "10", "-lines", "20000", "-rate", "1000", "-cut", "2s", "-how", "fin"], 45),
    "ended in mid-line every 2 s": (["-pods", "10", "-lines", "20000", "-rate", "1000", "-cut", "2s", "-how", "clean"], 45),
    "20,000 lines at once": (["-pods", "10", "-lines", "20000", "-rate", "10000000"], 45),
    "100 pods": (["-pods", "100", "-lines", "2000", "-rate", "100"], 60),
    "100 pods cut by RST every 2 s": (["-pods", "100", "-lines", "2000", "-rate", "100", "-cut", "2s"], 60),
}
CPU_SECONDS, LATE_SECONDS, LENGTH = 2.6, 5.0, 85


def text(pod, line):
    head = f"pod {pod} line {line} "
    return head + "x" * max(0, LENGTH - len(head))


def faults(output, pods, lines):
    """Counts of lost, repeated and torn lines, and of those out of order."""
    known = {f"[{pod}] {text(pod, line)}": (pod, line) for pod in range(pods) for line in range(lines)}
    seen, repeated, torn, disorder, last = set(), 0, 0, 0, [-1] * pods
    for row in output.read_text(errors="replace").splitlines():
        if row not in known:
            torn += 1
            continue
        pod, line = known[row]
        repeated += row in seen
        disorder += line < last[pod]
        last[pod] = line
        seen.add(row)
    return {"lost": len(known) - len(seen), "repeated": repeated, "torn": torn, "out of order": disorder}


def peak_memory(process):
    """MB. The peak that wait4 tells counts what this process had when it forked."""
    try:
        status = pathlib.Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return max((int(row.split()[1]) / 1024 for row in status.splitlines() if row.startswith("VmHWM:")), default=0)


def run(program, server, flags, folder):
    """A row: faults, seconds of CPU, MB, seconds after the job's end, exit code."""
    peer = subprocess.Popen([server, *flags], stdout=subprocess.PIPE, text=True)
    try:
        ready = json.loads(peer.stdout.readline())
        config = folder / "config"
        config.write_text(json.dumps({
            "clusters": [{"name": "c", "cluster": {
                "server": ready["url"], "certificate-authority-data": base64.b64encode(ready["ca"].encode()).decode()}}],
            "users": [{"name": "u", "user": {}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}], "current-context": "c"}))
        output = folder / "out"
        with output.open("wb") as out, (folder / "err").open("wb") as err:
            client = subprocess.Popen([program, "logs", "-f", "bench", "--kubeconfig", str(config)], stdout=out, stderr=err)
        ended, peak, done = None, 0, 0
        while done == 0:
            peak = max(peak, peak_memory(client.pid))
            if ended is None and select.select([peer.stdout], [], [], 0.02)[0]:
                assert peer.stdout.readline().strip() == "ended"
                ended = time.monotonic()
            time.sleep(0.02)
            done, status, usage = os.wait4(client.pid, os.WNOHANG)
        late = time.monotonic() - (ended or time.monotonic())
        client.returncode = os.waitstatus_to_exitcode(status)
    finally:
        peer.kill()
        peer.wait()
    row = faults(output, int(flags[1]), int(flags[3]))
    return {**row, "CPU s": usage.ru_utime + usage.ru_stime, "user s": usage.ru_utime, "RSS MB": peak,
            "late s": late, "exit": client.returncode}, (folder / "err").read_text()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=str(HERE.parents[2] / "build/release/bin/ktrain"))
    parser.add_argument("--only", action="append")
    options = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server = folder / "server"
        subprocess.run(["go", "build", "-o", server, HERE / "server.go"], check=True)
        print("| | lost | repeated | torn | out of order | CPU s | RSS MB | after the end, s |\n|---|---|---|---|---|---|---|---|")
        for case, (flags, memory) in CASES.items():
            if options.only and case not in options.only:
                continue
            row, errors = run(options.program, str(server), flags, folder)
            print(f"| {case} | {row['lost']} | {row['repeated']} | {row['torn']} | {row['out of order']} "
                  f"| {row['CPU s']:.2f} | {row['RSS MB']:.0f} | {row['late s']:.1f} |", flush=True)
            cpu = CPU_SECONDS * int(flags[1]) * int(flags[3]) / 200_000
            broken = [what for what in ("lost", "repeated", "torn", "out of order", "exit") if row[what] != 0]
            broken += [what for what, most in (("CPU s", cpu), ("RSS MB", memory), ("late s", LATE_SECONDS)) if row[what] > most]
            if broken:
                failed = True
                print(f"FAILED: {', '.join(broken)} (exit code {row['exit']})\n{errors}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
