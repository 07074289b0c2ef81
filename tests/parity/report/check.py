#!/usr/bin/env python3
"""Checks that TensorBoard, W&B and Prometheus read what a run reports.

  tests/parity/report/check.py [KTRAIN]      the program; by default build/release/bin/ktrain

Needs a Python with tensorboard 2.21.0 and wandb 0.31.0, which is made in the cache at the first run; promtool, where it
is installed, checks the alert rules and a scrape. Ends with "N passed, N failed", or with SKIP and 77.
"""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
CACHE = pathlib.Path(os.environ.get("KTRAIN_CACHE") or pathlib.Path(
    os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "ktrain")
FOLDER = CACHE / "oracle-report-2026.11"
PACKAGES = ["tensorboard==2.21.0", "wandb==0.31.0", "setuptools<81", "pyyaml"]
SPEC = """apiVersion: ktrain.dev/v1
kind: TrainingJob
metadata: {name: report}
model: {type: simple_cnn, input_channels: 1, num_classes: 4}
data: {dataset_path: data}
training: {num_train_epochs: 2, logging_steps: 3, per_device_train_batch_size: 8}
checkpoint: {save_strategy: steps, save_steps: 6}
output_dir: out
"""


def oracle():
    """Runs this file again in the Python that has the libraries."""
    if not (FOLDER / "bin/wandb").exists():
        made = subprocess.run([sys.executable, "-m", "venv", FOLDER], capture_output=True).returncode == 0
        if not made or subprocess.run([FOLDER / "bin/pip", "install", "--quiet", *PACKAGES]).returncode != 0:
            shutil.rmtree(FOLDER, ignore_errors=True)
            print("SKIP: no Python with tensorboard and wandb, and none can be made")
            sys.exit(77)
    sys.exit(subprocess.run([FOLDER / "bin/python", __file__, "--inside", *sys.argv[1:]]).returncode)


def write_images(folder):
    """IDX files of 80 images and 20 for the test, 28 x 28, of four classes."""
    folder.mkdir()
    for name, count in (("train", 80), ("t10k", 20)):
        labels = bytes(i % 4 for i in range(count))
        pixels = bytes((label * 60 + i) % 256 for label in labels for i in range(784))
        size = count.to_bytes(4, "big")
        side = (28).to_bytes(4, "big")
        (folder / f"{name}-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03" + size + side * 2 + pixels)
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01" + size + labels)


def train(program, folder, *flags, **environment):
    done = subprocess.run([program, "run", "train.yaml", "-o", "json", *flags], cwd=folder, capture_output=True,
                          text=True, env={**os.environ, **environment})
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_tensorboard(program, folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train(program, folder, "--set", "monitoring.report_to=tensorboard")
    # A pod that was killed behind its checkpoint of step 12: the steps beyond it are trained, and reported, again.
    shutil.rmtree(folder / "out/checkpoint-18")
    shutil.rmtree(folder / "out/checkpoint-20")
    train(program, folder, "--set", "monitoring.report_to=tensorboard")
    assert len(list((folder / "out/runs").iterdir())) == 2
    events = EventAccumulator(str(folder / "out/runs"))
    events.Reload()
    steps = [event.step for event in events.Scalars("train/loss")]
    assert steps == [3, 6, 9, 12, 15, 18, 20], steps
    lines = [json.loads(line) for line in (folder / "out/metrics.jsonl").read_text().splitlines()]
    losses = {line["step"]: line["loss"] for line in lines if line["event"] == "step"}
    for event in events.Scalars("train/loss"):
        assert abs(event.value - losses[event.step]) <= 1e-6 * losses[event.step], event
    wanted = {"train/loss", "train/grad_norm", "train/learning_rate", "train/epoch", "eval/loss", "memory/activations"}
    assert wanted <= set(events.Tags()["scalars"]), events.Tags()


def check_wandb_sync(program, folder):
    """`wandb sync` sends an offline run to a server, which gets what the run logged."""
    run = train(program, folder, "--set", "monitoring.report_to=wandb", "--set", "monitoring.wandb_mode=offline",
                "--output_dir=offline")
    log = folder / "requests"
    server = subprocess.Popen([sys.executable, ROOT / "tests/support/wandb_server.py", log, "ok"],
                              stdout=subprocess.PIPE, text=True)
    try:
        port = server.stdout.readline().strip()
        sync = subprocess.run([FOLDER / "bin/wandb", "sync", run[-1]["reports"]["wandb"]["path"]], cwd=folder, text=True,
                              capture_output=True, timeout=120,
                              env={**os.environ, "WANDB_BASE_URL": f"http://127.0.0.1:{port}", "WANDB_API_KEY": "0" * 40,
                                   "WANDB_ERROR_REPORTING": "false", "HOME": str(folder)})
    finally:
        server.kill()
    history = []
    for request in map(json.loads, log.read_text().splitlines() if log.exists() else []):
        history += request["body"].get("files", {}).get("wandb-history.jsonl", {}).get("content", [])
    steps = [json.loads(line)["train/global_step"] for line in history if "train/loss" in line]
    assert steps == [3, 6, 9, 12, 15, 18, 20], (steps, sync.stdout, sync.stderr)


def check_prometheus(program, folder):
    import yaml

    with socket.socket() as probe:
        probe.bind(("", 0))
        port = probe.getsockname()[1]
    run = subprocess.Popen([program, "run", "train.yaml", "-o", "json", "--output_dir=scraped", f"--metrics-port={port}",
                            "--num_train_epochs=1000"], cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        while json.loads(run.stdout.readline())["event"] != "step":
            pass
        scrape = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20).read()
    finally:
        run.kill()
    assert b"\nktrain_loss " in scrape, scrape
    groups = yaml.safe_load((ROOT / "templates/monitoring/rules.yaml").read_text())["spec"]
    if promtool := shutil.which("promtool"):
        (folder / "rules.yaml").write_text(yaml.safe_dump(groups))
        subprocess.run([promtool, "check", "rules", folder / "rules.yaml"], check=True, capture_output=True)
        subprocess.run([promtool, "check", "metrics"], input=scrape, check=True, capture_output=True)


def inside(program):
    failed = 0
    checks = [check_tensorboard, check_wandb_sync, check_prometheus]
    for check in checks:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            write_images(folder / "data")
            (folder / "train.yaml").write_text(SPEC)
            try:
                check(program, folder)
            except Exception as error:  # each check on its own
                failed += 1
                print(f"FAILED: {check.__name__}: {error!r}")
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        sys.exit(inside(sys.argv[2] if len(sys.argv) > 2 else str(ROOT / "build/release/bin/ktrain")))
    oracle()
