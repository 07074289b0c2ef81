#!/usr/bin/env python3
"""Writes reference.json: what PyTorch computes for the handbook's CNN from weights and images made by a formula.

Run it with a Python that has torch==2.11.0, then commit the result:  python make_reference.py > reference.json
"""
import json

import torch
from torch import nn

MASK = 2**64 - 1


def scramble(x):
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def by_name(name, shape, scale):
    """Uniform numbers in [-scale, scale) from splitmix64 of FNV-1a of the name plus the index."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & MASK
    count = torch.Size(shape).numel()
    units = [(scramble((seed + i) & MASK) >> 11) / 2**53 for i in range(count)]
    return torch.tensor([(2 * unit - 1) * scale for unit in units], dtype=torch.float64).float().view(shape)


def build(channels, classes):
    return nn.Sequential(
        nn.Conv2d(channels, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d((1, 1)),
        nn.Flatten(), nn.Linear(128, classes))


def initial(channels, seed):
    """Sum and first values of each parameter after torch.manual_seed(seed)."""
    torch.manual_seed(seed)
    model = build(channels, 10)
    return {name: {"sum": value.double().sum().item(), "first": value.flatten()[:4].tolist()}
            for name, value in model.state_dict().items()}


def train(optimizer, options, side, steps=8, batch=16, max_norm=0.5):
    model = build(3, 10)
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.copy_(by_name(name, value.shape, 0.1))
    images = by_name("images", (batch, 3, side, side), 1.0)
    labels = torch.tensor([scramble(i) % 10 for i in range(batch)])
    engine = optimizer(model.parameters(), **options)
    losses, norms = [], []
    for _ in range(steps):
        engine.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        norms.append(nn.utils.clip_grad_norm_(model.parameters(), max_norm).item())
        engine.step()
        losses.append(loss.item())
    return {"side": side, "losses": losses, "norms": norms}


def main():
    torch.set_num_threads(1)
    result = {
        "torch": torch.__version__.split("+")[0],
        "tolerance": {"losses": 1e-5, "norms": 1e-4, "sums": 1e-12},
        "initial": {"1": initial(1, 42), "3": initial(3, 7)},
        "adam": train(torch.optim.Adam, {"lr": 0.003, "weight_decay": 0.01}, 16),
        "adamw": train(torch.optim.AdamW, {"lr": 0.003, "weight_decay": 0.1, "betas": (0.8, 0.95), "eps": 1e-6}, 17),
    }
    print(json.dumps(result, indent=1))


main()
