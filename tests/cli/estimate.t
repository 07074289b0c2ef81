The handbook's 7B model, in full:

  $ ktrain estimate --profile docs --model 7B 2> /dev/null | head -n 8
  7B: 7.00B parameters (parameter count), full fine-tuning, batch 8 x 1024 tokens
  
  COMPONENT         BYTES      SIZE   FORMULA
  weights     14000000000   14.0 GB   parameters x precision = 7,000,000,000 x 2 B (bfloat16)
  gradients   28000000000   28.0 GB   parameters x 4 B = 7,000,000,000 x 4 B
  optimizer   56000000000   56.0 GB   parameters x 8 B = 7,000,000,000 x 8 B
  total       98000000000   98.0 GB   91.3 GiB on each GPU
  

LoRA of a model of the catalog, and whether a GPU has the memory:

  $ ktrain estimate --profile docs --model llama-2-7b --method lora --r 16 --batch-size 4 --max-length 2048 --gpu a100-40gb
  llama-2-7b: 6.74B parameters (catalog), lora r=16, batch 4 x 2048 tokens
  
  COMPONENT           BYTES      SIZE   FORMULA
  weights       13476831232   13.5 GB   parameters x precision = 6,738,415,616 x 2 B (bfloat16)
  lora               262144    262 kB   rank x hidden x 2 = 16 x 4,096 x 2, 2 B each
  activations    2147483648   2.15 GB   batch x seq x hidden x layers = 4 x 2,048 x 4,096 x 32, 2 B each
  total         15624577024   15.6 GB   14.6 GiB on each GPU
  
  fits a100-40gb: 27.3 GB (25.4 GiB) of 42.9 GB (40.0 GiB) left
  
  Profile docs: the handbook's rule of thumb, half off measured peaks. It assumes:
  - every GPU holds the whole model: no sharding, no offload
  - logits, workspace and the CUDA context are not counted
  - GB are 10^9 bytes, GiB 2^30; a GPU has what its driver or the clouds list, the smaller
  - LoRA matrices: 2 B an element; the handbook counts no gradients and no optimizer states for them
  - the handbook gives no bytes for activations: one value of the computing type for each
  - weights in bfloat16: no spec says otherwise (model.dtype)
  warning: the handbook's example adds 1 GB for LoRA, its formula gives 262 kB; these adapters have 8.39M parameters, 134 MB with gradients and AdamW at 16 B each
  $ ktrain estimate --profile docs --model llama-2-7b --batch-size 4 --max-length 2048 --gpu nvidia-a100-80gb -o json > "$CRAMTMP/full.json"
  [3]
  $ python3 -c 'import json, sys; e = json.load(open(sys.argv[1])); print(e["total"], e["fits"], e["nearest"])' "$CRAMTMP/full.json"
  96485302272 [{'gpu': 'a100-80gb', 'memory_bytes': 85899345920, 'fits': False, 'headroom_bytes': -10585956352}] h100-nvl
  $ ktrain estimate --profile docs --model llama-3.1-405b --gpu h200 2> /dev/null | grep fit
  does not fit h200: 5.57 TB (5.06 TiB) missing of 5.72 TB (5.20 TiB); no GPU of the catalog fits

Flags that change nothing are told:

  $ ktrain estimate --model llama-2-7b --r 8 2>&1 > /dev/null
  warning: --r has no effect: method full has no LoRA matrices; add --method lora
  $ ktrain estimate --model simple_cnn --max-length 8 2>&1 > /dev/null
  warning: --max-length has no effect: simple_cnn takes images, not tokens

A spec says the same by itself:

  $ cd "$TESTDIR/../golden/estimate"
  $ ktrain estimate --profile docs lora-7b/spec.yaml -o json | diff - lora-7b/expected.json
  $ ktrain estimate --profile docs full-7b/spec.yaml -o json | diff - full-7b/expected.json
  $ ktrain estimate --profile docs full-7b/spec.yaml --method qlora 2> /dev/null | grep -e weights -e fits
  weights       3369207808   3.37 GB   parameters x precision = 6,738,415,616 x 0.5 B (4-bit)
  fits a100-80gb: 80.4 GB (74.9 GiB) of 85.9 GB (80.0 GiB) left
  - the handbook has no formula for QLoRA: its precision becomes 0.5 B for 4-bit weights
  $ cd qlora-config && ktrain estimate --profile docs spec.yaml -o json | diff - expected.json && cd ..

