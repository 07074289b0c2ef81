#!/usr/bin/env python3
"""Times short commands of ktrain as whole processes, in turns with a peer where there is one, and checks the bars."""
import argparse
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
# What a command may take at most: its median wall time in ms and its RSS in MB.
BARS = {"ktrain version": (20, 20), "ktrain generate": (50, None), "ktrain estimate --find": (1000, 30)}


def milliseconds(command):
    """Wall time of one run."""
    began = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {done.returncode}")
    return (time.perf_counter() - began) * 1000


def megabytes(command):
    """Peak RSS of one run, by time(1): a child of this interpreter would count the interpreter's memory as its own."""
    done = subprocess.run(["/usr/bin/time", "-f", "%M", *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True, check=True)
    return int(done.stderr.split()[-1]) / 1024


def sample(program, kubectl, runs):
    """The wall times of each command, taken in turns, and its memory."""
    with tempfile.TemporaryDirectory() as folder:
        spec, job = f"{folder}/train.yaml", f"{folder}/job.yaml"
        with open(spec, "wb") as out:
            subprocess.run([program, "init", "--template", "cnn"], stdout=out, check=True)
        with open(job, "wb") as out:
            subprocess.run([program, "generate", spec], stdout=out, check=True)
        commands = {
            "ktrain version": [program, "version"],
            "ktrain estimate": [program, "estimate", spec],
            "ktrain estimate --find": [program, "estimate", "--model", "llama-2-7b", "--tokens", "300M", "--find"],
            "ktrain generate": [program, "generate", spec],
            "ktrain validate": [program, "validate", job],
        }
        if kubectl:
            commands["kubectl version --client"] = [kubectl, "version", "--client"]
        samples = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                samples[name].append(milliseconds(command))
        memory = {name: megabytes(command) for name, command in commands.items()}
    return samples, memory


def missed(name, median_ms, rss_mb, memory_only):
    """The bars that a command misses, each as a sentence."""
    most_ms, most_mb = BARS.get(name, (None, None))
    if most_ms and median_ms >= most_ms and not memory_only:
        yield f"{name} takes {median_ms:.1f} ms; the bar is {most_ms} ms"
    if most_mb and rss_mb >= most_mb:
        yield f"{name} takes {rss_mb:.1f} MB; the bar is {most_mb} MB"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/bin/ktrain")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--memory", action="store_true", help="one run of each, with the bars of memory only")
    parser.add_argument("--kubectl", default=shutil.which("kubectl"), help="peer for `version`")
    options = parser.parse_args()
    if options.memory:
        options.runs, options.kubectl = 1, None
    print(f"{'command':<26} {'median ms':>10} {'max ms':>8} {'RSS MB':>8}")
    failures = []
    samples, memory = sample(options.program.resolve(), options.kubectl, options.runs)
    for name, times in samples.items():
        median, rss = statistics.median(times), memory[name]
        print(f"{name:<26} {median:10.1f} {max(times):8.1f} {rss:8.1f}")
        failures += missed(name, median, rss, options.memory)
    print("\n".join(f"MISSED: {text}" for text in failures) or "every bar is met")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
