For a pull request, in GitHub's Markdown:

  $ ktrain estimate --model llama-2-7b --method lora --r 16 --batch-size 4 --max-length 2048 --gpu a100-40gb -o markdown
  ### llama-2-7b: 6.74B parameters (catalog), lora r=16, batch 4 x 2048 tokens
  
  **does not fit a100-40gb: 9.46 GB (8.81 GiB) missing of 52.4 GB (48.8 GiB); the nearest GPU that fits is h100 with 85.5 GB (79.6 GiB)**
  
  | COMPONENT | BYTES | SIZE | SHARE | FORMULA |
  |---|---:|---:|---:|---|
  | weights | 13,477,363,712 | 12.6 GiB | 30.9 % | 6,738,415,616 x 2 B |
  | adapters | 33,554,432 | 32.0 MiB | 0.1 % | 8,388,608 x 4 B |
  | gradients | 33,554,432 | 32.0 MiB | 0.1 % | 8,388,608 x 4 B |
  | optimizer | 67,108,864 | 64.0 MiB | 0.2 % | 8,388,608 x 8 B |
  | rounded copies | 17,309,696 | 16.5 MiB | 0.0 % | 16-bit copies of float32 weights |
  | activations | 28,775,022,592 | 26.8 GiB | 66.1 % | tokens 8,192 x layers 32 x (norms 32,776 + attention 32,896 + mlp 44,032 + adapters 64) B |
  | working set | 855,638,016 | 816 MiB | 2.0 % | tokens 8,192 x values and gradients of one layer |
  | logits | 301,203,456 | 287 MiB | 0.7 % | tokens 8,192 x classes 32,000 |
  | total | 43,560,755,200 | 40.6 GiB |  | on each GPU |
  
  | PEAK | BYTES | SIZE | OF |
  |---|---:|---:|---|
  | in use | 43,225,997,312 | 40.3 GiB | backward begins; between 33.8 GiB and 46.7 GiB: nine of ten of 123 measured peaks are within 16 % of their estimate |
  | reserved | 43,225,997,312 | 40.3 GiB | the allocator |
  | recommended | 52,408,067,686 | 48.8 GiB | the larger of 1.2 x in use and reserved, and 512 MiB for the context |
  
  It assumes:
  
  - what is in use peaks in one phase of a step; the lines are each component's own peak, which is what an allocator reserves that keeps blocks by size
  - recommended is the larger of 1.2 x in use and reserved, and 512 MiB for the context
  - weights in bfloat16: no spec says otherwise (model.dtype)
  [3]
  $ ktrain estimate --model llama-2-7b --method qlora --batch-size 1 --gpu a10g --tokens 5M -o markdown 2> /dev/null | sed -n '/^1 GPU/,/^prices/p'
  1 GPU, 1.5e+07 tokens
  
  | TIME | LOW | MIDDLE | HIGH | FORMULA |
  |---|---:|---:|---:|---|
  | training | 2.8 h | 3.6 h | 6.1 h | 5,000,000 tokens x 3 epochs / (1 GPU x 1,144 tokens/s) |
  | loading | 5.0 min | 5.0 min | 5.0 min | 300 s |
  | checkpoints | 0.5 min | 0.5 min | 0.5 min | 29 x (1 s + 50.3 MB / 10 GB/s to copy) |
  | total | 2.9 h | 3.7 h | 6.2 h |  |
  
  | CLOUD | REGION | INSTANCE | COUNT | IDLE GPUS | PER HOUR | TOTAL | REMARK |
  |---|---|---|---:|---:|---:|---:|---|
  | aws | us-east-1 | g5.xlarge | 1 | 0 | \$1.01 | \$2.91 - \$6.20 |  |
  | aws | us-east-1 | g5.2xlarge | 1 | 0 | \$1.21 | \$3.51 - \$7.47 |  |
  | aws | us-east-1 | g5.4xlarge | 1 | 0 | \$1.62 | \$4.70 - \$10.00 |  |
  | aws | us-east-1 | g5.8xlarge | 1 | 0 | \$2.45 | \$7.08 - \$15.08 |  |
  | aws | us-east-1 | g5.12xlarge | 1 | 3 | \$5.67 | \$16.41 - \$34.94 | 3 of 4 GPUs idle: instances are sold whole |
  | aws | us-east-1 | g5.24xlarge | 1 | 3 | \$8.14 | \$23.56 - \$50.17 | 3 of 4 GPUs idle: instances are sold whole |
  
  3 more; all of them: -o json
  prices as of 2026-07-20 (aws), on demand, USD
  $ ktrain estimate --profile docs --model 7B -o markdown | head -n 16
  ### 7B: 7.00B parameters (parameter count), full fine-tuning, batch 8 x 1024 tokens
  
  | COMPONENT | BYTES | SIZE | SHARE | FORMULA |
  |---|---:|---:|---:|---|
  | weights | 14,000,000,000 | 13.0 GiB | 14.3 % | parameters x precision = 7,000,000,000 x 2 B (bfloat16) |
  | gradients | 28,000,000,000 | 26.1 GiB | 28.6 % | parameters x 4 B = 7,000,000,000 x 4 B |
  | optimizer | 56,000,000,000 | 52.2 GiB | 57.1 % | parameters x 8 B = 7,000,000,000 x 8 B |
  | total | 98,000,000,000 | 91.3 GiB |  | on each GPU |
  
  | GPU | MEMORY | FITS | LEFT |
  |---|---:|---|---:|
  | h100-pcie | 79.6 GiB | no | -11.6 GiB |
  | a100-80gb | 80.0 GiB | no | -11.3 GiB |
  | a100-80gb-pcie | 80.0 GiB | no | -11.3 GiB |
  | h100-nvl | 93.6 GiB | yes | 2.31 GiB |
  | h100-96gb-hbm2e | 95.0 GiB | yes | 3.77 GiB |
  $ mkdir -p 'a|b<i>@me' && printf '{"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 128, "vocab_size": 1000}' > 'a|b<i>@me/config.json'
  $ ktrain estimate --model './a|b<i>@me' -o markdown | head -n 1
  ### ./a\|b\<i\>@​me: 210K parameters (config.json), full fine-tuning, batch 8 x 1024 tokens
  $ ktrain estimate --model llama-2-7b --recommend -o markdown
  error: this question has no answer in markdown
    hint: ask it without -o
  [2]