Without a GPU, all of them:

  $ ktrain estimate --profile docs --model tinyllama-1.1b 2> /dev/null | sed -n '/^GPU/,/^$/p' | head -n 4
  GPU                   MEMORY   FITS        LEFT
  t4                  15.0 GiB   no     -31.2 MiB
  rtx-4070-ti-super   16.0 GiB   yes      985 MiB
  v100-16gb           16.0 GiB   yes      993 MiB
  $ ktrain estimate --profile docs --model 7B 2> /dev/null | grep -e smaller.GPU -e larger.GPU
  17 smaller GPUs do not fit; all of them: -o json
  1 larger GPU fits as well; all of them: -o json

By component, what a step holds, in its phases:

  $ ktrain estimate --model llama-2-7b --method lora --r 16 --batch-size 4 --max-length 2048 --gpu a100-40gb
  llama-2-7b: 6.74B parameters (catalog), lora r=16, batch 4 x 2048 tokens
  
  COMPONENT            SIZE    SHARE             FORMULA
  weights          12.6 GiB   30.9 %   ███       6,738,415,616 x 2 B
  adapters         32.0 MiB    0.1 %             8,388,608 x 4 B
  gradients        32.0 MiB    0.1 %             8,388,608 x 4 B
  optimizer        64.0 MiB    0.2 %             8,388,608 x 8 B
  rounded copies   16.5 MiB    0.0 %             16-bit copies of float32 weights
  activations      26.8 GiB   66.1 %   ███████   tokens 8,192 x layers 32 x (norms 32,776 + attention 32,896 + mlp 44,032 + adapters 64) B
  working set       816 MiB    2.0 %             tokens 8,192 x values and gradients of one layer
  logits            287 MiB    0.7 %             tokens 8,192 x classes 32,000
  
  in use at the peak (backward begins): 43.2 GB (40.3 GiB)
  between 33.8 GiB and 46.7 GiB: nine of ten of 123 measured peaks are within 16 % of their estimate
  reserved by the allocator: 43.2 GB (40.3 GiB), and 512 MiB of the GPU for its context
  recommended: 52.4 GB (48.8 GiB), the larger of 1.2 x in use and reserved, and 512 MiB for the context
  
  does not fit a100-40gb: 9.46 GB (8.81 GiB) missing of 52.4 GB (48.8 GiB); the nearest GPU that fits is h100 with 85.5 GB (79.6 GiB)
  
  It assumes:
  - what is in use peaks in one phase of a step; the lines are each component's own peak, which is what an allocator reserves that keeps blocks by size
  - recommended is the larger of 1.2 x in use and reserved, and 512 MiB for the context
  - weights in bfloat16: no spec says otherwise (model.dtype)
  [3]
  $ ktrain estimate --model llama-2-7b --method qlora --framework accelerate --gpu rtx-4090 -o json | python3 -c 'import json, sys; e = json.load(sys.stdin); print(e["profile"], e["peak_phase"], [c["label"] for c in e["components"]], e["reserved_bytes"] >= e["active_bytes"], e["recommended_bytes"] - e["fits"][0]["memory_bytes"] == -e["fits"][0]["headroom_bytes"])'
  detailed loss ['weights', 'adapters', 'gradients', 'optimizer', 'activations', 'working set', 'logits', 'dequantised layer'] True True

The most that fits:

  $ ktrain estimate --model llama-2-7b --method lora --gpu a100-80gb --max-batch
  --set training.per_device_train_batch_size=15
  needs 83.4 GB (77.7 GiB) of a100-80gb
  $ ktrain estimate --model llama-2-7b --method lora --gpu a100-80gb --max-seq -o json
  {
    "field": "objective.max_length",
    "value": 1991,
    "recommended_bytes": 85895588250,
    "gpu": "a100-80gb",
    "multiplier": 1.0
  }
  $ ktrain estimate --model llama-2-7b --gpu t4 --max-seq
  not even objective.max_length=1 fits t4
  [3]
  $ ktrain estimate --model llama-2-7b --max-seq
  error: what fits depends on the GPU
    hint: name it: --gpu a100-80gb
  [2]
  $ ktrain estimate --model llama-2-7b --gpu t4 --max-seq --max-batch
  error: --max-batch and --max-seq each hold the other fixed
    hint: give one of them
  [2]

