"""Writes reference.json: log-likelihoods, choices and losses of tiny models by transformers, for `ktrain eval`.

Needs torch 2.11.0, transformers 5.23.0 and tokenizers 0.23:  python make_reference.py > reference.json

The questions are scored as lm-eval 0.4 scores multiple_choice tasks, without batches: the tokens of question and choice
together, those of the choice counted; acc_norm divides by the characters of a choice. Weights come from a formula that
the test repeats: the bits of splitmix64(fnv1a(name) + index). Tolerance of the test: 1e-4 of each log-likelihood's size.
"""
import json
import sys

import numpy
import tokenizers
import torch
import transformers

MASK = (1 << 64) - 1
TEXT = ["the king was in his counting house, counting out his money", "the queen was in the parlour",
        "eating bread and honey", "the maid was in the garden, hanging out the clothes"]
QUESTIONS = [
    {"query": "The king was in his", "choices": ["counting house", "garden", "parlour with the queen"], "gold": 1},
    {"question": "The queen was eating ", "choices": ["bread and honey", "money"], "answer": "A"},
    {"ctx": "Q: Who was hanging out the clothes?\nA:", "endings": ["the maid", "the king", "nobody"], "label": "0"},
    {"question": "Where was the maid?", "choices": {"text": ["garden", "house", "tower"], "label": ["1", "2", "3"]},
     "answerKey": "1"},
    {"query": "", "choices": ["The king was counting", "Zzz"], "gold": 0},
    {"query": "王様はどこ？", "choices": ["家", "庭にいる", "🏰 in the castle"], "gold": 2},
    {"query": "along " * 40 + "the end of a long question is", "choices": ["here", "there, far away"], "gold": 1},
]
ROWS = ["the king was in his counting house", "the queen was in the parlour, eating bread and honey", "家 🏰"]


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 & MASK
    return value


def by_name(name, count, scale):
    x = numpy.arange(count, dtype=numpy.uint64) + numpy.uint64(fnv1a(name)) + numpy.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    x = x ^ (x >> numpy.uint64(31))
    unit = (x >> numpy.uint64(11)).astype(numpy.float64) / 2**53
    return ((2 * unit - 1) * scale).astype(numpy.float32)


def fill(model):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            value = by_name(name, parameter.numel(), 0.3)
            if name.endswith("weight") and ("norm" in name or ".ln_" in name):
                value += numpy.float32(1)
            parameter.copy_(torch.from_numpy(value).view_as(parameter))


def byte_bpe(add_bos):
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=330, special_tokens=["<s>", "</s>"], show_progress=False,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(TEXT, trainer)
    if add_bos:
        tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
            single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))])
    return tokenizer


def choices_of(question):
    choices = question.get("choices") or question["endings"]
    return choices["text"] if isinstance(choices, dict) else choices


def gold_of(question):
    if "gold" in question:
        return question["gold"]
    return {"A": 0, "0": 0, "1": 0}[question.get("answer") or question.get("label") or question["answerKey"]]


class Scorer:
    def __init__(self, model, tokenizer, positions):
        self.model, self.tokenizer, self.positions = model, tokenizer, positions

    def ids(self, text):
        return self.tokenizer.encode(text).ids

    def pair(self, context, continuation):
        spaces = len(context) - len(context.rstrip())
        if spaces:
            context, continuation = context[:-spaces], context[-spaces:] + continuation
        if not context:
            scored = self.tokenizer.encode(continuation, add_special_tokens=False).ids
            return [self.tokenizer.token_to_id("<s>")], scored
        whole, before = self.ids(context + continuation), self.ids(context)
        return before, whole[len(before):]

    def log_likelihood(self, context, continuation):
        before, scored = self.pair(context, continuation)
        ids = (before + scored)[-(self.positions + 1):]
        with torch.no_grad():
            logits = self.model(torch.tensor([ids[:-1]])).logits[0].double().log_softmax(-1)
        tail = logits[-len(scored):]
        return tail[torch.arange(len(scored)), torch.tensor(scored)].sum().item()

    def rows_loss(self):
        total = count = 0
        for text in ROWS:
            ids = torch.tensor([self.ids(text) + [self.tokenizer.token_to_id("</s>")]])
            with torch.no_grad():
                total += self.model(ids, labels=ids).loss.item() * (ids.shape[1] - 1)
            count += ids.shape[1] - 1
        return total / count, count


def score(scorer):
    questions, right, normed_right = [], [], []
    for question in QUESTIONS:
        choices, gold = choices_of(question), gold_of(question)
        context = next(question[name] for name in ("query", "question", "ctx") if name in question)
        values = numpy.array([scorer.log_likelihood(context, " " + choice) for choice in choices])
        best, normed = int(values.argmax()), int((values / [len(choice) for choice in choices]).argmax())
        questions.append({"log_likelihoods": values.tolist(), "choice": best, "normed": normed})
        right.append(best == gold)
        normed_right.append(normed == gold)
    error = lambda values: float(numpy.std(values, ddof=1) / len(values) ** 0.5)
    loss, tokens = scorer.rows_loss()
    return {"questions": questions, "acc": float(numpy.mean(right)), "acc_stderr": error(right),
            "acc_norm": float(numpy.mean(normed_right)), "acc_norm_stderr": error(normed_right), "loss": loss,
            "tokens": tokens}


def main():
    torch.set_num_threads(1)
    cases = {}
    for family, add_bos in (("llama", True), ("gpt2", False)):
        tokenizer = byte_bpe(add_bos)
        size = tokenizer.get_vocab_size()
        ids = dict(bos_token_id=tokenizer.token_to_id("<s>"), eos_token_id=tokenizer.token_to_id("</s>"))
        if family == "gpt2":
            config = transformers.GPT2Config(vocab_size=size, n_embd=32, n_layer=2, n_head=4, n_positions=64,
                                             resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, **ids)
        else:
            config = transformers.LlamaConfig(
                vocab_size=size, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
                num_key_value_heads=2, max_position_embeddings=64, tie_word_embeddings=False, pad_token_id=None, **ids)
        model = transformers.AutoModelForCausalLM.from_config(config).eval()
        fill(model)
        kept = {k: v for k, v in config.to_dict().items() if k not in ("transformers_version", "_name_or_path")}
        kept["architectures"] = [type(model).__name__]
        cases[family] = {"config": kept, "tokenizer": json.loads(tokenizer.to_str()),
                         **score(Scorer(model, tokenizer, 64))}
    versions = {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__,
                "tokenizers": tokenizers.__version__}
    tolerance = {"accuracy": 1e-9, "loss": 1e-5}
    json.dump({"versions": versions, "tolerance": tolerance, "questions": QUESTIONS, "rows": ROWS, "cases": cases}, sys.stdout,
              ensure_ascii=False, separators=(",", ":"))
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