Every answer in JSON fits the schema, and the schema says what there is:

  $ ktrain estimate --schema > schema.json
  $ cat > fits.py <<'END'
  > import json, sys, jsonschema
  > schema = json.load(open("schema.json"))
  > jsonschema.Draft202012Validator.check_schema(schema)
  > answer = json.load(sys.stdin)
  > errors = list(jsonschema.Draft202012Validator(schema).iter_errors(answer))
  > for error in errors: print('at', error.json_path, error.message[:200])
  > def strict(part):
  >     if part.get("type") == "object": assert part["additionalProperties"] is False, part
  >     for inner in list(part.get("properties", {}).values()) + [part[k] for k in ("items",) if k in part]: strict(inner)
  > strict(schema)
  > END
  $ fits() { ktrain estimate "$@" -o json 2> /dev/null | /usr/bin/python3 fits.py; }
  $ for method in full lora qlora ia3 prompt_tuning; do for model in llama-2-7b mixtral-8x7b; do fits --model $model --method $method; done; done
  $ for model in simple_cnn deepseek-v3 7B; do fits --model $model; fits --model $model --gpu h100; done
  $ for method in full lora qlora; do fits --model llama-2-7b --method $method --profile docs; fits --model llama-2-7b --method $method --gpu t4 --framework accelerate; done
  $ fits --model llama-2-7b --method lora --gpu a10g --tokens 5M
  $ fits --model llama-2-7b --method lora --gpu a100-80gb --tokens 5M --capacity spot --throughput 100
  $ fits --model llama-2-7b --method lora --gpu b200 --tokens 5M
  $ fits --model llama-2-7b --set resources.gpus_per_node=8 --set parallel.strategy=zero3 --set parallel.offload_optimizer=true
  $ fits --model llama-2-7b --set resources.gpus_per_node=8 --set parallel.pp_size=4
  $ for spec in "$TESTDIR"/../../examples/*.yaml; do fits "$spec"; done
  $ ktrain estimate --model llama-2-7b -o json 2> /dev/null | sed 's/"total"/"totl"/' | /usr/bin/python3 fits.py
  at $ Additional properties are not allowed ('totl' was unexpected)
  at $ 'total' is a required property
  $ ktrain estimate --model llama-2-7b -o json 2> /dev/null | sed 's/"active_bytes"/"active"/' | /usr/bin/python3 fits.py
  at $ Additional properties are not allowed ('active' was unexpected)
  at $ 'active_bytes' is a required property

A page of its own, with the same answer and the same exit code:

  $ lora="--model llama-2-7b --method lora --r 16 --batch-size 4 --max-length 2048"
  $ ktrain estimate $lora --gpu a100-40gb --report out.html
  wrote out.html
  [3]
  $ ktrain estimate $lora --gpu a100-80gb --report out.html
  wrote out.html
  $ /usr/bin/python3 "$TESTDIR/../support/report_page.py" out.html > page.json; ktrain estimate $lora --gpu a100-80gb -o json | diff - page.json
  $ test $(stat -c %s out.html) -lt 1000000
  $ ktrain estimate $lora --gpu a10g --tokens 5M --report job.html 2> /dev/null
  [3]
  $ ktrain estimate $lora --gpu a10g --tokens 5M -o json 2> /dev/null > job.json
  [3]
  $ /usr/bin/python3 "$TESTDIR/../support/report_page.py" job.html | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin) == json.load(open("job.json")))'
  True
  $ for what in "--model simple_cnn" "--model 7B --profile docs" "--model llama-2-7b --method ia3" "--model mixtral-8x7b --method qlora"; do ktrain estimate $what --report other.html 2> /dev/null; /usr/bin/python3 "$TESTDIR/../support/report_page.py" other.html > page.json; ktrain estimate $what -o json 2> /dev/null | diff - page.json; done

What the sliders look up is what the command says:

  $ cell() { /usr/bin/python3 "$TESTDIR/../support/report_page.py" out.html "$@"; }
  $ said() { ktrain estimate $lora --gpu a100-80gb "$@" -o json | /usr/bin/python3 -c 'import json, sys; e = json.load(sys.stdin); print(json.dumps({key: e[key] for key in ("recommended_bytes", "active_bytes", "reserved_bytes")} | {"components": [[c["label"], c["bytes"], c["formula"]] for c in e["components"]]}))'; }
  $ cell batch=2 > a; said > b; diff a b
  $ cell batch=6 length=0 rank=2 checkpointing=1 gpus=2 sharing=3 > a; said --batch-size 64 --max-length 128 --r 64 --set training.gradient_checkpointing=true --set resources.gpus_per_node=8 --set parallel.strategy=fsdp > b; diff a b
  $ cell batch=0 length=5 rank=0 > a; said --batch-size 1 --max-length 4096 --r 8 > b; diff a b

And so is what its script shows (where there is node), which is what stands there without it:

  $ page() { /usr/bin/python3 "$TESTDIR/../support/report_page.py" "$1" static; }
  $ show() { node "$TESTDIR/../support/report_page.js" "$@"; }
  $ page out.html | grep -v '^gpus'
  fits a100-80gb: 33.5 GB (31.2 GiB) of 85.9 GB (80.0 GiB) left
  components | weights | 13,477,363,712 | 12.6 GiB | 30.9 % | 6,738,415,616 x 2 B
  components | adapters | 33,554,432 | 32.0 MiB | 0.1 % | 8,388,608 x 4 B
  components | gradients | 33,554,432 | 32.0 MiB | 0.1 % | 8,388,608 x 4 B
  components | optimizer | 67,108,864 | 64.0 MiB | 0.2 % | 8,388,608 x 8 B
  components | rounded copies | 17,309,696 | 16.5 MiB | 0.0 % | 16-bit copies of float32 weights
  components | activations | 28,775,022,592 | 26.8 GiB | 66.1 % | tokens 8,192 x layers 32 x (norms 32,776 + attention 32,896 + mlp 44,032 + adapters 64) B
  components | working set | 855,638,016 | 816 MiB | 2.0 % | tokens 8,192 x values and gradients of one layer
  components | logits | 301,203,456 | 287 MiB | 0.7 % | tokens 8,192 x classes 32,000
  components | total | 43,560,755,200 | 40.6 GiB |  | on each GPU
  peaks | in use | 43,225,997,312 | 40.3 GiB | at the peak: backward begins; between 33.8 GiB and 46.7 GiB: nine of ten of 123 measured peaks are within 16 % of their estimate
  peaks | reserved | 43,560,755,200 | 40.6 GiB | by the allocator
  peaks | recommended | 52,408,067,686 | 48.8 GiB | the larger of 1.2 x in use and reserved, and 512 MiB for the context
  peaks | trainable parameters | 8,388,608 |  | 
  $ page out.html | grep -e '^gpus | a100-40gb ' -e '^gpus | h200 '
  gpus | a100-40gb | 40.0 GiB | no | -8.81 GiB
  gpus | h200 | 140 GiB | yes | 91.6 GiB
  $ ktrain estimate --model smollm2-135m --report other.html 2> /dev/null; ktrain estimate --model simple_cnn --report cnn.html 2> /dev/null; ktrain estimate --profile docs --model llama-2-7b --report docs.html 2> /dev/null
  $ for what in out job other cnn docs; do page $what.html > without; if command -v node > /dev/null; then show $what.html > with; else cp without with; fi; diff without with; done
  $ if command -v node > /dev/null; then show out.html batch=6 checkpointing=1 reset > with; else page out.html > with; fi; page out.html | diff - with
  $ cat > moved <<'END'
  > does not fit a100-80gb: 500 GB (466 GiB) missing of 586 GB (546 GiB); no GPU of the catalog fits
  > --set training.per_device_train_batch_size=64
  > END
  $ if command -v node > /dev/null; then show out.html batch=6 | head -n 2; else cat moved; fi | diff moved -
  $ if command -v node > /dev/null; then show out.html sharing=3; else echo 'cannot be trained: fsdp has one GPU, and nothing to share among several'; fi | head -n 1
  cannot be trained: fsdp has one GPU, and nothing to share among several
  $ ktrain estimate $lora --batch-size 64 --gpu a100-80gb 2> /dev/null | grep '^does not fit' | diff - <(head -n 1 moved)

Whatever was there is replaced by a whole page, or stays:

  $ echo old > old.html; ktrain estimate --model smollm2-135m --report old.html 2> /dev/null; head -c 4 old.html
  <!-- (no-eol)
  $ ktrain estimate --model smollm2-135m --report - 2> /dev/null | head -c 4; ls ./- 2>&1 | cut -d : -f 3
  <!-- No such file or directory
  $ ktrain estimate --model smollm2-135m --report nowhere/out.html
  error: cannot write nowhere/out.html: No such file or directory
    hint: check the path
  [2]
  $ mkdir folder; ktrain estimate --model smollm2-135m --report folder 2>&1 | sed "s|$PWD/||"
  error: cannot write folder: Is a directory
  $ ktrain estimate --model nope --report no.html 2>&1 | head -n 1; ls no.html 2>&1 | cut -d : -f 3
  error: model.model_name_or_path must be a model of the catalog, or a folder, got "nope"
   No such file or directory
  $ ktrain estimate --model smollm2-135m --report out.html -o json
  error: this question has no answer in json
    hint: ask it without -o
  [2]