What the handbook chooses for LoRA, which a spec takes as it is:

  $ ktrain estimate --model llama-2-7b --recommend
  the handbook's settings for 7-13B (section 8.1):
  --set method.type=lora
  --set method.r=16  # up to 32
  --set method.lora_alpha=32  # up to 64
  --set method.lora_dropout=0.05  # up to 0.1
  --set training.learning_rate=0.0001  # up to 0.0002
  --set 'method.target_modules=[q_proj,k_proj,v_proj,o_proj]'
  $ ktrain estimate --model llama-2-7b --recommend -o json | python3 -c 'import json, sys; print(json.load(sys.stdin)["r"])'
  {'low': 16, 'high': 32}

What the handbook leaves out, and where it contradicts itself:

  $ ktrain estimate --model llama-2-7b --method lora --batch-size 4 --max-length 2048 --framework accelerate --compare 2> /dev/null
  COMPONENT            HANDBOOK   DETAILED
  activations          2.00 GiB   40.2 GiB
  gradients                   -   16.0 MiB
  logits                      -   3.42 GiB
  lora                  128 KiB   16.0 MiB
  optimizer                   -   32.0 MiB
  weights              12.6 GiB   12.6 GiB
  working set                 -    644 MiB
  in use at the peak   14.6 GiB   56.2 GiB
  
  detailed is 3.86 of the handbook's rule; most of what the rule lacks: activations, 38.2 GiB
  
  handbook 1.3, activations-without-bytes: batch x seq x hidden x layers is what full checkpointing alone keeps, 2.15 GB; this step holds 43.8 GB
  
  handbook 7.1, cost-lora-50-a-day: $50.00 a day for 1 a100-40gb is $2.08 an hour; the cheapest on demand is $88.15 at gcp (0.57 of it), $527 at aws (0.09 of it), $653 at azure (0.08 of it)
  
  handbook 1.2, lora-16-24-gb: 16-24 GB hold up to 1,024 tokens or with checkpointing; 8,192 tokens without need 60.3 GB
  
  handbook 2.1, lora-65k-a-layer: "65K of 16.8M a layer" is a matrix, not a layer: here 131K train in each of 32 layers
  
  handbook 1.3, lora-one-gigabyte: rank x hidden x 2 is 131 kB, and its example says 1 GB; these 4.19M parameters take 67.1 MB with gradients and AdamW
  
  handbook 1.3, no-logits: no logits: at once, in float32 with their gradient, they would take 3.67 GB of 32,000 classes
  
  handbook 7.2, v100-without-bf16: its spot instances have p3.2xlarge beside configurations with bf16: a V100 has no bfloat16, and 16.0 GiB of memory; this job needs 90.5 GiB
  
  HANDBOOK 7.1   MODEL           GPUS      A DAY   ON DEMAND TODAY   SPOT TODAY   OF TODAY   REMARK
  Full FT        7B       2 a100-80gb    $200.00           $176.30       $21.31      113 %   2 GPUs hold it only with sharded states: 16 B a parameter are 108 GB without activations
  LoRA           7B       1 a100-40gb     $50.00            $88.15       $46.27       57 %   AWS sells 8 GPUs at a time
  QLoRA          7B            1 a10g      $8.00            $24.14        $9.31       33 %   a third of what one A10G costs
  Spot + QLoRA   7B            1 a10g      $2.40            $24.14        $9.31       26 %   the handbook's discount of 70 % is about what spot saves, of a price that is too low
  Full FT        70B     16 a100-80gb   $1600.00          $1317.46      $170.50      121 %   not on 2 GPUs: 16 B a parameter are 1.1 TB; 16 hold it without margin, taken here
  LoRA           70B      8 a100-40gb    $400.00           $526.99       $71.81       76 %   not on 1 GPU: 138 GB of weights in 16 bits; 8 are taken here
  QLoRA          70B           8 a10g     $64.00           $193.15       $74.50       33 %   not on 1 GPU: 37 GB of weights in 4 bits; 8 are taken here
  Spot + QLoRA   70B           8 a10g     $19.00           $193.15       $74.50       26 %   not on 1 GPU: 37 GB of weights in 4 bits; 8 are taken here
  prices as of 2025-06 (aws), 2024 (azure), 2026-08-03 (gcp), cheapest of all clouds, USD
  $ ktrain estimate --model llama-2-7b --compare --gpu t4 -o json 2> /dev/null | python3 -c 'import json, sys; c = json.load(sys.stdin); print(c["docs"]["profile"], c["detailed"]["profile"], c["missing"]["label"], [r["name"] for r in c["remarks"]])'
  docs detailed activations ['activations-without-bytes', 'adamw-without-master-weights', 'cost-full-200-a-day', 'cost-without-tokens', 'full-7b-112-or-98-gb', 'gradients-in-float32', 'spot-discount-of-70', 'v100-without-bf16']
  $ ktrain estimate --model llama-2-7b --method ia3 --framework accelerate --compare 2> /dev/null | head -n 3
  the handbook has no formula for ia3; in use at the peak, in detail: 57.5 GiB
  
  handbook 1.3, activations-without-bytes: batch x seq x hidden x layers is what full checkpointing alone keeps, 2.15 GB; this step holds 45.3 GB
  $ ktrain estimate --model llama-2-7b --method qlora --compare -o json 2> /dev/null | python3 -c 'import json, sys; c = json.load(sys.stdin); q = c["costs"][2]; print(q["name"], q["usd_per_day"], q["on_demand"]["instance"], q["on_demand"]["usd_per_day"]["mid"], q["spot"]["instance"], round(q["ratio"], 2), c["cost_dates"])'
  QLoRA 8.0 g5.xlarge 24.144 g5.2xlarge 0.33 prices as of 2025-06 (aws), 2024 (azure), 2026-08-03 (gcp)

