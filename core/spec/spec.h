// TrainingSpec: everything a user says about one training job, as plain structs (DESIGN section 4).
//
// Leaves with a Hugging Face name use it, with Hugging Face's default. An empty optional means "not said": the plan
// decides. core/spec/fields.h lists the fields of each struct for the visitors.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ktrain {

inline constexpr std::string_view spec_api_version = "ktrain.dev/v1";
inline constexpr std::string_view spec_kind = "TrainingJob";

using StringMap = std::map<std::string, std::string>;

struct MetadataSpec {
    std::string name;
    std::string namespace_ = "default";
    StringMap labels;
};

struct ModelSpec {
    std::string type;                // "simple_cnn", or empty for a model by name or path
    std::string model_name_or_path;  // a catalog id ("llama-2-7b"), or a folder with config.json
    std::string config_name;         // a folder with config.json, or that file: a new model with random weights
    std::string tokenizer_name;      // a folder with tokenizer.json; empty: that of the model
    std::int64_t input_channels = 3;
    std::int64_t num_classes = 10;
    std::string dtype = "float32";
};

struct MethodSpec {
    std::string type = "full";
    std::int64_t r = 8;
    double lora_alpha = 16;
    double lora_dropout = 0;
    std::vector<std::string> target_modules;  // empty: chosen by the model's family
    bool use_rslora = false;
    bool use_dora = false;
    std::vector<std::string> modules_to_save;  // trained whole beside the adapter
    StringMap rank_pattern, alpha_pattern;     // module, or the end of its name, to r and lora_alpha
    std::int64_t freeze_layers = 0;            // full: the first layers, which keep their weights
    std::vector<std::string> freeze_modules;   // full: "embed_tokens", "mlp.down_proj"
    // Of methods that are only estimated. PEFT demands num_virtual_tokens, adapter_len and adapter_layers.
    std::int64_t num_virtual_tokens = 20;
    std::int64_t encoder_hidden_size = 0;          // 0: the model's
    std::vector<std::string> feedforward_modules;  // empty: the matrix out of the MLP
    std::int64_t adapter_len = 10;
    std::int64_t adapter_layers = 0;  // 0: all
    std::int64_t bottleneck_size = 64;
};

struct QuantizationSpec {
    std::string quant_method = "bitsandbytes";
    bool load_in_4bit = false;
    bool load_in_8bit = false;
    std::string bnb_4bit_quant_type = "nf4";
    bool bnb_4bit_use_double_quant = false;
    std::string bnb_4bit_compute_dtype = "bfloat16";
};

struct ObjectiveSpec {
    std::string type;  // empty: classification for simple_cnn, else sft
    std::int64_t max_length = 1024;
    bool packing = false;
    bool completion_only_loss = true;  // of rows with a prompt and a completion
    bool assistant_only_loss = false;  // of conversations
    std::string dataset_text_field = "text";
    double center_rewards_coefficient = 0;   // of a reward model; 0: off
    bool precompute_ref_log_probs = false;   // dpo, kto: the reference scores all rows before training, and goes
    std::int64_t response_length = 53;       // ppo: tokens that answer each prompt
    std::string ref_model_name_or_path;      // dpo, kto; empty: the weights as they were
    std::string teacher_model_name_or_path;  // distillation
};

struct DataSpec {
    std::string dataset;       // file format and normalisation preset: cifar10, mnist, fashion_mnist; empty: by files
    std::string dataset_path;  // folder with the files, or a file
    std::string eval_dataset_path;  // of texts; empty: the validation split of dataset_path, if it has one
    std::string cache_dir;          // for tokens; empty: "cache" in output_dir
    double validation_split = 0;
    std::vector<std::string> augment;
    std::vector<double> normalize_mean;  // per channel; empty: the preset of the data set
    std::vector<double> normalize_std;
    bool shuffle = true;
};

