The handbook's command lines for language models are accepted as they are. Here no module is installed, so that nothing
is trained; all that a run says before is said:

  $ mkdir "$CRAMTMP/handbook" && cd "$CRAMTMP/handbook"
  $ export KTRAIN_TRAINER_MODULE=none.so
  $ ktrain run \
  > --model_name_or_path=meta-llama/Llama-2-7b-hf \
  > --dataset_path=/data/training_data \
  > --output_dir=/output/llama2-7b-lora \
  > --lora_r=16 \
  > --lora_alpha=32 \
  > --lora_dropout=0.05 \
  > --target_modules=q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj \
  > --per_device_train_batch_size=4 \
  > --gradient_accumulation_steps=4 \
  > --learning_rate=2e-4 \
  > --num_train_epochs=3 \
  > --warmup_ratio=0.03 \
  > --lr_scheduler_type=cosine \
  > --bf16 \
  > --gradient_checkpointing \
  > --logging_steps=10 \
  > --save_steps=500 \
  > --save_total_limit=3 \
  > --report_to=wandb
  error: the trainer module is not installed: no none.so
    hint: build it with scripts/setup and cmake -DKTRAIN_TRAINER=ON, or run the container image
  [1]

  $ cat > qlora_config.yaml <<'YAML'
  > # 量化配置
  > quantization:
  >   load_in_4bit: true
  >   bnb_4bit_compute_dtype: bfloat16
  >   bnb_4bit_use_double_quant: true
  >   bnb_4bit_quant_type: nf4
  >   
  > # LoRA配置
  > lora:
  >   r: 64
  >   lora_alpha: 16
  >   lora_dropout: 0.1
  >   target_modules:
  >     - q_proj
  >     - k_proj
  >     - v_proj
  >     - o_proj
  >     - gate_proj
  >     - up_proj
  >     - down_proj
  >   bias: none
  >   task_type: CAUSAL_LM
  >   
  > # 训练配置
  > training:
  >   per_device_train_batch_size: 1
  >   gradient_accumulation_steps: 16
  >   learning_rate: 2e-4
  >   max_steps: 10000
  >   warmup_steps: 100
  >   fp16: false
  >   bf16: true
  >   optim: paged_adamw_32bit
  >   gradient_checkpointing: true
  >   max_grad_norm: 0.3
  > YAML
  $ ktrain run \
  > --model_name=meta-llama/Llama-2-70b-hf \
  > --dataset=/data/alpaca \
  > --output_dir=/output/llama2-70b-qlora \
  > --config=qlora_config.yaml
  warning: lora.bias has no effect: biases keep their values under LoRA
    at qlora_config.yaml:21:3
  warning: lora.task_type has no effect: the task follows from objective.type
    at qlora_config.yaml:22:3
  warning: training.fp16 has no effect: computing is in float32 or bfloat16, see training.bf16
    at qlora_config.yaml:31:3
  0 errors, 3 warnings
  error: the trainer module is not installed: no none.so
    hint: build it with scripts/setup and cmake -DKTRAIN_TRAINER=ON, or run the container image
  [1]

What is not known is an error with the nearest name, and what cannot be had is one too:

  $ ktrain run qlora_config.yaml --model_name=llama-2-7b --learnin_rate=1e-4
  error: unknown flag --learnin_rate for ktrain run
    hint: did you mean --learning_rate?
  [2]
  $ ktrain run --model_name=llama-2-7b --method.type=lora
  error: unknown flag --method.type for ktrain run
    hint: write --set method.type=lora
  [2]
  $ ktrain run --model_name=llama-2-7b --training.learning_rate=1e-4
  error: unknown flag --training.learning_rate for ktrain run
    hint: write --learning_rate=1e-4
  [2]
  $ ktrain run --model_name=llama-2-7b --rank_pattern=q_proj:16
  error: method.rank_pattern must be a map, got a single value
    at --rank_pattern
    hint: for example {q_proj: 16, layers.0.self_attn.v_proj: 4}
  [2]
  $ ktrain run --model_name=llama-2-7b --fp16
  error: --fp16 can only be false: computing is in float32 or bfloat16, see training.bf16
    hint: leave out --fp16
  [2]
  $ ktrain run --model_name=llama-2-7b --disable_kernels=attention,nrom
  error: training.disable_kernels[1] must be one of attention, cross_entropy, dropout, gated, gemm, norm, got "nrom"
    at --disable_kernels
    hint: did you mean norm?
  [2]
  $ ktrain run --config qlora_config.yaml --spec other.yaml --model_name=llama-2-7b
  error: there are two specs: other.yaml and qlora_config.yaml
    hint: name one of them
  [2]

Actions and flags of data are checked before anything is read:

  $ ktrain data
  error: ktrain data needs ACTION [FILE]
    hint: see: ktrain data --help
  [2]
  $ ktrain data previw
  error: ktrain data has no action "previw"
    hint: did you mean: ktrain data preview
  [2]
  $ ktrain data stats --row 3
  error: --row is for preview
  [2]
  $ ktrain data preview --row many
  error: --row must be a number from 0 on, got "many"
  [2]
  $ ktrain data split --dataset_path=rows.jsonl
  error: --to is missing
    hint: name the folder to make: --to FOLDER
  [2]

Where results cannot be written is said before the evaluation:

  $ mkdir model
  $ ktrain eval model --dataset_path=rows.jsonl --output_path=nowhere/results.json
  error: cannot write nowhere/results.json: No such file or directory
    hint: check the path
  [2]
  $ ktrain eval model --dataset_path=rows.jsonl --output_path=model
  error: model is a folder
    hint: name a file in it
  [2]
  $ ktrain eval model --dataset_path=rows.jsonl --output_path=results.json
  error: the trainer module is not installed: no none.so
    hint: build it with scripts/setup and cmake -DKTRAIN_TRAINER=ON, or run the container image
  [1]
  $ ls
  model
  qlora_config.yaml