Hours and dollars, once the tokens are known:

  $ ktrain estimate --model llama-2-7b --method qlora --batch-size 1 --gpu a10g --tokens 5M 2> /dev/null | sed -n '/^1 GPU/,$p'
  1 GPU, 1.5e+07 tokens
  
  TIME              LOW    MIDDLE      HIGH   FORMULA
  training        2.8 h     3.6 h     6.1 h   5,000,000 tokens x 3 epochs / (1 GPU x 1,144 tokens/s)
  loading       5.0 min   5.0 min   5.0 min   300 s
  checkpoints   0.5 min   0.5 min   0.5 min   29 x (1 s + 50.3 MB / 10 GB/s to copy)
  total           2.9 h     3.7 h     6.2 h
  
  It assumes:
  - attention is counted whole, as in the published MFU figures
  - MFU of "QLoRA", 0.6 to 1.3 times: torchtune Llama-3.2-3B on A100 (0.33 to 0.41)
  - rows lie behind each other: ktrain computes no padding
  
  CLOUD   REGION      INSTANCE      COUNT   IDLE GPUS   PER HOUR             TOTAL   REMARK
  aws     us-east-1   g5.xlarge         1           0      $1.01     $2.91 - $6.20
  aws     us-east-1   g5.2xlarge        1           0      $1.21     $3.51 - $7.47
  aws     us-east-1   g5.4xlarge        1           0      $1.62    $4.70 - $10.00
  aws     us-east-1   g5.8xlarge        1           0      $2.45    $7.08 - $15.08
  aws     us-east-1   g5.12xlarge       1           3      $5.67   $16.41 - $34.94   3 of 4 GPUs idle: instances are sold whole
  aws     us-east-1   g5.24xlarge       1           3      $8.14   $23.56 - $50.17   3 of 4 GPUs idle: instances are sold whole
  3 more; all of them: -o json
  prices as of 2026-07-20 (aws), on demand, USD
  $ ktrain estimate --model llama-2-7b --method qlora --batch-size 1 --gpu a10g --tokens 5M --throughput 2000 -o json | python3 -c 'import json, sys; j = json.load(sys.stdin)["job"]; print(j["gpus"], j["capacity"], round(j["time"]["lines"][0]["seconds"]["mid"]), j["offers"][0]["instance"], j["offers"][0]["usd_per_hour"])'
  1 on demand 7500 g5.xlarge {'low': 1.006, 'mid': 1.006, 'high': 1.006}
  $ ktrain estimate --model llama-2-7b --tokens 5M
  error: hours and dollars need a GPU and the tokens of the training
    hint: add --gpu, and --tokens, --tokens-from or training.max_steps
  [2]
  $ cat > "$CRAMTMP/stats.json" <<'JSON'
  > {"command": "stats", "max_length": 1024, "splits": [
  >  {"split": "train", "rows": 9000, "tokens": 5000000, "cut_tokens": 0, "packed_sequences": 5100,
  >   "length": {"min": 100, "mean": 555.6, "p50": 550, "p90": 900, "p95": 950, "p99": 1000, "max": 1024}},
  >  {"split": "validation", "rows": 1000, "tokens": 550000, "cut_tokens": 0,
  >   "length": {"min": 100, "mean": 550, "p50": 550, "p90": 900, "p95": 950, "p99": 1000, "max": 1024}}]}
  > JSON
  $ ktrain estimate --model llama-2-7b --method qlora --batch-size 4 --gpu a10g --framework accelerate --capacity spot --interruptions 24h --tokens-from - < "$CRAMTMP/stats.json" 2> /dev/null | sed -n '/^TIME/,/^CLOUD/p'
  TIME                 LOW     MIDDLE       HIGH   FORMULA
  training           4.1 h      5.3 h      8.9 h   5,000,000 tokens x 3 epochs / (1 GPU x 1,165 tokens/s) / 0.671 without padding
  loading          5.0 min    5.0 min    5.0 min   300 s
  checkpoints      0.2 min    0.2 min    0.2 min   13 x (1 s + 50.3 MB / 0.5 GB/s)
  evaluation      13.5 min   17.6 min   29.3 min   3 x 550,000 tokens, each 0.5 of a training token
  interruptions    3.6 min    5.4 min   12.3 min   0.0155 of the time: (half the time between checkpoints + 600 s) every 86,400 s
  total              4.5 h      5.8 h      9.7 h
  
  It assumes:
  - attention is counted whole, as in the published MFU figures
  - MFU of "QLoRA", 0.6 to 1.3 times: torchtune Llama-3.2-3B on A100 (0.33 to 0.41)
  - each batch of 4 is padded to its longest row, 816 tokens on average, where the mean is 548
  
  CLOUD   REGION      INSTANCE      COUNT   IDLE GPUS        PER HOUR             TOTAL   REMARK
  $ ktrain estimate --model llama-2-7b --gpu a10g --tokens-from "$CRAMTMP/stats.json" --tokens 5M
  error: --tokens and --tokens-from both say the tokens
    hint: give one of them
  [2]

