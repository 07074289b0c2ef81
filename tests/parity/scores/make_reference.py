"""Writes reference.json: what transformers computes for models that score texts, and what TRL's RewardTrainer learns.

Needs torch 2.11.0, transformers 5.23.0, peft 0.21.2 and trl 1.16.0:  python make_reference.py > reference.json

Weights and tokens come from a formula that the test repeats (tests/parity/decoder/make_reference.py); pairs.jsonl beside
this file has the pairs of the reward model, whose tokenizer is the one of words of tests/trainer/language_model.cpp.
"""
import contextlib
import importlib.metadata
import importlib.util
import json
import pathlib
import sys
import tempfile

import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location("decoder", HERE.parent / "decoder/make_reference.py")
decoder = importlib.util.module_from_spec(spec)
spec.loader.exec_module(decoder)

LABELS, PAD, STEPS = 3, 2, 20
WORDS = ("the king was in his counting house queen parlour eating bread and honey maid garden hanging out clothes "
         "money").split()
FAMILIES = {
    "llama": ("llama", {}), "mistral": ("mistral", dict(sliding_window=7)), "qwen2": ("qwen2", {}),
    "qwen3": ("qwen3", dict(head_dim=24, tie_word_embeddings=True)),
    "gemma2": ("gemma2", dict(head_dim=16, query_pre_attn_scalar=20, sliding_window=6)),
    "phi3": ("phi3", {}), "gpt2": ("gpt2", {}),
}


def texts(step):
    """Ids of a step, the second row padded on its right, and labels."""
    ids, _ = decoder.batch(step)
    ids = torch.where(ids == PAD, 3, ids)
    ids[1, decoder.LENGTH - 5:] = PAD
    labels = torch.tensor([(step + i) % LABELS for i in range(decoder.BATCH)])
    return ids, labels


def classifier(family, more, labels):
    config = decoder.config_of(family, more)
    config.num_labels, config.pad_token_id = labels, PAD
    attention = "eager" if family == "gemma2" else "sdpa"
    model = transformers.AutoModelForSequenceClassification.from_config(config, attn_implementation=attention)
    model.train()
    decoder.fill(model, family)
    return model


def classification(family, more):
    model = classifier(family, more, LABELS)
    ids, labels = texts(0)
    mask = (ids != PAD).long()
    hidden = []
    handle = model.score.register_forward_hook(lambda module, args, output: hidden.append(output.detach()))
    output = model(input_ids=ids, attention_mask=mask, labels=labels)
    handle.remove()
    output.loss.backward()
    gradients = {
        name: [p.grad.norm().item(), (p.grad.flatten() @ torch.from_numpy(decoder.by_name("probe", p.numel(), 1))).item()]
        for name, p in model.named_parameters()
    }
    model.zero_grad()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.0)
    losses = []
    for step in range(STEPS):
        ids, labels = texts(step)
        loss = model(input_ids=ids, attention_mask=(ids != PAD).long(), labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    kept = {k: v for k, v in model.config.to_dict().items() if k not in ("transformers_version", "_name_or_path")}
    kept["architectures"] = [type(model).__name__]
    return dict(config=kept, scores=output.logits.flatten().tolist(), loss=output.loss.item(),
                values=hidden[0][0].flatten().tolist(), gradients=gradients, losses=losses)


def tokenizer():
    import tokenizers

    vocabulary = {"<unk>": 0, "<s>": 1, "</s>": 2} | {word: i + 3 for i, word in enumerate(WORDS)}
    fast = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="<unk>"))
    fast.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    fast.add_special_tokens(["<unk>", "<s>", "</s>"])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=fast, unk_token="<unk>", bos_token="<s>", eos_token="</s>")


def reward(centering, adapter):
    """The log lines of RewardTrainer, every pair in every step, so that their order does not matter."""
    import datasets
    import peft
    import trl

    config = transformers.LlamaConfig(
        hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=64, vocab_size=24, tie_word_embeddings=True, eos_token_id=2, num_labels=1)
    model = transformers.LlamaForSequenceClassification(config)
    decoder.fill(model, "llama")
    rows = datasets.Dataset.from_list([json.loads(line) for line in (HERE / "pairs.jsonl").read_text().splitlines()])
    with tempfile.TemporaryDirectory() as folder:
        arguments = trl.RewardConfig(
            output_dir=folder, per_device_train_batch_size=len(rows), max_steps=STEPS, learning_rate=0.01,
            lr_scheduler_type="linear", logging_steps=1, report_to=[], max_length=24, weight_decay=0.0, bf16=False,
            gradient_checkpointing=False, center_rewards_coefficient=centering, use_cpu=True, save_strategy="no")
        lora = None
        if adapter:
            lora = peft.LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"], task_type="SEQ_CLS")
        trainer = trl.RewardTrainer(model=model, args=arguments, train_dataset=rows, processing_class=tokenizer(),
                                    peft_config=lora)
        if adapter:
            with torch.no_grad():
                for name, parameter in trainer.model.named_parameters():
                    if ".lora_" in name:
                        name = name.replace(".default", "")
                        parameter.copy_(torch.from_numpy(decoder.by_name(name, parameter.numel(), 0.1)).view_as(parameter))
        with contextlib.redirect_stdout(sys.stderr):  # its own log lines
            trainer.train()
        lines = [line for line in trainer.state.log_history if "loss" in line]
    return dict(config=config.to_dict() | {"architectures": ["LlamaForSequenceClassification"]},
                pairs=len(trainer.train_dataset),
                lines=[{key: line[key] for key in ("loss", "accuracy", "margin", "mean_reward", "grad_norm")}
                       for line in lines])


def main():
    versions = {name: importlib.metadata.version(name) for name in ("torch", "transformers", "peft", "trl")}
    result = dict(
        made_with=versions, shape=dict(batch=decoder.BATCH, length=decoder.LENGTH, vocab=decoder.VOCAB, pad=PAD,
                                       labels=LABELS),
        tolerance=dict(loss=1e-5, scores=1e-4, gradient=1e-4),
        classification={name: classification(family, more) for name, (family, more) in FAMILIES.items()},
        reward={"plain": reward(None, False), "centred": reward(0.01, False), "adapter": reward(None, True)})
    json.dump(decoder.shortened(result), sys.stdout, separators=(",", ":"), sort_keys=True)
    print()


if __name__ == "__main__":
    main()
