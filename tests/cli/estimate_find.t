The cheapest and the fastest plan, of instances of your own (warnings of old prices depend on the day):

  $ mkdir "$CRAMTMP/find" && cd "$CRAMTMP/find"
  $ cat > prices.csv <<'END'
  > cloud,region,instance,gpu,gpu_count,on_demand,as_of
  > ours,here,l4-1,l4,1,0.70,2026-11-01
  > ours,here,a100-2,a100-80gb,2,7.00,2026-11-01
  > ours,here,h100-8,h100,8,,2026-11-01
  > END
  $ ktrain estimate --model llama-2-7b --tokens 20M --find --prices prices.csv 2> /dev/null
  llama-2-7b: 10,224 combinations examined, 5,808 fit with the recommended margin
  a step has 8 samples, as the spec says: 5,587 that fit have a batch of their own
  
  cheapest
  
      GPUS            BATCH   TRAINING    NEEDS GIB        TIME    TOTAL   INSTANCE
  1   1x1 l4          1x8     lora          19.8/22       8.0 h    $5.59   l4-1
  2   1x1 l4          4x2     qlora         21.9/22       8.5 h    $5.96   l4-1
  3   1x2 a100-80gb   4x1     lora ddp      33.2/80    97.1 min   $11.33   a100-2
  4   1x2 a100-80gb   4x1     qlora ddp     22.9/80   103.3 min   $12.05   a100-2
  5   1x2 a100-80gb   4x1     full fsdp     76.3/80       2.3 h   $16.26   a100-2
  
  fastest
  
      GPUS            BATCH   TRAINING     NEEDS GIB       TIME    TOTAL   INSTANCE
  1   1x8 h100        1x1     lora ddp       20.8/80   12.5 min        ?   ?
  2   1x8 h100        1x1     qlora ddp      10.5/80   13.0 min        ?   ?
  3   4x2 a100-80gb   1x1     lora ddp       20.8/80   28.2 min   $13.17   4 x a100-2
  4   4x2 a100-80gb   1x1     qlora ddp      10.5/80   29.7 min   $13.88   4 x a100-2
  5   4x2 a100-80gb   1x1     full zero2     64.3/80   44.9 min   $20.93   4 x a100-2
  
  GPUS: nodes x GPUs of each; BATCH: samples on a GPU x accumulation; ckpt: gradient
  checkpointing; NEEDS: as recommended, of the GPU's; time and money are middles
  full trains all weights, lora and qlora an adapter, qlora beside 4-bit weights: these are not
  the same training; --method keeps one
  the network between nodes is not counted: it slows down several nodes
  can only be estimated, ktrain run does not train with: fsdp, qlora, zero2
  prices as of 2026-11-01 (ours), on demand, USD
  
  the cheapest: 6.2 h to 13.3 h, $4.31 to $9.28
    --set method.type=lora --set resources.gpu=l4 --set resources.nodes=1 \
    --set resources.gpus_per_node=1 --set training.per_device_train_batch_size=1 \
    --set training.gradient_accumulation_steps=8 \
    --set training.gradient_checkpointing=false --set model.dtype=bfloat16
  
  the fastest: 10.8 min to 17.3 min, no price known
    --set method.type=lora --set resources.gpu=h100 --set resources.nodes=1 \
    --set resources.gpus_per_node=8 --set training.per_device_train_batch_size=1 \
    --set training.gradient_accumulation_steps=1 \
    --set training.gradient_checkpointing=false --set model.dtype=bfloat16 \
    --set parallel.strategy=ddp

What a flag or the spec says is kept:

  $ ktrain estimate --model llama-2-7b --tokens 20M --find --prices prices.csv --gpu l4 --method lora --set resources.nodes=2 2> /dev/null | grep -e examined -e kept -e "^1"
  llama-2-7b: 72 combinations examined, 19 fit with the recommended margin
  1   2x1 l4   1x8     lora ddp     20.8/22   4.0 h   $5.65   2 x l4-1
  1   2x1 l4   1x8     lora ddp     20.8/22   4.0 h   $5.65   2 x l4-1
  kept as they are said: method.type, resources.gpu, resources.nodes

