#!/usr/bin/env python3
"""Compares `ktrain run` with a plain PyTorch loop: the same CNN, batches and machine, runs interleaved.

  tests/bench/cnn/bench.py [--ktrain build/release/bin/ktrain] [--rounds 3] [--steps 300] [--install]

--install makes the peer's virtual environment (torch==2.11.0 and numpy==2.4.6 with their CUDA libraries: 3 GB to
download, 6 GB on disk) under $KTRAIN_CACHE, $XDG_CACHE_HOME/ktrain or ~/.cache/ktrain. Exit code 0 when both bars hold:
throughput >= 1.0 of the peer's, time to the first step <= 0.5 of the peer's.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import peers
ROOT = HERE.parents[2]
PINS = ["torch==2.11.0", "numpy==2.4.6"]


def run_peer(python, data, batch, steps):
    """In the peer's favour, its clock begins within Python, and its threads wait without spinning, as ours do: with
    the default it is several times slower on a machine that is not idle."""
    process = subprocess.run([python, HERE / "peer.py", data, str(batch), str(steps)], check=True, capture_output=True,
                             env=peers.environment())
    return json.loads(process.stdout)


def run_ktrain(program, data, batch, steps):
    """First step: from exec to its event. Speed: the steps after the first, by our own clock."""
    with tempfile.TemporaryDirectory() as output:
        begin = time.perf_counter()
        process = subprocess.Popen(
            [program, "run", "-o", "json", "--name=bench", "--set", "model.type=simple_cnn", "--input_channels=1",
             "--dataset=fashion_mnist", f"--dataset_path={data}", f"--per_device_train_batch_size={batch}",
             "--learning_rate=0.003", "--optim=adam", "--max_grad_norm=0", f"--max_steps={steps}", "--logging_steps=1",
             "--save_strategy=no", f"--output_dir={output}"],
            stdout=subprocess.PIPE, text=True)
        seen = []  # time and CPU time at each step
        for line in process.stdout:
            if json.loads(line)["event"] == "step":
                seen.append((time.perf_counter(), peers.cpu_seconds(process)))
        if process.wait() != 0:
            sys.exit("ktrain run failed")
    (first, first_cpu), (last, last_cpu) = seen[0], seen[-1]
    return {"first_step": first - begin, "samples_per_second": batch * (steps - 1) / (last - first),
            "cpu_per_step": (last_cpu - first_cpu) / (steps - 1)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ktrain", default=ROOT / "build/release/bin/ktrain")
    parser.add_argument("--data", default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--install", action="store_true")
    options = parser.parse_args()
    python = peers.python("peer-torch-2.11.0", PINS, options.install)
    rounds = []
    for number in range(options.rounds):
        ours = run_ktrain(options.ktrain, options.data, options.batch, options.steps)
        peer = run_peer(python, options.data, options.batch, options.steps)
        rounds.append((ours, peer))
        print(f"round {number + 1}:  " + "   ".join(
            f"{name} {ours[name]:.4g} / {peer[name]:.4g}" for name in ("samples_per_second", "cpu_per_step", "first_step")))
    speed = statistics.median(ours["samples_per_second"] / peer["samples_per_second"] for ours, peer in rounds)
    first = statistics.median(ours["first_step"] / peer["first_step"] for ours, peer in rounds)
    cpu = statistics.median(ours["cpu_per_step"] / peer["cpu_per_step"] for ours, peer in rounds)
    print(f"CPU time of a step {cpu:.2f} of the PyTorch loop's")
    print(f"throughput {speed:.2f} of the PyTorch loop (bar: at least 1.00)")
    print(f"time to first step {first:.2f} of the PyTorch loop (bar: at most 0.50)")
    return 0 if speed >= 1 and first <= 0.5 else 1


if __name__ == "__main__":
    sys.exit(main())