Where nothing says the tokens, they are guessed from the size of the data, and every format says so:

  $ python3 -c 'for i in range(1000): print("{\"text\": \"" + 400 * "x" + "\"}")' > "$CRAMTMP/rows.jsonl"
  $ guess() { ktrain estimate --model llama-2-7b --method lora --gpu h100 --set data.dataset_path=rows.jsonl "$@" 2> /dev/null; }
  $ cd "$CRAMTMP"; guess | grep -i guess
  1 GPU, about 3e+05 tokens (a guess)
  - the 1e+05 tokens of an epoch are a GUESS: 413 kB in rows.jsonl, 97 % of them texts in a sample, at 4 bytes of text a token; count them: ktrain data stats SPEC -o json | ktrain estimate SPEC --tokens-from -
  $ guess -o markdown | grep -ci guess
  2
  $ guess -o json | python3 -c 'import json, sys; print(json.load(sys.stdin)["job"]["tokens_guess"]["tokens"])'
  99981.0
  $ guess --budget 100 | grep -c GUESS; guess --find | grep -c GUESS
  1
  1
  $ guess --tokens 1M | grep -ci guess; guess --set training.max_steps=10 | grep -ci guess; guess --set data.dataset_path=none.jsonl | grep -c -e TIME -e guess
  0
  0
  0
  [1]
  $ printf '{"input_ids": [1, 2, 3]}\n' > ids.jsonl; guess --set data.dataset_path=ids.jsonl | grep guess
  - the tokens cannot be guessed from ids.jsonl: its rows are ids of tokens (input_ids), no texts; count them: ktrain data stats SPEC -o json | ktrain estimate SPEC --tokens-from -
  $ ktrain estimate --model llama-2-7b --method lora --gpu h100 --tokens-from rows.jsonl 2> /dev/null | grep -c GUESS
  1
  $ ktrain estimate --model llama-2-7b --method lora --gpu h100 --tokens-from ids.jsonl
  error: the tokens cannot be guessed from ids.jsonl: its rows are ids of tokens (input_ids), no texts; count them: ktrain data stats SPEC -o json | ktrain estimate SPEC --tokens-from -
  [2]

  $ ktrain estimate --model llama-2-7b --gpu a10g --tokens 5M --packing-efficiency 60
  error: --packing-efficiency is no share: "60"
    hint: write a number above 0 and up to 1, such as 0.6
  [2]
  $ ktrain estimate --model llama-2-7b --gpu a10g --tokens 5M --interruptions often
  error: --interruptions is no time with its unit, above 0: "often"
    hint: write the mean time between two, such as 24h, 0.5h, 90min or 3d
  [2]
  $ ktrain estimate --model llama-2-7b --gpu a10g --tokens some
  error: --tokens is no number: "some"
    hint: write a number above 0 and up to 1000T: 2000000, 3e8, 300K, 300M, 2B or 1T
  [2]
  $ ktrain estimate --model simple_cnn --gpu t4 --tokens 5M
  error: simple_cnn has no tokens, which hours and dollars are told by
    hint: leave out the flags of time and money, or name a language model
  [2]
  $ ktrain estimate --model simple_cnn --recommend
  error: simple_cnn has no layers for LoRA
    hint: name a language model, such as --model llama-2-7b
  [2]
  $ cd "$CRAMTMP"; printf 'cloud,region,instance,gpu,gpu_count,on_demand,as_of\nours,here,box,a10g,1,0,2026-11-01\n' > prices.csv; ktrain estimate --model llama-2-7b --method qlora --batch-size 1 --gpu a10g --tokens 5M --prices prices.csv
  error: a price is above 0, not 0
    at prices.csv:2:22
    hint: leave the cell empty where the price is not known
  [2]
  $ sed -i 's/,0,2026/,0.5,2026/' prices.csv; ktrain estimate --model llama-2-7b --method qlora --batch-size 1 --gpu a10g --tokens 5M --prices prices.csv 2> /dev/null | grep ours; cd "$TESTDIR/../golden/estimate"
  ours    here     box            1           0      $0.50   $1.45 - $3.08
  prices as of 2026-11-01 (ours), on demand, USD

