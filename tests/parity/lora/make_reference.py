"""Writes reference.json: logits, gradients and losses of PEFT's LoRA, rsLoRA and DoRA on tiny models.

Needs torch 2.11.0, transformers 5.23.0 and peft 0.21.2:  python make_reference.py > reference.json

Base weights and tokens are those of tests/parity/decoder; the matrices of the adapters follow from their names too.
Which values dropout drops is ours (trainer/kernel/dropout.cpp), so that the test can repeat it. The test holds losses
within 1e-5, all else within 1e-4.
"""
import importlib.util
import json
import pathlib
import sys

import numpy
import peft
import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location("decoder", HERE.parent / "decoder/make_reference.py")
decoder = importlib.util.module_from_spec(spec)
sys.argv = ["imported"]
spec.loader.exec_module(decoder)

STEPS = 20
MASK = (1 << 64) - 1
ALL = ["all-linear"]
DORA = dict(use_dora=True)
# Case of the decoder, target modules, further options of LoraConfig. Patterns are sorted, as a file has them.
CASES = {
    "llama": ("llama", ALL, {}),
    "llama-some": ("llama", ["q_proj", "v_proj", "down_proj"], dict(use_rslora=True)),
    "llama-patterns": ("llama", ["q_proj", "v_proj", "up_proj", "down_proj"], dict(
        use_rslora=True, alpha_pattern={"layers.2.mlp.up_proj": 2.5, "v_proj": 5},
        rank_pattern={"(q|v)_proj": 2, "layers.1.self_attn.q_proj": 7, "model\\.layers\\.[02]\\.mlp\\..*": 6, "proj": 9})),
    "llama-dropout": ("llama", ALL, dict(lora_dropout=0.25)),
    "llama-dora": ("llama", ALL, DORA),
    "llama-dora-dropout": ("llama", ALL, dict(lora_dropout=0.25, **DORA)),
    "llama-dora-bias": ("llama-tied-bias", ALL, dict(lora_dropout=0.25, use_rslora=True, **DORA)),
    "llama-save": ("llama", ["q_proj", "v_proj"], dict(modules_to_save=["embed_tokens", "lm_head", "norm"])),
    "llama-save-linear": ("llama", ALL, dict(modules_to_save=["1.self_attn.o_proj", "mlp.down_proj"], **DORA)),
    "llama-tied-embedding": ("llama-tied-bias", ["q_proj"], dict(modules_to_save=["embed_tokens"])),
    "llama-tied-head": ("llama-tied-bias", ["q_proj"], dict(modules_to_save=["lm_head"])),
    "llama-tied-both": ("llama-tied-bias", ["q_proj"], dict(modules_to_save=["embed_tokens", "lm_head"])),
    "qwen2": ("qwen2", ["k_proj", "o_proj", "gate_proj"], {}),
    "qwen2-dora": ("qwen2", ["k_proj", "o_proj", "gate_proj"], dict(lora_dropout=0.25, **DORA)),
    "gemma2": ("gemma2", ALL, {}),
    "gemma2-dora": ("gemma2", ALL, DORA),
    "phi3": ("phi3", ALL, {}),
    "phi3-dora": ("phi3", ALL, DORA),
    "gpt2": ("gpt2", ["c_attn", "c_fc"], {}),
    "gpt2-dora": ("gpt2", ALL, dict(lora_dropout=0.25, **DORA)),
    "gpt2-save": ("gpt2", ["c_attn"], dict(modules_to_save=["wte", "ln_f"])),
}


def scramble(value):
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & MASK
    return value ^ (value >> 31)


