#!/usr/bin/env python3
"""Measures what checkpoints cost: steps that are slower for them, and saving and loading against the disk itself.

  tests/bench/checkpoint/bench.py [--ktrain build/release/bin/ktrain] [--rounds 5] [--folder FOLDER] [steps|disk]

Steps: a Llama of 15.2 M parameters trained whole with AdamW, batches of 8 x 256, with a checkpoint every 4 steps and
without, in turns. Disk: 1.1 GB of a Llama of 90 M parameters, in FOLDER, against dd of as many bytes there, fsync
included, and against reading the files with nothing cached. Exit code 0 when the bars hold: mean and worst step within
5 %, saving and loading at 90 % of the disk.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
TOKENIZER = {"version": "1.0", "added_tokens": [], "model": {"type": "WordLevel", "vocab": {"<unk>": 0, "</s>": 2},
                                                              "unk_token": "<unk>"}}
SMALL = dict(vocab_size=32000, hidden_size=288, intermediate_size=768, num_hidden_layers=6, num_attention_heads=6)
LARGE = dict(vocab_size=64000, hidden_size=1024, intermediate_size=2816, num_hidden_layers=2, num_attention_heads=8)
BAR_STEP, BAR_DISK = 1.05, 0.9


def make_model(folder, sizes, length, rows):
    folder.mkdir(parents=True)
    config = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "max_position_embeddings": 1024,
              "num_key_value_heads": sizes["num_attention_heads"], "tie_word_embeddings": True, "eos_token_id": 2}
    (folder / "config.json").write_text(json.dumps(config | sizes))
    (folder / "tokenizer.json").write_text(json.dumps(TOKENIZER))
    (folder / "tokenizer_config.json").write_text(json.dumps({"eos_token": "</s>", "unk_token": "<unk>"}))
    numbers = random.Random(1)
    with open(folder / "rows.jsonl", "w") as file:
        for _ in range(rows):
            file.write(json.dumps({"input_ids": [numbers.randrange(3, 32000) for _ in range(length)]}) + "\n")


def events_of(options, model, output, *more):
    """The events of a run with the times at which they came, in seconds."""
    process = subprocess.Popen(
        [options.ktrain, "run", "-o", "json", "--name=bench", f"--config_name={model}",
         f"--dataset_path={model}/rows.jsonl", f"--output_dir={output}", "--logging_steps=1",
         f"--cache_dir={model}/cache", "--lr_scheduler_type=constant", *more], stdout=subprocess.PIPE, text=True)
    events = [(time.perf_counter(), json.loads(line)) for line in process.stdout]
    if process.wait() != 0:
        sys.exit("ktrain run failed")
    return events


def step_seconds(options, folder, *more):
    """From one log line to the next, so that everything between two steps counts; without the first two steps."""
    with tempfile.TemporaryDirectory(dir=folder) as output:
        events = events_of(options, folder / "small", output, "--max_steps=22", "--per_device_train_batch_size=8", *more)
    times = [at for at, event in events if event["event"] == "step"]
    return [b - a for a, b in zip(times[1:], times[2:])]


def compare_steps(options, folder):
    make_model(folder / "small", SMALL, 256, 22 * 8)
    ratios, worst = [], []
    for _ in range(options.rounds):
        plain = step_seconds(options, folder, "--save_strategy=no")
        saving = step_seconds(options, folder, "--save_strategy=steps", "--save_steps=4", "--save_total_limit=2")
        ratios.append(statistics.mean(saving) / statistics.mean(plain))
        worst.append(max(saving) / max(plain))
        print(f"step {statistics.mean(plain) * 1e3:.0f} ms, with checkpoints {statistics.mean(saving) * 1e3:.0f} ms: "
              f"{ratios[-1]:.3f}; the slowest {max(plain) * 1e3:.0f} and {max(saving) * 1e3:.0f} ms: {worst[-1]:.3f}")
    return statistics.median(ratios), statistics.median(worst)


def files_of(checkpoint):
    return sorted(path for path in checkpoint.iterdir() if path.is_file())


def forget(paths):
    """Makes the next reading of the files one of the disk."""
    for path in paths:
        with open(path) as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def dd_seconds(size, target):
    begin = time.perf_counter()
    subprocess.run(["dd", "if=/dev/zero", f"of={target}", "bs=1M", f"count={size >> 20}", "conv=fsync"], check=True,
                   capture_output=True)
    target_seconds = time.perf_counter() - begin
    os.remove(target)
    return target_seconds


def read_seconds(paths):
    begin = time.perf_counter()
    for path in paths:
        subprocess.run(["dd", f"if={path}", "of=/dev/null", "bs=1M"], check=True, capture_output=True)
    return time.perf_counter() - begin


def compare_disk(options, folder):
    make_model(folder / "large", LARGE, 16, 8)
    output = folder / "output"
    saves, loads = [], []
    for _ in range(options.rounds):
        shutil.rmtree(output, ignore_errors=True)
        options_of_run = ["--per_device_train_batch_size=1", "--save_strategy=steps", "--set", "checkpoint.async_save=false"]
        events = events_of(options, folder / "large", output, "--max_steps=1", *options_of_run)
        # The epoch's line is the last event before the checkpoint.
        began = max(at for at, event in events if event["event"] == "epoch")
        save = next(at for at, event in events if event["event"] == "checkpoint") - began
        files = files_of(output / "checkpoint-1")
        size = sum(path.stat().st_size for path in files)
        disk = dd_seconds(size, folder / "dd")
        forget(files)
        disk_read = read_seconds(files)
        forget(files)
        events = events_of(options, folder / "large", output, "--max_steps=1", *options_of_run)
        times = {event["event"]: at for at, event in events}
        load = times["resume"] - times["start"]
        saves.append(disk / save)
        loads.append(disk_read / load)
        gigabytes = size / 1e9
        print(f"{gigabytes:.2f} GB: saved at {gigabytes / save:.2f} GB/s, dd {gigabytes / disk:.2f}; "
              f"checked and loaded at {gigabytes / load:.2f} GB/s, dd {gigabytes / disk_read:.2f}")
    return statistics.median(saves), statistics.median(loads)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ktrain", default=ROOT / "build/release/bin/ktrain")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("part", nargs="?", choices=["steps", "disk"], help="by default both")
    parser.add_argument("--folder", help="on the disk to measure; by default that of temporary files")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = pathlib.Path(name)
        good = True
        if options.part != "disk":
            mean, worst = compare_steps(options, folder)
            print(f"median: steps with checkpoints {mean:.3f}, the slowest of them {worst:.3f} (bar {BAR_STEP})")
            good = max(mean, worst) <= BAR_STEP
        if options.part != "steps":
            save, load = compare_disk(options, folder)
            print(f"median: saving {save:.2f} and loading {load:.2f} of the disk (bar {BAR_DISK})")
            good = good and min(save, load) >= BAR_DISK
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
