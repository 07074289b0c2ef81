#!/usr/bin/env python3
"""Writes reference.json: token ids, rendered chats and masks of Hugging Face for the data that fetch.py got.

  tests/parity/text/make_reference.py [--install] > reference.json

It runs itself in a virtual environment with the pinned packages ($KTRAIN_CACHE/oracle-text-...); --install makes it.
Ids and texts are kept as hashes, of BLOCK lines each, so that a difference can be found by running this again.
"""
import datetime
import hashlib
import json
import os
import pathlib
import subprocess
import sys

import fetch
import packages

PINS = ["transformers==5.23.0", "tokenizers==0.23.3", "jinja2==3.1.6"]
HERE = pathlib.Path(__file__).resolve().parent
BLOCK = 512
NOW = 1760000000  # seconds since 1970, for strftime_now
# The template of a model, with the tokenizer that has its special tokens.
MASKS = {"gemma": "gemma2", "gptoss": "gptoss", "llama3": "llama3", "qwen3": "qwen3"}


def oracle(install):
    """The Python of the virtual environment."""
    name = hashlib.sha256(" ".join(PINS).encode()).hexdigest()[:16]
    home = packages.cache() / f"oracle-text-{name}"
    python = home / "bin/python"
    if not python.exists():
        if not install:
            sys.exit(f"SKIP: no {home}; make it with --install")
        subprocess.run([sys.executable, "-m", "venv", home], check=True, stdout=sys.stderr)
        subprocess.run([python, "-m", "pip", "install", "-q", *PINS], check=True, stdout=sys.stderr)
    return python


def broken(line, number):
    """Every eighth line loses a byte, every eighth other one has a byte overwritten: UTF-8 that is none."""
    if line and number % 8 == 3:
        at = number * 7919 % len(line)
        return line[:at] + line[at + 1:]
    if line and number % 8 == 6:
        at = number * 7919 % len(line)
        return line[:at] + bytes([number * 31 % 256]) + line[at + 1:]
    return line


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def tokenizers(data):
    from tokenizers import Tokenizer
    raw = (data / "lines.txt").read_bytes().split(b"\n")[:-1]
    lines = [broken(line, number).decode(errors="replace") for number, line in enumerate(raw)]
    result = {}
    for name in [*fetch.TOKENIZERS, "gpt2"]:
        tokenizer = Tokenizer.from_file(str(data / name / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        ids = [encoding.ids for encoding in tokenizer.encode_batch(lines)]
        blocks = [ids[i:i + BLOCK] for i in range(0, len(ids), BLOCK)]
        text = "".join(tokenizer.decode(line, skip_special_tokens=False) + "\n" for line in ids)
        result[name] = {"size": tokenizer.get_vocab_size(), "tokens": sum(map(len, ids)), "decoded": digest(text),
                        "blocks": [digest("".join(" ".join(map(str, line)) + "\n" for line in block)) for block in blocks]}
    return len(lines), result


def chats(data, module):
    """For each template and conversation, without and with a prompt for the assistant: a hash, or null if refused."""
    special = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    conversations = json.loads((HERE / "conversations.json").read_text())
    result = {}
    for path in sorted((data / "templates").glob("*.jinja")):
        result[path.stem] = []
        for chat in conversations:
            messages = [{key: value for key, value in message.items() if value is not None} for message in chat["messages"]]
            for prompt in (False, True):
                try:
                    texts, _ = module.render_jinja_template(
                        [messages], tools=chat.get("tools"), documents=chat.get("documents"),
                        chat_template=path.read_text(), add_generation_prompt=prompt, **special, **chat.get("variables", {}))
                    result[path.stem].append(digest(texts[0]))
                except Exception:
                    result[path.stem].append(None)
    return result


def masks(data):
    """Ids and assistant masks of the templates with {% generation %}, as digits: null if refused."""
    from transformers import PreTrainedTokenizerFast
    conversations = json.loads((HERE / "conversations.json").read_text())
    result = {}
    for template, name in MASKS.items():
        config = json.loads((data / name / "tokenizer_config.json").read_text())
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_file=str(data / name / "tokenizer.json"), bos_token=config["bos_token"], eos_token=config["eos_token"])
        source = (data / f"templates/{template}_training.jinja").read_text()
        result[template] = []
        for chat in conversations:
            try:
                row = tokenizer.apply_chat_template(
                    chat["messages"], tools=chat.get("tools"), documents=chat.get("documents"), chat_template=source,
                    return_dict=True, return_assistant_tokens_mask=True, **chat.get("variables", {}))
                ids = " ".join(map(str, row["input_ids"]))
                result[template].append({"ids": digest(ids), "mask": "".join(map(str, row["assistant_masks"]))})
            except Exception:
                result[template].append(None)
    return result


def replaced():
    """Bytes in hexadecimal and what Python makes of them: overlong forms, surrogates, cut and stray bytes."""
    samples = ["", "41", "c3a9", "c3", "c328", "c080", "c1bf", "e08080", "e0a0", "e0a041", "ed9fbf", "eda080", "edb080",
               "eda081edb080", "f09f9880", "f09f98", "f09f", "f0", "f0808080", "f48fbfbf", "f4908080", "f5808080", "ff",
               "80", "8080", "e4b8ade4b8", "41ff42", "f09f98f09f9880", "fc8080808080", "efbfbd", "efbfbf", "00", "4100c3"]
    return {sample: bytes.fromhex(sample).decode(errors="replace") for sample in samples}


def reference():
    from transformers.utils import chat_template_utils

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(NOW, datetime.timezone.utc)

    chat_template_utils.datetime = Clock
    data = fetch.folder()
    if not data.exists():
        sys.exit("SKIP: no data; run tests/parity/text/fetch.py")
    lines, ids = tokenizers(data)
    return {"made_with": PINS, "lines": lines, "block": BLOCK, "now": NOW, "tokenizers": ids,
            "chats": chats(data, chat_template_utils), "masks": masks(data), "replaced": replaced()}


def write(value, indent=""):
    """JSON with one line for each list."""
    if isinstance(value, dict):
        rows = [f"{indent} {json.dumps(key)}: {write(item, indent + ' ')}" for key, item in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    return json.dumps(value, ensure_ascii=True)


if __name__ == "__main__":
    if os.environ.get("KTRAIN_ORACLE") != "1":
        sys.exit(subprocess.run([oracle("--install" in sys.argv), __file__],
                                env=os.environ | {"KTRAIN_ORACLE": "1", "TRANSFORMERS_VERBOSITY": "error"}).returncode)
    print(write(reference()))