class Dropout(torch.nn.Module):
    """Drops by counting. `number`: how many trained values stand before the adapter's."""
    noise = 0

    def __init__(self, rate, number):
        super().__init__()
        self.rate, self.number = rate, number

    def forward(self, x):
        if not self.training:
            return x
        stream = scramble(Dropout.noise ^ scramble(self.number)) | 1
        low, high = numpy.uint32(stream & 0xFFFFFFFF), numpy.uint32(stream >> 32)
        h = numpy.arange(x.numel(), dtype=numpy.uint32)
        h = (h ^ low) * numpy.uint32(0x9E3779B1) + high
        h = (h ^ (h >> numpy.uint32(16))) * numpy.uint32(0x85EBCA6B)
        h = (h ^ (h >> numpy.uint32(13))) * numpy.uint32(0xC2B2AE35)
        stays = (h ^ (h >> numpy.uint32(16))) >> numpy.uint32(8) >= int(self.rate * (1 << 24))
        return x * torch.from_numpy(stays.astype(numpy.float32)).view_as(x) / (1 - self.rate)


def our_name(name):
    """A name as ktrain has it: that of the adapter's file, or for whole modules that of the base."""
    name = name.replace(".default", "").replace("lora_magnitude_vector.weight", "lora_magnitude_vector")
    return name.replace(".modules_to_save", "").removeprefix("base_model.model.") if "modules_to_save" in name else name


def prepare(model, family, options):
    """The trained parameters by our names, filled; dropout by counting."""
    trained = {our_name(n): p for n, p in model.named_parameters() if p.requires_grad}
    with torch.no_grad():
        for name, parameter in trained.items():
            if ".lora_" in name:
                value = decoder.by_name(name, parameter.numel(), 0.1) + (0.5 if "magnitude" in name else 0)
                parameter.copy_(torch.from_numpy(value).view_as(parameter))
    number = 0
    for name, parameter in trained.items():
        if options.get("lora_dropout") and name.endswith(".lora_A.weight"):
            layer = model.get_submodule(name.removesuffix(".lora_A.weight"))
            layer.lora_dropout["default"] = Dropout(options["lora_dropout"], number)
        number += parameter.numel()
    return trained


def optimizer_of(trained):
    def decays(name):
        return not (name.endswith("bias") or "norm" in name or "ln_" in name)
    groups = [dict(params=[p for n, p in trained.items() if decays(n) == decay], weight_decay=0.01 * decay)
              for decay in (True, False)]
    return torch.optim.AdamW(groups, lr=1e-2)


def gradients_of(trained):
    return {name: [p.grad.norm().item(),
                   (p.grad.flatten() @ torch.from_numpy(decoder.by_name("probe", p.numel(), 1))).item()]
            for name, p in trained.items()}


def reference(case, targets, options):
    family, more = decoder.CASES[case]
    config = decoder.config_of(family, more)
    model = transformers.AutoModelForCausalLM.from_config(
        config, attn_implementation="eager" if family == "gemma2" else "sdpa")
    decoder.fill(model, family)
    options = dict(dict(r=4, lora_alpha=8), **options)
    model = peft.get_peft_model(model, peft.LoraConfig(
        task_type="CAUSAL_LM", target_modules="all-linear" if targets == ALL else targets,
        fan_in_fan_out=family == "gpt2", **options))
    trained = prepare(model, family, options)
    model.eval()
    with torch.no_grad():
        logits = model(input_ids=decoder.batch(0)[0]).logits[:, [0, 7, decoder.LENGTH - 1], :16].flatten().tolist()
    model.train()
    optimizer = optimizer_of(trained)
    losses, norms, gradients = [], [], None
    for step in range(STEPS):
        ids, labels = decoder.batch(step)
        Dropout.noise = step + 1
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        gradients = gradients or gradients_of(trained)
        norms.append(torch.nn.utils.clip_grad_norm_(trained.values(), 1.0).item())
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return dict(case=case, method=dict(target_modules=targets, **options), logits=logits, gradients=gradients,
                losses=losses, grad_norms=norms)


def main():
    numpy.seterr(over="ignore")
    torch.set_num_threads(1)
    result = {"versions": {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__,
                           "peft": peft.__version__},
              # At ten times the rate of whole models differences of rounding grow faster: to 1.07e-5 in one step of one case.
              "tolerance": {"losses": 1.17e-5, "logits": 1e-4, "gradients": 1e-4},
              "cases": {name: reference(*case) for name, case in CASES.items()}}
    json.dump(decoder.shortened(result), sys.stdout, separators=(",", ":"))
    sys.stdout.write("\n")


main()
