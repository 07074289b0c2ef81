#!/usr/bin/env python3
"""Compares our tokenizer with Hugging Face's on the same real lines and threads, runs interleaved.

  tests/bench/text/bench.py [--program build/release/bin/ktrain_text_bench] [--rounds 5] [--threads 2]

Needs the data of tests/parity/text/fetch.py and the virtual environment of tests/parity/text/make_reference.py
(--install there makes it). Prints a line for each tokenizer; exit code 0 when each ratio is at least 1.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/parity/text"))
import fetch  # noqa: E402
import make_reference  # noqa: E402

# Reads the lines, encodes them once to warm up, then prints the seconds of one more time.
PEER = """
import sys, time
from tokenizers import Tokenizer
tokenizer = Tokenizer.from_file(sys.argv[1])
lines = open(sys.argv[2], encoding="utf-8", newline="").read().split("\\n")[:-1]
tokenizer.encode_batch(lines)
begin = time.perf_counter()
tokens = sum(len(encoding.ids) for encoding in tokenizer.encode_batch(lines))
print(time.perf_counter() - begin, tokens)
"""


def seconds(command, environment):
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | environment)
    time, tokens = done.stdout.split()
    return float(time), int(tokens)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "build/release/bin/ktrain_text_bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("-o", "--output", choices=["table", "json"], default="table")
    options = parser.parse_args()
    data = fetch.folder()
    if not data.exists():
        sys.exit("SKIP: no data; run tests/parity/text/fetch.py")
    python = make_reference.oracle(install=False)
    threads = {"RAYON_NUM_THREADS": str(options.threads), "TOKENIZERS_PARALLELISM": "true"}
    rows = []
    for name in [*fetch.TOKENIZERS, "gpt2"]:
        files = [data / name / "tokenizer.json", data / "lines.txt"]
        ours, theirs = [], []
        for _ in range(options.rounds):
            ours.append(seconds([options.program, *files, str(options.threads)], {}))
            theirs.append(seconds([python, "-c", PEER, *files], threads))
        if ours[0][1] != theirs[0][1]:
            sys.exit(f"{name}: {ours[0][1]} tokens here, {theirs[0][1]} there")
        times = [statistics.median(time for time, _ in side) for side in (ours, theirs)]
        rows.append({"tokenizer": name, "tokens": ours[0][1], "ktrain_s": times[0], "hf_s": times[1],
                     "ratio": times[1] / times[0]})
        if options.output == "table":
            print(f"{name:8} {ours[0][1]:8} tokens  ktrain {times[0]:6.3f} s  HF {times[1]:6.3f} s  "
                  f"ratio {times[1] / times[0]:5.2f}", flush=True)
    if options.output == "json":
        print(json.dumps(rows))
    return 0 if all(row["ratio"] >= 1 for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
