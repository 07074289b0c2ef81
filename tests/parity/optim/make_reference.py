"""Writes reference.json: steps of the optimizers and learning rates of the schedules that Hugging Face's Trainer makes.

Needs torch 2.11.0, transformers 5.23.0 and bitsandbytes 0.50.2:  python make_reference.py > reference.json

Weights and gradients come from a formula that the test repeats. Of every tensor the reference keeps the sum, the sum
of squares and some values after the last step, and of some steps the norm that was clipped.

On a CPU, bitsandbytes finds the nearest code by a table of 2^16 equal parts of [-1, 1], too coarse near 0, where the
code is densest. The nearest code of all is taken here instead, as bitsandbytes does on other devices.
"""
import importlib.util
import json
import pathlib
import sys

import bitsandbytes
import numpy
import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location("decoder", HERE.parent / "decoder/make_reference.py")
decoder = importlib.util.module_from_spec(spec)
spec.loader.exec_module(decoder)

STEPS, RATE, WARMUP, MAX_NORM, DECAY = 24, 0.01, 3, 2.0, 0.1
# Odd shapes: a matrix, matrices in a row (a convolution), vectors, more than 4096 values with a last block that is not
# full, one row, one column. The names of norms and biases do not decay. One is the weight of an nn.Embedding.
SHAPES = {"a.weight": [67, 129], "a.bias": [67], "conv.weight": [5, 3, 7, 2], "norm.weight": [4099],
          "row.weight": [1, 33], "column.weight": [41, 1], "b.weight": [3, 5000],
          "embedding.weight": [83, 61]}


def decays(name):
    return not name.endswith("bias") and "norm" not in name


def gradient(name, shape, step):
    """Values of very different sizes; those of one tensor are zero for a step."""
    count = int(numpy.prod(shape))
    x = decoder.by_name(f"{name}.{step}", count, 1.0).astype(numpy.float64)
    size = decoder.by_name(f"{name}.size", count, 1.0).astype(numpy.float64)
    value = x * x * x * (0.1 + size * size * size * size) * (0 if step == 5 and name == "row.weight" else 1)
    return torch.from_numpy(value.astype(numpy.float32)).view(shape)