The lines, given back, make the same plan:

  $ ktrain estimate --model llama-2-7b --tokens 20M --find -o json 2> /dev/null > plans.json
  $ python3 - <<'END'
  > import json, subprocess
  > result = json.load(open("plans.json"))
  > assert result["candidates"]["examined"] >= 20000, result["candidates"]
  > for plan in result["cheapest"] + result["fastest"]:
  >     sets = [word for field in plan["set"] for word in ("--set", field)]
  >     flags = ["--model", "llama-2-7b", "--tokens", "20M", "-o", "json"]
  >     alone = json.loads(subprocess.run(["ktrain", "estimate"] + flags + sets, check=True, capture_output=True).stdout)
  >     assert alone["recommended_bytes"] == plan["recommended_bytes"], plan
  >     assert alone["job"]["time"]["seconds"] == plan["seconds"], plan
  >     offer = alone["job"]["offers"][0]
  >     assert offer["usd_total"] == plan["usd_total"] or plan["usd_total"] is None, plan
  > print(len(result["cheapest"]), len(result["fastest"]), sorted(result))
  > END
  20 20 ['batch', 'budget_usd', 'candidates', 'capacity', 'cheapest', 'deadline_seconds', 'fastest', 'framework', 'kept', 'model', 'nearest', 'notes', 'plans', 'tokens', 'tokens_guess']
  $ ktrain estimate --model llama-2-7b --tokens 20M --find 2> /dev/null | sed -n '/^the cheapest/,/^$/p' | tail -n +2 > lines
  $ eval "ktrain estimate --model llama-2-7b --tokens 20M -o json $(cat lines)" 2> /dev/null | python3 -c 'import json, sys; a = json.load(sys.stdin); p = json.load(open("plans.json"))["cheapest"][0]; print(a["recommended_bytes"] == p["recommended_bytes"], a["fits"][0]["fits"])'
  True True
  $ ktrain init --template lora | grep -v -e per_device_train -e gradient_checkpointing > train.yaml
  $ eval "ktrain submit train.yaml --dry-run=client -o json $(ktrain estimate train.yaml --tokens 20M --find 2> /dev/null | sed -n '/^the cheapest/,/^$/p' | tail -n +2)" > /dev/null 2>&1

Without tokens, plans are compared by a million of them:

  $ ktrain estimate --model llama-2-7b --find --prices prices.csv --method lora 2> /dev/null | sed -n '/^cheapest/,/^fastest/p'
  cheapest
  
      GPUS            BATCH   TRAINING   NEEDS GIB   TOKENS/S   $/MTOK   $/HOUR   INSTANCE
  1   1x1 l4          1x8     lora         19.8/22      2,109    0.092     0.70   l4-1
  2   2x1 l4          1x4     lora ddp     20.8/22      4,219    0.092     1.40   2 x l4-1
  3   3x1 l4          1x3*    lora ddp     20.8/22      6,329    0.092     2.10   3 x l4-1
  4   4x1 l4          1x2     lora ddp     20.8/22      8,439    0.092     2.80   4 x l4-1
  5   1x2 a100-80gb   4x1     lora ddp     33.2/80     10,880    0.179     7.00   a100-2
  
  fastest

Limits leave out what is over; when nothing is left, the nearest is told:

  $ ktrain estimate --model llama-2-7b --tokens 20M --find --prices prices.csv --budget 8 -o json 2> /dev/null | python3 -c 'import json, sys; r = json.load(sys.stdin); print(r["budget_usd"], max(p["usd_total"]["mid"] for p in r["fastest"]) <= 8, r["nearest"])'
  8.0 True []
  $ ktrain estimate --model llama-2-7b --tokens 20M --find --prices prices.csv --budget '$8' --deadline 40m 2> /dev/null
  llama-2-7b: 10,224 combinations examined, 5,808 fit with the recommended margin
  a step has 8 samples, as the spec says: 5,587 that fit have a batch of their own
  no plan is within $8.00 and within 40.0 min
  
  cheapest on time: $5.17 over the budget
  
      GPUS            BATCH   TRAINING   NEEDS GIB       TIME    TOTAL   INSTANCE
  1   4x2 a100-80gb   1x1     lora ddp     20.8/80   28.2 min   $13.17   4 x a100-2
    --set method.type=lora --set resources.gpu=a100-80gb --set resources.nodes=4 \
    --set resources.gpus_per_node=2 --set training.per_device_train_batch_size=1 \
    --set training.gradient_accumulation_steps=1 \
    --set training.gradient_checkpointing=false --set model.dtype=bfloat16 \
    --set parallel.strategy=ddp
  
  fastest within the budget: 17.9 min over the deadline
  
      GPUS     BATCH   TRAINING   NEEDS GIB       TIME   TOTAL   INSTANCE
  1   9x1 l4   1x1*    lora ddp     20.8/22   57.9 min   $6.08   9 x l4-1
    --set method.type=lora --set resources.gpu=l4 --set resources.nodes=9 \
    --set resources.gpus_per_node=1 --set training.per_device_train_batch_size=1 \
    --set training.gradient_accumulation_steps=1 \
    --set training.gradient_checkpointing=false --set model.dtype=bfloat16 \
    --set parallel.strategy=ddp
  
  prices as of 2026-11-01 (ours), on demand, USD
  [3]

