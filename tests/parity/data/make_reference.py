#!/usr/bin/env python3
"""Writes packing.json (bins of TRL's pack_dataset) and saved/ (folders of datasets.save_to_disk) beside itself.

Run it with a Python that has trl==1.16.0, datasets==5.2.0 and pyarrow==26.0.1, then commit the result. Without
transformers installed a stand-in is enough: packing names only two of its types.
"""
import importlib.util
import json
import pathlib
import random
import shutil
import sys
import types

import datasets

HERE = pathlib.Path(__file__).resolve().parent
VERSIONS = {"trl": "1.16.0", "datasets": "5.2.0", "pyarrow": "26.0.1"}


def trl_pack_dataset():
    """TRL's function from its file alone: importing the package would want torch."""
    if importlib.util.find_spec("transformers") is None:
        stand_in = types.ModuleType("transformers")
        stand_in.PreTrainedTokenizerBase = type("PreTrainedTokenizerBase", (), {})
        stand_in.ProcessorMixin = type("ProcessorMixin", (), {})
        sys.modules["transformers"] = stand_in
    folder = pathlib.Path(importlib.util.find_spec("trl").origin).parent
    spec = importlib.util.spec_from_file_location("trl_data_utils", folder / "data_utils.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules.pop("transformers", None)  # others ask it for more
    return module.pack_dataset


def packing_cases(pack_dataset):
    rng = random.Random(7)
    for name, count, draw in [
        ("short", 200, lambda: rng.randint(0, 40)),
        ("mixed", 300, lambda: int(rng.lognormvariate(4, 1))),
        ("long", 60, lambda: rng.randint(100, 700)),
        ("equal", 50, lambda: 32),
        ("one", 1, lambda: 5),
    ]:
        lengths = [draw() for _ in range(count)]
        rows = datasets.Dataset.from_dict({"input_ids": [list(range(n)) for n in lengths]})
        for strategy in ("bfd", "bfd_split"):
            for max_length in (64, 100, 256):
                packed = pack_dataset(rows, max_length, strategy, {"batch_size": count, "load_from_cache_file": False})
                yield {"name": name, "strategy": strategy, "max_length": max_length, "lengths": lengths,
                       "bins": sorted(len(ids) for ids in packed["input_ids"])}


def save_folders():
    rows = [{"id": i, "messages": [{"role": "user", "content": f"question {i}"},
                                   {"role": "assistant", "content": "ä" * i}],
             "score": None if i == 1 else i / 4, "tags": [] if i == 2 else ["a", "b"]} for i in range(5)]
    train = datasets.Dataset.from_list(rows)
    folder = HERE / "saved"
    shutil.rmtree(folder, ignore_errors=True)
    datasets.DatasetDict({"train": train, "test": train.select([4])}).save_to_disk(folder, num_shards={"train": 2, "test": 1})
    (HERE / "saved.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    cases = list(packing_cases(trl_pack_dataset()))
    text = json.dumps({"versions": VERSIONS, "cases": cases}, separators=(",", ":")).replace('{"name"', '\n{"name"')
    (HERE / "packing.json").write_text(text + "\n")
    save_folders()
