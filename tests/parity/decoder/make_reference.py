"""Writes reference.json: what transformers computes and trains for a tiny model of every family.

Needs torch 2.11.0 and transformers 5.23.0:  python make_reference.py > reference.json

Weights and tokens come from a formula that the test repeats: the bits of splitmix64(fnv1a(name) + index).
"""
import json
import sys

import numpy
import torch
import transformers

STEPS, BATCH, LENGTH, VOCAB = 50, 2, 24, 257
MASK = (1 << 64) - 1


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 & MASK
    return value


def bits(name, count):
    x = numpy.arange(count, dtype=numpy.uint64) + numpy.uint64(fnv1a(name))
    x = x + numpy.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    return x ^ (x >> numpy.uint64(31))


def by_name(name, count, scale):
    """`count` float32 in [-scale, scale)."""
    unit = (bits(name, count) >> numpy.uint64(11)).astype(numpy.float64) / 2**53
    return ((2 * unit - 1) * scale).astype(numpy.float32)


def is_norm(name):
    return name.endswith("weight") and ("norm" in name or ".ln_" in name)


def fill(model, family):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            value = by_name(name, parameter.numel(), 0.1)
            if is_norm(name) and family != "gemma2":
                value += numpy.float32(1)
            parameter.copy_(torch.from_numpy(value).view_as(parameter))


def batch(step):
    """Token ids and labels of a step; the first tokens of the second row have no label."""
    ids = (bits(f"ids.{step}", BATCH * LENGTH) % numpy.uint64(VOCAB)).astype(numpy.int64).reshape(BATCH, LENGTH)
    labels = ids.copy()
    labels[1, : LENGTH // 3] = -100
    return torch.from_numpy(ids), torch.from_numpy(labels)


SIZES = dict(
    vocab_size=VOCAB, hidden_size=64, intermediate_size=112, num_hidden_layers=3, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=64, pad_token_id=None, bos_token_id=1, eos_token_id=2,
)


def rope(kind, **more):
    return dict(rope_theta=10000.0, rope_type=kind, **more)


CASES = {
    "llama": ("llama", {}),
    "llama-tied-bias": ("llama", dict(tie_word_embeddings=True, attention_bias=True, mlp_bias=True, head_dim=24)),
    "llama-linear": ("llama", dict(rope_parameters=rope("linear", factor=4.0))),
    "llama-llama3": ("llama", dict(rope_parameters=rope(
        "llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16))),
    "llama-yarn": ("llama", dict(rope_parameters=rope("yarn", factor=4.0, original_max_position_embeddings=16))),
    "mistral": ("mistral", dict(sliding_window=7)),
    "qwen2": ("qwen2", dict(use_sliding_window=True, sliding_window=5, max_window_layers=1)),
    "qwen3": ("qwen3", dict(head_dim=24, tie_word_embeddings=True)),
    "gemma2": ("gemma2", dict(head_dim=16, query_pre_attn_scalar=20, sliding_window=6, attn_logit_softcapping=5.0,
                              final_logit_softcapping=3.0)),
    "phi3": ("phi3", {}),
    "phi3-longrope": ("phi3", dict(original_max_position_embeddings=16, rope_parameters=rope(
        "longrope", partial_rotary_factor=0.75, original_max_position_embeddings=16,
        short_factor=[1.0, 1.1, 1.2, 1.3, 1.4, 1.5], long_factor=[1.0, 1.5, 2.0, 3.0, 4.0, 5.0]))),
    "gpt2": ("gpt2", {}),
}


def config_of(family, more):
    if family == "gpt2":
        return transformers.GPT2Config(
            vocab_size=VOCAB, n_embd=64, n_layer=3, n_head=4, n_positions=64, n_inner=None, attn_pdrop=0.0,
            embd_pdrop=0.0, resid_pdrop=0.0, bos_token_id=1, eos_token_id=2)
    return transformers.AutoConfig.for_model(family, **{**SIZES, **more})


def train(model):
    forbidden = [torch.nn.LayerNorm]
    from transformers.trainer_pt_utils import get_parameter_names

    decays = set(get_parameter_names(
        model, forbidden, [r"bias", r"layernorm", r"rmsnorm", r"(?:^|\.)norm(?:$|\.)", r"_norm(?:$|\.)"]))
    groups = [
        dict(params=[p for n, p in model.named_parameters() if n in decays], weight_decay=0.01),
        dict(params=[p for n, p in model.named_parameters() if n not in decays], weight_decay=0.0),
    ]
    optimizer = torch.optim.AdamW(groups, lr=1e-3)
    losses, norms = [], []
    for step in range(STEPS):
        ids, labels = batch(step)
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item())
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses, norms, sorted(decays)


def reference(family, more):
    config = config_of(family, more)
    config._attn_implementation = "eager" if family == "gemma2" else "sdpa"
    model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation=config._attn_implementation)
    model.train()
    fill(model, family)
    ids, labels = batch(0)
    output = model(input_ids=ids, labels=labels)
    output.loss.backward()
    gradients = {
        name: [p.grad.norm().item(), (p.grad.flatten() @ torch.from_numpy(by_name("probe", p.numel(), 1))).item()]
        for name, p in model.named_parameters()
    }
    logits = output.logits[:, [0, 7, LENGTH - 1], :16].flatten().tolist()
    model.zero_grad()
    losses, norms, decays = train(model)
    kept = {k: v for k, v in config.to_dict().items() if k not in ("transformers_version", "_name_or_path")}
    return dict(config=kept, logits=logits, gradients=gradients, losses=losses, grad_norms=norms,
                decays=len(decays))


def shortened(value):
    """Seven digits say all that a float32 knows here."""
    if isinstance(value, float):
        return float(f"{value:.8g}")
    if isinstance(value, list):
        return [shortened(item) for item in value]
    if isinstance(value, dict):
        return {key: shortened(item) for key, item in value.items()}
    return value


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    cases = {name: reference(*case) for name, case in CASES.items()}
    result = {"versions": {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__},
              "tolerance": {"losses": 1e-5, "logits": 1e-4, "gradients": 1e-4},
              "shape": {"steps": STEPS, "batch": BATCH, "length": LENGTH, "vocab": VOCAB}, "cases": cases}
    json.dump(shortened(result), sys.stdout, separators=(",", ":"))
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
