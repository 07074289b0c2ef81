#!/usr/bin/env python3
"""Checks that transformers and PEFT read what ktrain writes, and the other way round, with equal losses and weights.

  tests/parity/folders/check.py [KTRAIN]      the program; by default build/release/bin/ktrain

Needs a Python with torch 2.11.0, transformers 5.23.0 and peft 0.21.2: that of the cache (tests/bench/trainer/bench.py
--install makes it; peft is needed beside). Without one it prints SKIP and ends with 77. Ends with "N passed, N failed".
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

ROOT = pathlib.Path(__file__).resolve().parents[3]
CACHE = pathlib.Path(os.environ.get("KTRAIN_CACHE") or pathlib.Path(
    os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "ktrain")
PYTHON = CACHE / "oracle-2026.11/bin/python"
FAMILIES = ["llama", "mistral", "qwen2", "qwen3", "gemma2", "phi3", "gpt2"]
# Words for the modules of a family; gemma2 and gpt2 have embedding and head in one.
LLAMA_MODULES = dict(embedding="embed_tokens", norm="model.norm", down="mlp.down_proj")
MODULES = {"gpt2": dict(embedding="wte", norm="ln_f", down="mlp.c_proj")}
KINDS = {
    "plain": [],
    "rslora": ["--use_rslora=true", "--set", "method.rank_pattern.{down}=3", "--set", "method.alpha_pattern.{down}=5"],
    "dora": ["--use_dora=true"],
    "saved": ["--modules_to_save={embedding},{norm}"],
    "saved-head": ["--use_dora=true", "--modules_to_save=lm_head,0.{down}"],
}
THEIR_KINDS = {
    "patterns": dict(r=3, use_rslora=True, rank_pattern={"1.self_attn.o_proj": 5, "c_attn": 2},
                     alpha_pattern={"down_proj": 3, "c_proj": 5}),
    "dora": dict(r=4, use_dora=True),
    "saved": dict(r=4, modules_to_save=["{embedding}", "{norm}"]),
    "saved-tied": dict(r=4, modules_to_save=["{embedding}"], ensure_weight_tying=True),
    "head": dict(r=4, target_modules=["q_proj", "qkv_proj", "c_attn", "lm_head"]),
}


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
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    sizes = dict(vocab_size=97, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
                 num_key_value_heads=2, max_position_embeddings=64, bos_token_id=1, eos_token_id=2, pad_token_id=None)
    rows = [torch.randint(3, 97, (int(n),)).tolist() for n in torch.randint(5, 40, (24,))]
    results = []

    def config_of(family):
        if family == "gpt2":
            return transformers.GPT2Config(vocab_size=97, n_embd=32, n_layer=2, n_head=4, n_positions=64, resid_pdrop=0,
                                           embd_pdrop=0, attn_pdrop=0, bos_token_id=1, eos_token_id=2)
        more = dict(head_dim=8) if family in ("qwen3", "gemma2") else {}
        return transformers.AutoConfig.for_model(family, **{**sizes, **more})

    def write_inputs(folder, family):
        model = transformers.AutoModelForCausalLM.from_config(config_of(family))
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(torch.randn_like(parameter) * 0.05)
        model.save_pretrained(folder / "model", max_shard_size="20KB" if family == "llama" else "5GB")
        (folder / "model/tokenizer.json").write_text(json.dumps({
            "version": "1.0", "added_tokens": [],
            "model": {"type": "WordLevel", "vocab": {"<unk>": 0, "</s>": 2}, "unk_token": "<unk>"}}))
        (folder / "model/tokenizer_config.json").write_text(json.dumps({"eos_token": "</s>"}))
        with open(folder / "rows.jsonl", "w") as file:
            for ids in rows:
                file.write(json.dumps({"input_ids": ids}) + "\n")

    def ktrain(*words):
        process = subprocess.run([program, *map(str, words)], capture_output=True, text=True)
        if process.returncode != 0:
            raise RuntimeError(f"ktrain {words[0]} ended with {process.returncode}: {process.stderr}")
        return process.stdout

    def train(folder, output, *words):
        lines = ktrain("run", "-o", "json", "--name=parity", f"--model_name_or_path={folder / 'model'}",
                       f"--dataset_path={folder / 'rows.jsonl'}", f"--eval_dataset_path={folder / 'rows.jsonl'}",
                       "--learning_rate=0.01", "--max_steps=6", "--save_strategy=no", f"--output_dir={output}", *words)
        return [e for e in map(json.loads, lines.splitlines()) if e["event"] == "epoch"][-1]["eval_loss"]

    def loss_of(model):
        model.eval()
        total = count = 0
        with torch.no_grad():
            for ids in rows:
                ids = torch.tensor([ids])
                total += model(input_ids=ids, labels=ids).loss.item() * (ids.shape[1] - 1)
                count += ids.shape[1] - 1
        return total / count

    def check(name, ours, theirs, tolerance=1e-5):
        good = abs(ours - theirs) <= tolerance * abs(theirs)
        results.append(good)
        print(f"{'ok    ' if good else 'FAILED'} {name}: {ours:.7f} and {theirs:.7f}")

    def loaded(folder):
        return transformers.AutoModelForCausalLM.from_pretrained(folder)

    def check_ours(folder, family, kind, words):
        adapter, merged = folder / f"adapter-{kind}", folder / f"merged-{kind}"
        words = [word.format(**MODULES.get(family, LLAMA_MODULES)) for word in words]
        ours = train(folder, adapter, "--set", "method.type=lora", "--r=4", "--target_modules=all-linear", *words)
        check(f"{family}: PEFT reads the adapter, {kind}", ours,
              loss_of(peft.PeftModel.from_pretrained(loaded(folder / "model"), adapter)))
        ktrain("merge", adapter, "--to", merged)
        check(f"{family}: the merged model, {kind}", loss_of(loaded(merged)), ours)

    def check_theirs(folder, family, kind, options):
        adapter, merged = folder / f"theirs-{kind}", folder / f"their-merged-{kind}"
        modules = MODULES.get(family, LLAMA_MODULES)
        options = {key: [word.format(**modules) for word in value] if key == "modules_to_save" else value
                   for key, value in options.items()}
        model = peft.get_peft_model(loaded(folder / "model"), peft.LoraConfig(
            task_type="CAUSAL_LM", fan_in_fan_out=family == "gpt2", **{"target_modules": "all-linear", **options}))
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.requires_grad:
                    parameter.add_(torch.randn_like(parameter) * 0.1)
        model.save_pretrained(adapter)
        ktrain("merge", adapter, "--base", folder / "model", "--to", merged)
        check(f"{family}: an adapter of PEFT, merged by ktrain, {kind}", loss_of(loaded(merged)), loss_of(model))

    def write_labelled(folder):
        words = [f"w{i}" for i in range(3, 97)]
        vocabulary = {"<unk>": 0, "</s>": 2} | {word: i + 3 for i, word in enumerate(words)}
        (folder / "model/tokenizer.json").write_text(json.dumps({
            "version": "1.0", "added_tokens": [], "pre_tokenizer": {"type": "WhitespaceSplit"},
            "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>"}}))
        texts = [(" ".join(words[i - 3] for i in ids), ["red", "green", "blue"][sum(ids) % 3]) for ids in rows]
        (folder / "texts.jsonl").write_text("".join(json.dumps(dict(text=t, label=l)) + "\n" for t, l in texts))
        return [(ids, sorted(["red", "green", "blue"]).index(label)) for ids, (_, label) in zip(rows, texts)]

    def score_loss(model, labelled):
        model.eval()
        with torch.no_grad():
            return sum(model(input_ids=torch.tensor([ids]), labels=torch.tensor([label])).loss.item()
                       for ids, label in labelled) / len(labelled)

    def classifier(folder, **more):
        return transformers.AutoModelForSequenceClassification.from_pretrained(folder, **more)

    def check_scores(folder, family):
        labelled = write_labelled(folder)
        words = ["--set", "objective.type=classification", f"--dataset_path={folder / 'texts.jsonl'}",
                 f"--eval_dataset_path={folder / 'texts.jsonl'}"]
        ours = train(folder, folder / "classes", *words)
        check(f"{family}: transformers reads the classifier", ours, score_loss(classifier(folder / "classes"), labelled))
        adapter, merged = folder / "adapter-classes", folder / "merged-classes"
        ours = train(folder, adapter, "--set", "method.type=lora", "--r=4", "--target_modules=all-linear", *words)
        base = classifier(folder / "model", num_labels=3, pad_token_id=2)
        check(f"{family}: PEFT reads the adapter that scores", ours,
              score_loss(peft.PeftModel.from_pretrained(base, adapter), labelled))
        ktrain("merge", adapter, "--to", merged)
        check(f"{family}: the merged classifier", score_loss(classifier(merged), labelled), ours)
        theirs, merged = folder / "their-classes", folder / "their-merged-classes"
        model = peft.get_peft_model(classifier(folder / "model", num_labels=3, pad_token_id=2), peft.LoraConfig(
            task_type="SEQ_CLS", r=4, target_modules="all-linear", fan_in_fan_out=family == "gpt2"))
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.requires_grad:
                    parameter.add_(torch.randn_like(parameter) * 0.1)
        model.save_pretrained(theirs)
        ktrain("merge", theirs, "--base", folder / "model", "--to", merged)
        check(f"{family}: a scoring adapter of PEFT, merged by ktrain",
              score_loss(classifier(merged, pad_token_id=2), labelled), score_loss(model, labelled))

    for family in FAMILIES:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            write_inputs(folder, family)
            ours = train(folder, folder / "full")
            check(f"{family}: transformers reads the trained model", ours,
                  loss_of(transformers.AutoModelForCausalLM.from_pretrained(folder / "full")))
            for kind, words in KINDS.items():
                check_ours(folder, family, kind, words)
            for kind, options in THEIR_KINDS.items():
                check_theirs(folder, family, kind, options)
            check_scores(folder, family)
            if family == "llama":
                check("llama: shards stay shards", len(list((folder / "merged-plain").glob("*.safetensors"))),
                      len(list((folder / "model").glob("*.safetensors"))), 0)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    if "--inside" not in sys.argv:
        oracle()
    arguments = [word for word in sys.argv[1:] if word != "--inside"]
    sys.exit(inside(arguments[0] if arguments else ROOT / "build/release/bin/ktrain"))
