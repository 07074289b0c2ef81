"""Writes reference.json: losses and gradients of PEFT's LoRA on tiny models.

Needs torch 2.11.0, transformers 5.23.0 and peft 0.21.2:  python make_reference.py > reference.json

Base weights and tokens are those of tests/parity/decoder; the matrices of the adapters follow from their names too.
"""
import importlib.util
import json
import pathlib
import sys

import peft
import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location("decoder", HERE.parent / "decoder/make_reference.py")
decoder = importlib.util.module_from_spec(spec)
sys.argv = ["imported"]
spec.loader.exec_module(decoder)

STEPS = 20
RANK, ALPHA = 4, 8
# Case of the decoder, target modules, rsLoRA.
CASES = {
    "llama": ("llama", "all-linear", False),
    "llama-some": ("llama", ["q_proj", "v_proj", "down_proj"], True),
    "qwen2": ("qwen2", ["k_proj", "o_proj", "gate_proj"], False),
    "gemma2": ("gemma2", "all-linear", False),
    "phi3": ("phi3", "all-linear", False),
    "gpt2": ("gpt2", ["c_attn", "c_fc"], False),
}


def reference(case, targets, rslora):
    family, more = decoder.CASES[case]
    config = decoder.config_of(family, more)
    model = transformers.AutoModelForCausalLM.from_config(
        config, attn_implementation="eager" if family == "gemma2" else "sdpa")
    decoder.fill(model, family)
    model = peft.get_peft_model(model, peft.LoraConfig(
        task_type="CAUSAL_LM", r=RANK, lora_alpha=ALPHA, target_modules=targets, use_rslora=rslora,
        fan_in_fan_out=family == "gpt2"))
    trained = {n.replace(".default", ""): p for n, p in model.named_parameters() if p.requires_grad}
    with torch.no_grad():
        for name, parameter in trained.items():
            value = decoder.by_name(name, parameter.numel(), 0.1)
            parameter.copy_(torch.from_numpy(value).view_as(parameter))
    model.train()
    optimizer = torch.optim.AdamW(trained.values(), lr=1e-2, weight_decay=0.01)
    losses, norms = [], []
    for step in range(STEPS):
        ids, labels = decoder.batch(step)
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(trained.values(), 1.0).item())
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return dict(case=case, targets=["all-linear"] if isinstance(targets, str) else targets, rslora=rslora,
                losses=losses, grad_norms=norms, tensors=len(trained))


def main():
    torch.set_num_threads(1)
    result = {"versions": {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__,
                           "peft": peft.__version__},
              "r": RANK, "alpha": ALPHA, "steps": STEPS,
              "cases": {name: reference(*case) for name, case in CASES.items()}}
    json.dump(decoder.shortened(result), sys.stdout, separators=(",", ":"))
    sys.stdout.write("\n")


main()