How near it comes to what was measured:

  $ ktrain estimate --score "$TESTDIR/../golden/measured/measured_memory.csv" | grep -e ^B2 -e FAMILY -e ^all -e torchtune
  B2            llama-3.2-3b             full       active      60.0 GiB   61.4 GiB     +2.4 %
  FAMILY                   ROWS   MEDIAN      P90   WITHIN 10 %   WITHIN 20 %     BIAS
  all                       123    4.0 %   15.1 %        78.9 %        95.9 %   -1.1 %
  pytorch/torchtune          22    3.5 %   15.3 %        81.8 %        90.9 %   +7.4 %
  $ ktrain estimate --score "$TESTDIR/../golden/measured/measured_memory.csv" -o json | python3 -c 'import json, sys; s = json.load(sys.stdin); print(len(s["rows"]), s["scores"][0]["family"], len(s["left_out"]))'
  123 None 16
  $ (cd "$CRAMTMP"; printf 'id,model\na,b\n' > rows.csv; ktrain estimate --score rows.csv)
  error: there is no column "source"
    at rows.csv:1
    hint: the columns are those of docs/estimate.md, "Measured rows"
  [2]

  $ for more in '--profile docs' '--model 7B' '--gpu h100' 'train.yaml' '--tokens 5M'; do ktrain estimate --score nowhere.csv $more; done 2>&1 | grep error
  error: --score takes no --profile docs: its rows say all of that
  error: --score takes no --model: its rows say all of that
  error: --score takes no --gpu: its rows say all of that
  error: --score takes no FILE: its rows say all of that
  error: --score takes no flag of time and money: its rows say all of that
  $ head -n 1 "$TESTDIR/../golden/measured/measured_memory.csv" > "$CRAMTMP/none.csv"; (cd "$CRAMTMP"; ktrain estimate --score none.csv)
  error: there are no rows
    at none.csv
  [2]

