#!/usr/bin/env python3
"""Times short commands of ktrain as whole processes, interleaved with a peer where there is one; prints medians and RSS."""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
KTRAIN = ROOT / "build/release/bin/ktrain"


def measure(command):
    """Wall milliseconds and peak RSS in MB of one run."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {process.returncode}")
    return (time.perf_counter() - began) * 1000, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--kubectl", default=shutil.which("kubectl"), help="peer for `version`")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        spec, job = f"{folder}/train.yaml", f"{folder}/job.yaml"
        with open(spec, "wb") as out:
            subprocess.run([KTRAIN, "init", "--template", "cnn"], stdout=out, check=True)
        with open(job, "wb") as out:
            subprocess.run([KTRAIN, "generate", spec], stdout=out, check=True)
        commands = {
            "ktrain version": [KTRAIN, "version"],
            "ktrain estimate": [KTRAIN, "estimate", spec],
            "ktrain generate": [KTRAIN, "generate", spec],
            "ktrain validate": [KTRAIN, "validate", job],
        }
        if options.kubectl:
            commands["kubectl version --client"] = [options.kubectl, "version", "--client"]
        samples = {name: [] for name in commands}
        for _ in range(options.runs):
            for name, command in commands.items():
                samples[name].append(measure(command))
    print(f"{'command':<26} {'median ms':>10} {'max ms':>8} {'RSS MB':>8}")
    for name, runs in samples.items():
        times = [ms for ms, _ in runs]
        print(f"{name:<26} {statistics.median(times):10.1f} {max(times):8.1f} {max(mb for _, mb in runs):8.1f}")


if __name__ == "__main__":
    main()
