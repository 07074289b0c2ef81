#!/usr/bin/env python3
"""Fetches the official JSON schema of SARIF 2.1.0, which Microsoft's jest-sarif carries (MIT), and prints its path.

  tests/formats/fetch.py

The package of packages.lock comes through npm, once; the schema lies in $KTRAIN_CACHE/formats-HASH. Without npm or a
network it prints a line that begins with SKIP and ends with code 77. Nothing of it may be committed.
"""
import hashlib
import pathlib
import subprocess
import sys
import tarfile
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "parity"))
import packages  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
MEMBER = "package/lib/schemas/sarif-2.1.0-rtm.5.json"


def fetch(target):
    (name, (version, digests)), = packages.locked(HERE, "npm").items()
    with tempfile.TemporaryDirectory() as work:
        packages.run("npm", "pack", "--silent", f"--pack-destination={work}", f"{name}@{version}")
        tarball, = pathlib.Path(work).glob("*.tgz")
        if hashlib.sha256(tarball.read_bytes()).hexdigest() not in digests:
            raise OSError(f"{tarball.name} is not the file that packages.lock names")
        with tarfile.open(tarball) as archive:
            content = archive.extractfile(MEMBER).read()
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    part.write_bytes(content)
    part.rename(target)


def main():
    target = packages.folder(HERE) / "sarif-2.1.0.json"
    if not target.exists():
        try:
            fetch(target)
        except (OSError, subprocess.SubprocessError) as problem:
            print(f"SKIP: the schema of SARIF cannot be fetched: {problem}")
            return 77
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