def nearest_codes(values, code, largest, out, blocksize):
    bounds = (code[:-1].double() + code[1:].double()) / 2
    flat = values.reshape(-1)
    for begin in range(0, flat.numel(), blocksize):
        block = flat[begin:begin + blocksize]
        top = block.abs().max()
        largest[begin // blocksize] = top
        scaled = block * (1 / top.clamp(min=1e-38))
        out.view(-1)[begin:begin + blocksize] = torch.bucketize(scaled.double(), bounds).to(torch.uint8)


bitsandbytes.backends.cpu.ops._quant_blockwise_fp32_direct = nearest_codes


def optimizers():
    adam = dict(betas=(0.8, 0.95), eps=1e-6)
    adafactor = dict(scale_parameter=False, relative_step=False)
    lion = dict(betas=(0.8, 0.95))
    return {
        "adafactor": lambda groups: transformers.optimization.Adafactor(groups, lr=RATE, **adafactor),
        "adam": lambda groups: torch.optim.Adam(groups, lr=RATE, **adam),
        "adamw_8bit": lambda groups: bitsandbytes.optim.AdamW(groups, lr=RATE, optim_bits=8, **adam),
        "adamw_torch": lambda groups: torch.optim.AdamW(groups, lr=RATE, **adam),
        "lion_32bit": lambda groups: bitsandbytes.optim.Lion(groups, lr=RATE, optim_bits=32, **lion),
        "paged_adamw_32bit": lambda groups: bitsandbytes.optim.AdamW(groups, lr=RATE, is_paged=True, **adam),
        "sgd": lambda groups: torch.optim.SGD(groups, lr=RATE),
        "sgd-momentum": lambda groups: torch.optim.SGD(groups, lr=RATE, momentum=0.9),
    }


def digest(tensor):
    flat = tensor.detach().reshape(-1).double()
    picked = flat[:: max(1, flat.numel() // 12)]
    return dict(sum=flat.sum().item(), squares=flat.square().sum().item(), values=picked.tolist())


def keep_embedding_in_32_bits(parameter):
    """As transformers' Trainer asks bitsandbytes."""
    embedding = torch.nn.Embedding(*parameter.shape)
    embedding.weight = parameter
    manager = bitsandbytes.optim.GlobalOptimManager.get_instance()
    manager.register_module_override(embedding, "weight", {"optim_bits": 32})


def train(make):
    tensors = {n: torch.nn.Parameter(torch.from_numpy(decoder.by_name(n, int(numpy.prod(s)), 0.5)).view(s).clone())
               for n, s in SHAPES.items()}
    groups = [dict(params=[p for n, p in tensors.items() if decays(n)], weight_decay=DECAY),
              dict(params=[p for n, p in tensors.items() if not decays(n)], weight_decay=0.0)]
    keep_embedding_in_32_bits(tensors["embedding.weight"])
    optimizer = make(groups)
    schedule = transformers.get_scheduler("linear", optimizer, WARMUP, STEPS + 1)
    norms = []
    for step in range(STEPS):
        for name, parameter in tensors.items():
            parameter.grad = gradient(name, SHAPES[name], step)
        norms.append(torch.nn.utils.clip_grad_norm_(tensors.values(), MAX_NORM).item())
        optimizer.step()
        schedule.step()
    return dict(norms=norms[:4], weights={n: digest(p) for n, p in tensors.items()})


SCHEDULES = [
    ("constant", {}), ("constant_with_warmup", {}), ("linear", {}), ("cosine", {}), ("cosine", dict(num_cycles=1.25)),
    ("cosine_with_restarts", {}), ("cosine_with_restarts", dict(num_cycles=3)),
    ("cosine_with_min_lr", dict(min_lr=1e-4)), ("cosine_with_min_lr", dict(min_lr_rate=0.1, num_cycles=0.75)),
    ("polynomial", {}), ("polynomial", dict(power=2.5, lr_end=1e-4)),
    ("inverse_sqrt", {}), ("inverse_sqrt", dict(timescale=50)),
    ("warmup_stable_decay", dict(num_decay_steps=7)),
    ("warmup_stable_decay", dict(num_decay_steps=5, num_stable_steps=4, min_lr_ratio=0.2, decay_type="linear")),
    ("warmup_stable_decay", dict(num_decay_steps=9, warmup_type="cosine", decay_type="1-sqrt", min_lr_ratio=0.1)),
    ("warmup_stable_decay", dict(num_decay_steps=15, warmup_type="1-sqrt", num_cycles=1.5)),
]


def rates(name, kwargs, warmup_steps, warmup_ratio, total):
    # TrainingArguments' own way from ratio and steps to a number.
    arguments = transformers.TrainingArguments(output_dir="unused", warmup_steps=warmup_steps or warmup_ratio)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=RATE)
    schedule = transformers.get_scheduler(name, optimizer, arguments.get_warmup_steps(total), total, dict(kwargs))
    found = []
    for _ in range(total + 3):
        found.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    return found


def schedules():
    cases = []
    for name, kwargs in SCHEDULES:
        for warmup_steps, warmup_ratio, total in ((0, 0, 10), (4, 0, 17), (0, 0.13, 23)):
            cases.append(dict(name=name, kwargs={k: str(v) for k, v in kwargs.items()}, warmup_steps=warmup_steps,
                              warmup_ratio=warmup_ratio, total=total,
                              rates=rates(name, kwargs, warmup_steps, warmup_ratio, total)))
    return cases


def main():
    torch.set_num_threads(1)
    code = {name: bitsandbytes.functional.create_dynamic_map(signed=signed).tolist()
            for name, signed in (("signed", True), ("unsigned", False))}
    result = {"versions": {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__,
                           "bitsandbytes": bitsandbytes.__version__},
              "tolerance": 4e-6, "steps": STEPS, "rate": RATE, "warmup": WARMUP, "max_norm": MAX_NORM, "decay": DECAY,
              "shapes": SHAPES, "code": code,
              "optimizers": {name: train(make) for name, make in optimizers().items()}, "schedules": schedules()}
    json.dump(decoder.shortened(result), sys.stdout, separators=(",", ":"))
    sys.stdout.write("\n")


main()
