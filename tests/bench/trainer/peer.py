"""transformers' Trainer, or TRL's with PEFT (lora), on rows of token ids: the peer of bench.py. Prints one line of JSON.

peer.py MODEL ROWS STEPS BATCH [bf16] trainer|lora|bare: MODEL is a folder with config.json and weights, ROWS a JSONL of {input_ids}.
"""
import time

START = time.perf_counter()

import json
import os
import resource
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
import torch
import transformers


class Clock(transformers.TrainerCallback):
    def __init__(self):
        self.seen = []

    def on_step_end(self, args, state, control, **more):
        self.seen.append((time.perf_counter(), time.process_time()))


def bare(network, data, steps, batch):
    """The shortest loop that trains: no more than forward, backward, clipping and the fused AdamW."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-4, weight_decay=0.01, fused=True)
    seen, losses = [], []
    network.train()
    for step in range(steps):
        ids = torch.tensor([row["input_ids"] for row in data[step * batch:(step + 1) * batch]])
        loss = network(input_ids=ids, labels=ids).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        seen.append((time.perf_counter(), time.process_time()))
    return seen, losses


def adapted(network, folder, data, common, clock):
    import datasets
    import peft
    import trl

    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=folder + "/tokenizer.json", eos_token="</s>",
                                                     unk_token="<unk>", pad_token="<unk>")
    config = peft.LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM")
    return trl.SFTTrainer(
        model=network, train_dataset=datasets.Dataset.from_list([dict(input_ids=row["input_ids"]) for row in data]),
        args=trl.SFTConfig(max_length=1024, gradient_checkpointing=False, **common), processing_class=tokenizer,
        peft_config=config, callbacks=[clock])


def main():
    model, rows, steps, batch = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    transformers.set_seed(42)
    data = [dict(input_ids=ids, labels=ids, attention_mask=[1] * len(ids))
            for ids in (json.loads(line)["input_ids"] for line in open(rows))]
    clock = Clock()
    common = dict(
        output_dir=sys.argv[1] + "/peer-output", max_steps=steps, per_device_train_batch_size=batch, learning_rate=3e-4,
        weight_decay=0.01, lr_scheduler_type="constant", logging_steps=1, save_strategy="no", report_to=[],
        disable_tqdm=True, use_cpu=True, bf16="bf16" in sys.argv[5:], optim="adamw_torch_fused",
        train_sampling_strategy="sequential")
    network = transformers.AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    if "bare" in sys.argv[5:]:
        return report(*bare(network, data, steps, batch), batch * len(data[0]["input_ids"]))
    if "lora" in sys.argv[5:]:
        trainer = adapted(network, model, data, common, clock)
    else:
        trainer = transformers.Trainer(model=network, args=transformers.TrainingArguments(**common), train_dataset=data,
                                       data_collator=transformers.default_data_collator, callbacks=[clock])
    trainer.train()
    report(clock.seen, [entry["loss"] for entry in trainer.state.log_history if "loss" in entry],
           batch * len(data[0]["input_ids"]))


def report(seen, losses, tokens):
    (first, first_cpu), (last, last_cpu) = seen[0], seen[-1]
    durations = [b[0] - a[0] for a, b in zip(seen, seen[1:])]
    print("RESULT " + json.dumps({
        "first_step": first - START, "tokens_per_second": tokens * len(durations) / (last - first),
        "cpu_per_step": (last_cpu - first_cpu) / len(durations), "best_step": min(durations),
        "durations": durations, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "losses": losses}))


main()