Words that are wrong get the nearest that is right:

  $ ktrain estimate --model lama-2-7b
  error: model.model_name_or_path must be a model of the catalog, or a folder, got "lama-2-7b"
    at --model
    hint: write llama-2-7b, or ./lama-2-7b for a folder with its config.json
  [2]
  $ ktrain estimate --model nope 2>&1 | cut -c 1-95
  error: model.model_name_or_path must be a model of the catalog, or a folder, got "nope"
    at --model
    hint: write ./nope for a folder with its config.json, a size such as 7B, or one of llama-2-7b
  $ ktrain estimate --model llama-2-7b --gpu a100-80g
  error: resources.gpu must be a GPU model of the catalog, got "a100-80g"
    at --gpu
    hint: write a100-80gb
  [2]
  $ ktrain estimate --model llama-2-7b --method lora --set 'method.target_modules=[q_pro]'
  error: llama-2-7b has no linear layer "q_pro"
    at --set method.target_modules
    hint: did you mean q_proj?
  [2]
  $ ktrain estimate
  error: ktrain estimate needs a spec or --model
    hint: for example: ktrain estimate --model llama-2-7b --method lora
  [2]

So do models that are broken:

  $ mkdir -p "$CRAMTMP/model" && cd "$CRAMTMP"
  $ ktrain estimate --model ./model
  error: cannot read ./model/config.json: No such file or directory
    hint: check the path
  [2]
  $ : > model/config.json; ktrain estimate --model ./model
  error: the JSON text is empty
    at ./model/config.json:1:1
  [2]
  $ head -c 300 /bin/sh > model/config.json; ktrain estimate --model ./model 2>&1 | head -n 1
  error: syntax error while parsing value - invalid literal; last read: '�'
  $ echo '{"model_type": "llama", "hidden_size": -4096}' > model/config.json; ktrain estimate --model ./model
  error: hidden_size must be a whole number from 1 to 16777216, got -4096
    at ./model/config.json
    hint: use the config.json that was published with the model
  [2]
  $ truncate -s 100M model/config.json; ktrain estimate --model ./model
  error: ./model/config.json is larger than 1 MiB
    hint: check that it is the right file; larger ones must be split
  [2]
  $ ktrain estimate --model ./missing
  error: there is no folder ./missing, and the catalog has no model of that name
    at --model
    hint: name a folder with the model's config.json, or a catalog model such as llama-2-7b
  [2]

Several GPUs share a model, and objectives hold more than one:

  $ ktrain estimate --model llama-3.1-70b --set resources.gpus_per_node=8 --set resources.nodes=2 --set parallel.strategy=fsdp --gpu a100-80gb --framework accelerate -o json 2> /dev/null | python3 -c 'import json, sys; e = json.load(sys.stdin); print({c["label"]: c["bytes"] for c in e["components"] if c["label"] in ("weights", "optimizer", "gathered layers")}, e["host_bytes"])'
  {'weights': 8819213312, 'optimizer': 17638426624, 'gathered layers': 6845236019} 0
  $ ktrain estimate --model llama-2-7b --method lora --set objective.type=dpo --framework accelerate 2>&1 | grep -e companions -e second -e reference -e dpo
  second logits   4.88 GiB    4.6 %              tokens 16,384 x classes 32,000 x 10 B
  - the reference is the frozen weights with the adapters off
  warning: objective.type: dpo can only be estimated: ktrain run does not train for it
  $ ktrain estimate --params 7B 2> /dev/null | grep guess
  7B: 7.00B parameters (guess), full fine-tuning, batch 8 x 1024 tokens
  - 7B is only a count: its shape is guessed after models of that size (hidden size 4096, 28 layers, 32 heads, 8 key heads, MLP 13824, vocabulary 128256, which make 6981652480 parameters)
  $ ktrain estimate --model mixtral-8x7b --set resources.gpus_per_node=8 --set parallel.pp_size=4 --set parallel.ep_size=2 2>&1 | grep pipeline
  - the first GPUs of the pipeline need the most; each optimizer step runs 1 batches through it, one forward and one backward at a time

A family that ktrain run does not train:

  $ ktrain estimate --model mixtral-8x7b 2>&1 > /dev/null | grep families
  warning: mixtral can only be estimated: ktrain run trains the families gemma2, gpt2, llama, mistral, phi3, qwen2, qwen3
  $ for flags in "--model llama-2-7b" "--model 7B" "--model mixtral-8x7b --framework accelerate"; do ktrain estimate $flags 2>&1 | grep -c families; done
  0
  0
  0
  [1]

