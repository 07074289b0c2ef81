#!/usr/bin/env python3
"""Writes reference.json: what transformers' Trainer and EarlyStoppingCallback make of rows of evaluations.

  tests/parity/selection/make_reference.py     # needs torch 2.11, transformers 5.23, accelerate 1.15

Each case has the evaluations in order; after each of them the best metric, its step, the counter of patience and
whether training stops. Exact: the same comparisons of the same numbers.
"""
import json
import pathlib
import random
import types

import transformers
from transformers import EarlyStoppingCallback, Trainer, TrainerControl, TrainerState


def follow(case):
    args = types.SimpleNamespace(
        metric_for_best_model=case["metric"], greater_is_better=case["metric"] != "loss", eval_strategy="steps",
        save_strategy=case["save_strategy"], load_best_model_at_end=True)
    trainer = types.SimpleNamespace(args=args, state=TrainerState())
    callback = EarlyStoppingCallback(case["patience"], case["threshold"])
    control = TrainerControl()
    after = []
    for step, value in enumerate(case["values"], 1):
        trainer.state.global_step = step
        metrics = {"eval_" + case["metric"]: value}
        callback.on_evaluate(args, trainer.state, control, metrics)
        Trainer._determine_best_metric(trainer, metrics, None)
        after.append([trainer.state.best_metric, trainer.state.best_global_step,
                      callback.early_stopping_patience_counter, control.should_training_stop])
        if control.should_training_stop:
            break
    return after


def main():
    numbers = random.Random(7)
    cases = []
    for metric in ("loss", "accuracy"):
        for threshold in (0.0, 0.25):
            for save_strategy in ("steps", "no"):
                # Sixteenths, so that differences and thresholds are exact; several are equal.
                values = [numbers.randrange(1, 32) / 16 for _ in range(12)]
                cases.append({"metric": metric, "threshold": threshold, "patience": 3, "save_strategy": save_strategy,
                              "values": values})
    # Better by the threshold exactly, and by a little more.
    cases.append({"metric": "loss", "threshold": 0.25, "patience": 3, "save_strategy": "epoch",
                  "values": [2.0, 1.75, 1.4375, 1.1875]})
    for case in cases:
        case["after"] = follow(case)
    lines = ",\n".join(json.dumps(case) for case in cases)
    path = pathlib.Path(__file__).with_name("reference.json")
    path.write_text(f'{{"transformers": "{transformers.__version__}", "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
