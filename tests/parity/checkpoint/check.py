#!/usr/bin/env python3
"""Checks that ktrain goes on from checkpoints of transformers' Trainer, and the Trainer from those of ktrain.

  tests/parity/checkpoint/check.py [KTRAIN]      the program; by default build/release/bin/ktrain

A run of twelve steps of one row, in order, is stopped by one side after step 5 and goes on with the other: the loss of
step 6 must be that of the weights and the row of an uninterrupted run, within 1e-5. Needs a Python with torch 2.11,
transformers 5.23, accelerate 1.15 and peft 0.21: that of the cache. Without one it prints SKIP and ends with 77. Ends
with "N passed, N failed".
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
CACHE = pathlib.Path(os.environ.get("KTRAIN_CACHE") or pathlib.Path(
    os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "ktrain")
PYTHON = CACHE / "oracle-2026.11/bin/python"
STEPS, STOP, RATE = 12, 5, 1e-2


def oracle():
    """Runs this file again in the Python that has the libraries."""
    if not PYTHON.exists():
        print(f"SKIP: no {PYTHON} with transformers and peft")
        sys.exit(77)
    sys.exit(subprocess.run([PYTHON, __file__, "--inside", *sys.argv[1:]]).returncode)


def inside(program):
    import torch
    import transformers
    import peft

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.manual_seed(0)
    rows = [torch.randint(3, 97, (12,)).tolist() for _ in range(STEPS)]
    results = []

    def check(name, good, text=""):
        results.append(bool(good))
        print(f"{'ok    ' if good else 'FAILED'} {name} {text}")

    def close(name, ours, theirs):
        check(name, abs(ours - theirs) <= 1e-5 * abs(theirs), f"{ours:.7f} and {theirs:.7f}")

    def make_model(folder):
        config = transformers.LlamaConfig(
            vocab_size=97, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=64, bos_token_id=1, eos_token_id=2)
        transformers.LlamaForCausalLM(config).save_pretrained(folder)
        (folder / "tokenizer.json").write_text(json.dumps({
            "version": "1.0", "added_tokens": [],
            "model": {"type": "WordLevel", "vocab": {"<unk>": 0, "</s>": 2}, "unk_token": "<unk>"}}))
        (folder / "tokenizer_config.json").write_text(json.dumps({"eos_token": "</s>"}))

    def trainer_for(folder, output, adapts, callbacks=()):
        model = transformers.AutoModelForCausalLM.from_pretrained(folder / "model")
        if adapts:
            model = peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=8,
                                                               target_modules=["q_proj", "v_proj"]))
        arguments = transformers.TrainingArguments(
            output_dir=output, max_steps=STEPS, per_device_train_batch_size=1, learning_rate=RATE, weight_decay=0,
            lr_scheduler_type="constant", logging_steps=1, save_steps=STOP, report_to=[], disable_tqdm=True, use_cpu=True,
            train_sampling_strategy="sequential", eval_strategy="steps" if callbacks else "no", eval_steps=STOP,
            metric_for_best_model="loss" if callbacks else None)
        data = [dict(input_ids=ids, labels=ids) for ids in rows]
        trainer = transformers.Trainer(model=model, args=arguments, train_dataset=data, eval_dataset=data[:2],
                                       callbacks=list(callbacks))
        trainer.remove_callback(transformers.PrinterCallback)
        return trainer

    def losses_of(trainer):
        return {entry["step"]: entry["loss"] for entry in trainer.state.log_history if "loss" in entry}

    def ktrain(folder, output, adapts, *words):
        more = ["--set", "method.type=lora", "--r=4", "--lora_alpha=8", "--target_modules=q_proj,v_proj"] if adapts else []
        process = subprocess.run(
            [program, "run", "-o", "json", "--name=parity", f"--model_name_or_path={folder / 'model'}",
             f"--dataset_path={folder / 'rows.jsonl'}", f"--output_dir={output}", f"--learning_rate={RATE}",
             "--lr_scheduler_type=constant", "--per_device_train_batch_size=1", "--shuffle=false", "--logging_steps=1",
             f"--max_steps={STEPS}", f"--save_steps={STOP}", *more, *words], capture_output=True, text=True)
        if process.returncode != 0:
            raise RuntimeError(f"ktrain run ended with {process.returncode}: {process.stderr}")
        events = [json.loads(line) for line in process.stdout.splitlines()]
        return {event["step"]: event["loss"] for event in events if event["event"] == "step"}

    for adapts in (False, True):
        kind = "an adapter" if adapts else "a model"
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            make_model(folder / "model")
            with open(folder / "rows.jsonl", "w") as file:
                file.writelines(json.dumps({"input_ids": ids}) + "\n" for ids in rows)
            theirs = trainer_for(folder, folder / "theirs", adapts)
            theirs.train()
            taken = ktrain(folder, folder / "taken", adapts, "--resume", folder / f"theirs/checkpoint-{STOP}")
            check(f"{kind} of transformers: the step it goes on with", min(taken) == STOP + 1)
            close(f"{kind} of transformers: the loss of its next step", taken[STOP + 1], losses_of(theirs)[STOP + 1])
            words = ["--eval_dataset_path", folder / "rows.jsonl", "--eval_strategy=steps", f"--eval_steps={STOP}",
                     "--early_stopping_patience=3", "--early_stopping_threshold=50"]
            ours = ktrain(folder, folder / "ours", adapts, *words)
            stopping = transformers.EarlyStoppingCallback(3, 50.0)
            back = trainer_for(folder, folder / "back", adapts, [stopping])
            back.train(resume_from_checkpoint=str(folder / f"ours/checkpoint-{2 * STOP}"))
            state = json.loads((folder / f"ours/checkpoint-{2 * STOP}/trainer_state.json").read_text())
            close(f"{kind} of ktrain: the loss of its next step", losses_of(back)[2 * STOP + 1], ours[2 * STOP + 1])
            check(f"{kind} of ktrain: best evaluation and patience", state["best_global_step"] in (STOP, 2 * STOP) and
                  stopping.early_stopping_patience_counter >= 1 and back.state.best_metric is not None)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    if "--inside" not in sys.argv:
        oracle()
    arguments = [word for word in sys.argv[1:] if word != "--inside"]
    sys.exit(inside(arguments[0] if arguments else ROOT / "build/release/bin/ktrain"))