struct TrainingArgs {
    double num_train_epochs = 3;
    std::int64_t max_steps = -1;
    std::int64_t per_device_train_batch_size = 8;
    std::int64_t per_device_eval_batch_size = 8;
    std::int64_t gradient_accumulation_steps = 1;
    double learning_rate = 5e-5;
    std::string lr_scheduler_type = "linear";
    double warmup_ratio = 0;
    std::int64_t warmup_steps = 0;
    StringMap lr_scheduler_kwargs;  // numbers by name, as the schedule has them
    std::string optim = "adamw_torch";
    double weight_decay = 0;
    double momentum = 0;  // of sgd
    double adam_beta1 = 0.9;
    double adam_beta2 = 0.999;
    double adam_epsilon = 1e-8;
    double max_grad_norm = 1.0;  // 0: no clipping
    double ema_decay = 0;        // of a moving average of the weights; 0: none
    std::string nan_policy = "stop";
    std::int64_t seed = 42;
    std::string eval_strategy = "epoch";
    std::int64_t eval_steps = 500;
    bool load_best_model_at_end = false;
    std::string metric_for_best_model = "loss";
    std::int64_t early_stopping_patience = 0;  // evaluations; 0: off
    double early_stopping_threshold = 0;
    bool group_by_length = false;
    std::int64_t dataloader_num_workers = 0;
    std::int64_t logging_steps = 500;
    bool bf16 = false;
    bool full_determinism = false;
    bool gradient_checkpointing = false;
    std::vector<std::string> disable_kernels;  // names of core/spec/kernels.h
};

struct ParallelSpec {
    std::string strategy;  // of the GPUs that share no layer and no sequence; empty: ddp, on several
    bool offload_optimizer = false, offload_param = false;  // to the memory of the host
    std::int64_t tp_size = 1, pp_size = 1, cp_size = 1, ep_size = 1;
    std::int64_t pp_virtual_stages = 1;  // parts of the model on each GPU of a pipeline; above 1: interleaved
};

struct CheckpointSpec {
    std::string save_strategy = "steps";
    std::int64_t save_steps = 500;
    std::int64_t save_total_limit = 0;            // 0: keep all
    std::string resume_from_checkpoint = "auto";  // auto, never, or a checkpoint folder
    bool on_sigterm = true;
    bool async_save = true;
};

struct ResourcesSpec {
    std::int64_t nodes = 1;
    std::int64_t gpus_per_node = 0;
    std::string gpu;        // id of templates/gpus.csv
    std::string cpu = "2";  // quantities for one pod
    std::string memory;     // empty: the plan decides
    std::string shm;        // size of /dev/shm; empty: the plan decides
};

struct VolumeSpec {
    std::string claim;
    std::string mount_path;
    std::string size;  // empty: the claim exists already and is only referred to
    std::string access = "ReadWriteOnce";
    std::string storage_class;
    bool read_only = false;
};

struct SecretEnvSpec {
    std::string env;
    std::string secret;
    std::string key;
};

struct ClusterSpec {
    std::string kind = "Job";
    std::string image;
    StringMap quota;
    std::vector<VolumeSpec> volumes;
    std::vector<SecretEnvSpec> secrets;
    StringMap env;
    StringMap node_selector;
    bool create_namespace = true;
    std::int64_t max_restarts = 3;
    std::string deadline = "24h";
    std::string ttl_after_finished = "7d";
    std::string termination_grace_period = "120s";
};

struct MonitoringSpec {
    std::vector<std::string> report_to;
    std::string run_name;           // empty: metadata.name
    std::string logging_dir;        // of TensorBoard; empty: "runs" in output_dir
    std::int64_t metrics_port = 0;  // 0: no endpoint
    std::string wandb_project;
    std::string wandb_entity;
    std::string wandb_mode = "online";
};

struct TrainingSpec {
    MetadataSpec metadata;
    ModelSpec model;
    MethodSpec method;
    QuantizationSpec quantization;
    ObjectiveSpec objective;
    DataSpec data;
    TrainingArgs training;
    ParallelSpec parallel;
    CheckpointSpec checkpoint;
    std::string output_dir = "output";
    ResourcesSpec resources;
    ClusterSpec cluster;
    MonitoringSpec monitoring;
};

}  // namespace ktrain