What contradicts itself is refused, and what is empty:

  $ for flag in gpu model params score report; do ktrain estimate --$flag "" 2>&1 | head -n 1; done
  error: --gpu is empty
  error: --model is empty
  error: --params is empty
  error: --score is empty
  error: --report is empty
  $ for flag in tokens tokens-from prices budget deadline calibration to output set throughput interruptions mean-length; do ktrain estimate --model llama-2-7b --$flag="" > /dev/null 2>&1; echo -n "$? "; done; echo
  2 2 2 2 2 2 2 2 2 2 2 2 
  $ ktrain estimate --model llama-2-7b --gpu h100 --tokens "$NOBODY_SET_IT"
  error: --tokens is empty
    hint: give it a value, or leave it out
  [2]

  $ ktrain estimate --model llama-2-7b --method lora --r 1024 --set 'method.rank_pattern={q_proj: 1024}' --max-length 5000
  error: a sequence of 5000 tokens is longer than the 4096 positions of llama-2-7b
    at --max-length
    hint: write at most 4096
  [2]
  $ ktrain estimate --model smollm2-135m --method lora --r 1000
  error: a rank of 1000 is above the 576 of self_attn.q_proj, which is 576 x 576
    at --r
    hint: write at most 576, or leave q_proj out of target_modules
  [2]
  $ ktrain estimate --model llama-2-7b --set parallel.strategy=zero3
  error: zero3 has one GPU, and nothing to share among several
    at --set parallel.strategy
    hint: set resources.gpus_per_node, offload_optimizer: true, or leave the strategy out
  [2]
  $ ktrain estimate --model llama-2-7b --set resources.gpus_per_node=8 --set parallel.tp_size=3
  error: tp_size x pp_size x cp_size is 3, which does not divide the 8 GPUs of the job
    at command line
    hint: change them, or resources.nodes and resources.gpus_per_node
  [2]
  $ ktrain estimate --model llama-2-7b --set resources.gpus_per_node=8 --set parallel.offload_optimizer=true
  error: states that every GPU holds whole are not offloaded
    at --set parallel.offload_optimizer
    hint: write strategy: zero2, or another that shares them
  [2]
  $ ktrain estimate --model llama-2-7b --set objective.type=distillation
  error: there is no model to learn from
    at command line
    hint: name one: teacher_model_name_or_path: llama-3.1-70b
  [2]
  $ ktrain estimate --model llama-2-7b --set resources.gpus_per_node=8 --set parallel.ep_size=8
  error: llama-2-7b has no experts to share
    at --set parallel.ep_size
    hint: leave ep_size out
  [2]
  $ ktrain estimate --params llama
  error: --params is no count: "llama"
    hint: write a number of parameters such as 7B or 350M; --model takes names
  [2]
  $ ktrain estimate --params 7B --model llama-2-7b
  error: --model and --params both name the model
    hint: give one of them
  [2]
  $ ktrain estimate --model llama-2-7b --compare --recommend
  error: the flags ask several questions at once
    hint: ask them one by one: each has an answer of its own
  [2]
  $ ktrain estimate --params 1e15 --dtype float32 | head -n 1
  error: --params is no count: "1e15"
    hint: write a number of parameters such as 7B or 350M; --model takes names
  $ ktrain estimate --params 7000000000 2> /dev/null | head -n 1
  7000000000: 7.00B parameters (guess), full fine-tuning, batch 8 x 1024 tokens
  $ ktrain estimate --model llama-2-7b --set method.type=prompt_tuning 2> /dev/null | head -n 1
  llama-2-7b: 6.74B parameters (catalog), prompt_tuning, batch 8 x 1024 tokens
  $ ktrain estimate --model llama-2-7b --gpu h100 --tokens 100M --set objective.type=ppo 2>&1 | grep -e rollout -e 'tokens/s'
  rollout          4.00 GiB    1.3 %         tokens 8,192 x keys and values of all layers, and scores
  training        22.1 h     28.7 h     47.8 h   100,000,000 tokens x 3 epochs / (1 GPU x 2,904 tokens/s)
  - tokens are those of prompts and answers; each rollout is learned from once, as by InstructGPT (TRL's num_ppo_epochs is 4 unless it is set)
  warning: writing the rollouts is counted as one forward pass of their tokens, but the memory's bandwidth bounds it: it can take longer than all the rest; measure a few steps (--throughput)

  $ ktrain estimate --params 1000000B 2> /dev/null | head -n 1
  1000000B: 1000T parameters (guess), full fine-tuning, batch 8 x 1024 tokens