A spec on a GPU is judged by itself:

  $ ktrain estimate --model llama-2-7b --method lora --gpu a100-80gb --tokens 20M --prices prices.csv --deadline 1d 2> /dev/null
  llama-2-7b: lora on 1x1 a100-80gb, needs 48.7 of 80.0 GiB
  3.2 h, $22.06; 2.4 h to 5.2 h, $17.11 to $36.35
  within the limits
  $ ktrain estimate --model llama-2-7b --method lora --gpu a100-80gb --tokens 20M --prices prices.csv --deadline 2h 2> /dev/null | head -n 12
  llama-2-7b: lora on 1x1 a100-80gb, needs 48.7 of 80.0 GiB
  3.2 h, $22.06; 2.4 h to 5.2 h, $17.11 to $36.35
  69.1 min over the deadline
  
  within 2.0 h there is:
  
  cheapest
  
      GPUS            BATCH   TRAINING   NEEDS GIB       TIME    TOTAL   INSTANCE
  1   7x1 l4          1x1*    lora ddp     20.8/22   73.0 min    $5.96   7 x l4-1
  2   8x1 l4          1x1     lora ddp     20.8/22   64.5 min    $6.02   8 x l4-1
  3   9x1 l4          1x1*    lora ddp     20.8/22   57.9 min    $6.08   9 x l4-1
  $ ktrain estimate --model llama-2-7b --method lora --gpu h100 --tokens 20M --prices prices.csv --budget 100 -o json 2> /dev/null | python3 -c 'import json, sys; r = json.load(sys.stdin); print(r["kept_limits"], r["given"]["plan"]["usd_total"], len(r["instead"]["cheapest"]) > 0)'
  False None True
  $ ktrain estimate --model llama-2-7b --gpu l4 --tokens 20M --prices prices.csv --budget 100 2> /dev/null | head -n 2
  llama-2-7b: full on 1x1 l4, needs 139.6 of 22.4 GiB
  does not fit: 117.3 GiB missing

What cannot be searched is refused:

  $ ktrain estimate --model simple_cnn --find
  error: simple_cnn has no layers of known sizes, which a search needs
    hint: name a model of the catalog such as llama-2-7b, or a folder with config.json
  [2]
  $ ktrain estimate --model llama-2-7b --find --profile docs
  error: the handbook's rule is too rough to plan with
    hint: leave out --profile docs
  [2]
  $ ktrain estimate --model llama-2-7b --find --throughput 1000
  error: a measured speed is that of one plan, and --find compares others
    hint: leave out --throughput and --from-run, or --find
  [2]
  $ ktrain estimate --model llama-2-7b --find --gpu t4
  error: t4 has no bfloat16, which the spec asks for
    at --gpu
    hint: set model.dtype=float16 and training.bf16=false, or name another GPU
  [2]
  $ ktrain estimate --model llama-2-7b --find --gpu rtx-4090
  error: no instance with rtx-4090 is in the prices
    at --gpu
    hint: bring your own with --prices FILE
  [2]
  $ ktrain estimate --model llama-2-7b --find --budget 100
  error: a budget or a deadline is that of a training, and its tokens are not known
    hint: add --tokens 300M, or set training.max_steps
  [2]
  $ ktrain estimate --model llama-2-7b --tokens 20M --budget 100
  error: a budget or a deadline is kept by a GPU, and none is named
    hint: add --gpu, or --find to search for one
  [2]
  $ ktrain estimate --model llama-2-7b --tokens 20M --find --budget 0
  error: --budget is no number of dollars above 0: "0"
    hint: write it like --budget 200
  [2]
  $ ktrain estimate --model llama-2-7b --tokens 20M --find --budget=-5
  error: --budget is no number of dollars above 0: "-5"
    hint: write it like --budget 200
  [2]
  $ ktrain estimate --model llama-2-7b --tokens 20M --find --budget abc
  error: --budget is no number of dollars above 0: "abc"
    hint: write it like --budget 200
  [2]
  $ ktrain estimate --model llama-2-7b --tokens 20M --find --deadline 0
  error: --deadline is no time with its unit, above 0: "0"
    hint: write it with its unit, like --deadline 24h, 0.5h, 90min or 3d
  [2]
  $ ktrain estimate --model llama-2-7b --tokens 20M --find --deadline 24 2>&1 | head -n 1
  error: --deadline is no time with its unit, above 0: "24"
  $ ktrain estimate --model llama-2-7b --tokens 20M --gpu Tesla-T4 --interruptions 24 2>&1 | head -n 1
  error: --interruptions is no time with its unit, above 0: "24"
  $ ktrain estimate --model llama-2-7b --gpu A100
  error: resources.gpu must be a GPU model of the catalog, got "A100"
    at --gpu
    hint: write one of a100-40gb, a100-80gb, a100-40gb-pcie, a100-80gb-pcie
  [2]
  $ ktrain estimate --model llama-2-7b --tokens 20M --find --deadline soon
  error: --deadline is no time with its unit, above 0: "soon"
    hint: write it with its unit, like --deadline 24h, 0.5h, 90min or 3d
  [2]
  $ ktrain estimate --model llama-2-7b --find --max-batch
  error: the flags ask several questions at once
    hint: ask them one by one: each has an answer of its own
  [2]
