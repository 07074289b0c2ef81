#!/usr/bin/env python3
"""Runs the hooks of .pre-commit-hooks.yaml with pre-commit, in a repository made for it.

  tests/hooks/pre_commit.py HOOK FILE...

pre-commit comes from PyPI, once, by the version pinned below, into $KTRAIN_CACHE. Without a network it prints a line that
begins with SKIP and ends with code 77. The exit code is otherwise that of pre-commit.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import venv

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "parity"))
import packages  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSION = "4.3.0"


def program():
    folder = packages.cache() / f"pre-commit-{VERSION}"
    if not (folder / "bin/pre-commit").exists():
        venv.create(folder, with_pip=True, clear=True)
        packages.run(str(folder / "bin/python"), "-m", "pip", "install", "--quiet", f"pre-commit=={VERSION}")
    return folder / "bin/pre-commit"


def git(folder, *words):
    subprocess.run(["git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@t.invalid", *words], check=True,
                   capture_output=True)


def repository(folder, *files):
    folder.mkdir()
    git(folder, "init", "--quiet")
    for file in files:
        shutil.copy(file, folder / pathlib.Path(file).name)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "files")
    return folder


def main():
    hook, *files = sys.argv[1:]
    try:
        pre_commit = program()
    except (OSError, subprocess.SubprocessError) as problem:
        print(f"SKIP: pre-commit cannot be installed: {problem}")
        return 77
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        hooks = repository(work / "hooks", ROOT / ".pre-commit-hooks.yaml")
        user = repository(work / "user", *files)
        done = subprocess.run([pre_commit, "try-repo", "--color=never", hooks, hook, "--all-files"], cwd=user,
                              env={**os.environ, "PRE_COMMIT_HOME": str(work / "home")}, capture_output=True, text=True,
                              check=False)
        # What try-repo says of its own comes first.
        said = done.stdout.split("=" * 79)[-1].strip().splitlines()
        print("\n".join(line for line in said if not line.startswith("[INFO]")))
        for file in files:
            shutil.copy(user / pathlib.Path(file).name, file)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
