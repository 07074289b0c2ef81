#!/usr/bin/env python3
"""Runs the shell steps of action.yml as GitHub would, without GitHub.

  tests/hooks/action.py [INPUT=VALUE...]

Prints what the steps print, the outputs, and the exit code of the first step that fails. Steps that use other actions
are named only.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]


def filled(text, inputs, outputs):
    """The text with ${{ inputs.x }} and ${{ steps.x.outputs.y }} put in."""
    def value(match):
        name = match.group(1)
        return inputs[name[7:]] if name.startswith("inputs.") else outputs.get(name, "")
    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", value, text)


def run_step(step, inputs, outputs):
    with tempfile.NamedTemporaryFile("r", suffix=".output") as out:
        env = {name: filled(value, inputs, outputs) for name, value in step.get("env", {}).items()}
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], check=False,
                              env={**os.environ, **env, "GITHUB_OUTPUT": out.name, "GITHUB_ACTION_PATH": str(ROOT)})
        for line in out.read().splitlines():
            name, _, value = line.partition("=")
            outputs[f"steps.{step.get('id')}.outputs.{name}"] = value
    return done.returncode


def main():
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    inputs = {name: about["default"] for name, about in action["inputs"].items()}
    for word in sys.argv[1:]:
        name, _, value = word.partition("=")
        assert name in inputs, f"no input {name}"
        inputs[name] = value
    outputs = {}
    for step in action["runs"]["steps"]:
        if "uses" in step:
            print(f"uses {step['uses']}: {filled(str(step['with']), inputs, outputs)}", flush=True)
            continue
        code = run_step(step, inputs, outputs)
        if code:
            print(f"step {step.get('name')!r} ended with {code}")
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
