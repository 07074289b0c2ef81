// What a training reads and writes by paths in its command: whether it is there, and outlives the pod.
#include <algorithm>
#include <array>

#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/training.h"

namespace ktrain::lint {
namespace {

// Flags of training scripts that name what is written and what is read.
constexpr std::array<std::string_view, 15> outputs{"checkpoint_dir",   "checkpoint_path", "ckpt_dir",    "ckpt_path",
                                                   "default_root_dir", "log_dir",         "logging_dir", "output",
                                                   "output_dir",       "output_path",     "results_dir", "save",
                                                   "save_dir",         "save_path",       "work_dir"};
constexpr std::array<std::string_view, 29> inputs{"adapter_path",
                                                  "config",
                                                  "config_file",
                                                  "config_path",
                                                  "data",
                                                  "data_dir",
                                                  "data_path",
                                                  "dataset",
                                                  "dataset_dir",
                                                  "dataset_name",
                                                  "dataset_path",
                                                  "deepspeed",
                                                  "deepspeed_config",
                                                  "ds_config",
                                                  "eval_file",
                                                  "fsdp_config",
                                                  "model",
                                                  "model_name",
                                                  "model_name_or_path",
                                                  "model_path",
                                                  "ref_model",
                                                  "resume_from_checkpoint",
                                                  "reward_model",
                                                  "spec",
                                                  "tokenizer",
                                                  "tokenizer_path",
                                                  "train_data",
                                                  "train_file",
                                                  "validation_file"};

// Where images keep their own files, and commands put theirs.
constexpr std::array<std::string_view, 9> in_images{"/app", "/etc", "/home", "/opt",      "/root",
                                                    "/srv", "/tmp", "/usr",  "/workspace"};

bool is_one_of(const auto& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

// "/data" of "/data/sft/rows.jsonl".
std::string_view first_folder(std::string_view path) {
    return path.substr(0, path.find('/', 1));
}

bool has_variables(std::string_view text) {
    return text.find('$') != std::string_view::npos || text.find("{{") != std::string_view::npos;
}

// Whether an init container, which may copy files, or the workflow, which may bring artifacts, fills the path.
bool comes_from_elsewhere(const PodGroup& group) {
    return group.argo && (group.spec["inputs"]["artifacts"] || group.spec["outputs"]["artifacts"]);
}

// Programs that read what they are told, and make nothing of it.
constexpr std::array<std::string_view, 17> readers{"[",    "cat",  "cd",   "chmod", "chown", "conda",
                                                   "diff", "du",   "echo", "find",  "head",  "ls",
                                                   "pip",  "stat", "tail", "test",  "wc"};

// Programs that read all places but the last.
constexpr std::array<std::string_view, 9> copiers{"aws", "azcopy", "cp",     "gcloud", "gsutil",
                                                  "ln",  "mv",     "rclone", "rsync"};

bool is_at(std::string_view word, std::string_view folder) {
    return word == folder || (word.starts_with(folder) && word[folder.size()] == '/');
}

// Whether the command may put something there: it writes a file, or names a place below the folder. Of scripts in
// Python only what stands behind a flag for it counts.
bool may_write(const LaunchedCommand& command, std::string_view folder) {
    const auto there = [&](std::string_view word) { return is_at(word, folder); };
    if (std::ranges::any_of(command.files, there)) return true;
    bool execs = false;
    const Words words = program_of(command, execs);
    if (words.empty() || is_one_of(readers, base_name(words[0]))) return false;
    const std::string_view program = base_name(words[0]);
    if (is_one_of(copiers, program)) return there(words.back());
    const bool python = program.starts_with("python") || program.ends_with(".py");
    std::string flag;
    for (const std::string& word : words.subspan(1)) {
        const std::size_t equals = looks_like_option(word) ? word.find('=') : std::string::npos;
        if (looks_like_option(word)) flag = flag_name(word);
        if (python && !is_one_of(outputs, flag)) continue;
        if (there(word) || (equals != std::string::npos && there(std::string_view(word).substr(equals + 1))))
            return true;
    }
    return false;
}

// Whether the script has put something there before it trains.
bool is_made(const Launch& launch, std::string_view folder) {
    for (std::size_t i = 0; i < launch.command && i < launch.commands.size(); ++i)
        if (may_write(launch.commands[i], folder)) return true;
    return false;
}

void check_input(Training& training, const PodGroup& group, const Container& container, const Option& flag) {
    const std::string_view path = flag.value;
    if (!path.starts_with('/') || has_variables(path) || comes_from_elsewhere(group)) return;
    if (is_one_of(in_images, first_folder(path)) || path.starts_with("/etc/mpi")) return;
    if (container.mount_over(path) || is_made(container.launch, first_folder(path))) return;
    if (!training.once("reads " + std::string(first_folder(path)))) return;
    training.add("KR303", container.at(flag).place(),
                 "--" + printable(flag.name) + " reads " + shown(path) + ", and no volume is mounted there",
                 "mount a volume at " + printable(first_folder(path)) + ", or at a folder above the path");
}

void report_loss(Training& training, const Place& place, std::string message, std::string fix) {
    training.add("KR302", place, std::move(message), std::move(fix));
    training.lost = true;
}

void check_output(Training& training, const PodGroup& group, const Container& container, const Option& flag) {
    std::string path = flag.value;
    if (path.empty() || has_variables(path) || path.find("://") != std::string::npos || training.lost) return;
    if (!path.starts_with('/')) {
        const bool named = path.starts_with("./") || path.find('/') != std::string::npos || flag.name == "output_dir";
        const std::string_view folder = container.spot["workingDir"].text();
        if (!named) return;  // --output json
        path = folder.empty() ? "" : std::string(folder) + "/" + path;
    }
    const Value mount = path.empty() ? Value() : container.mount_over(path);
    const Value volume = group.volume(mount["name"].text());
    if (mount && is_persistent(volume)) return;
    report_loss(
        training, container.at(flag).place(),
        "--" + printable(flag.name) + " writes to " + shown(flag.value) +
            (mount ? ", an emptyDir: it goes with the pod" : ", where no volume is mounted: it goes with the pod"),
        "write to a volume that outlives the pod, such as a PersistentVolumeClaim");
}

// Nothing that a training could write to outlives its pods.
void check_any_output(Training& training) {
    if (!training.work.trains || training.lost || !training.work.batch()) return;
    for (const PodGroup& group : training.work.groups) {
        const Container* trainer = group.trainer();
        if (trainer == nullptr || !group.spec || trainer->launch.launcher == Launcher::ktrain) return;
        if (keeps_anything(group, *trainer)) return;
    }
    for (const PodGroup& group : training.work.groups) {
        const Container& trainer = *group.trainer();
        if (trainer.launch.launcher == Launcher::none) continue;
        report_loss(training, trainer.spot["volumeMounts"].key_place(),
                    "nothing that container " + shown(trainer.name().empty() ? group.name : trainer.name()) +
                        " writes outlives its pod: no volume is mounted for it",
                    "mount a PersistentVolumeClaim, and write checkpoints and the model there");
        return;
    }
}

void check_paths(Training& training, const PodGroup& group, const Container& container) {
    for (const auto* options : {&container.launch.options, &container.launch.flags}) {
        for (const Option& option : *options) {
            if (is_one_of(outputs, option.name)) check_output(training, group, container, option);
            if (is_one_of(inputs, option.name)) check_input(training, group, container, option);
        }
    }
}

// Words of flags that say where a run begins, and such that make others of it ("save_checkpoint", "load_in_4bit").
constexpr std::array<std::string_view, 11> beginnings{"autoresume", "checkpoint", "ckpt",     "continue",
                                                      "initialize", "load",       "reload",   "restart",
                                                      "restore",    "resume",     "warmstart"};
constexpr std::array<std::string_view, 15> no_beginnings{"activation", "best",     "data",   "every",    "freq",
                                                         "frequency",  "gradient", "in",     "interval", "limit",
                                                         "no",         "save",     "saving", "step",     "steps"};

bool says_no(std::string_view value) {
    const std::string word = lower(value);
    return is_one_of(std::array<std::string_view, 6>{"0", "false", "never", "no", "none", "off"}, word);
}

bool resumes(const Launch& launch) {
    return std::ranges::any_of(launch.flags, [](const Option& flag) {
        std::string name = lower(flag.name);
        std::ranges::replace(name, '.', '_');
        const std::vector<std::string> words = split(name, '_');
        const auto has = [&](const auto& list) {
            return std::ranges::any_of(words, [&](const std::string& word) { return is_one_of(list, word); });
        };
        if (says_no(flag.value) || has(no_beginnings)) return false;
        const bool from = words.back() == "from" && (words.front() == "start" || words.front() == "init");
        return has(beginnings) || from || name == "warm_start";
    });
}

void check_resume(Training& training, const PodGroup& group, const Container& container) {
    const Launch& launch = container.launch;
    const Workload& work = training.work;
    const bool job = work.is("Job", "batch");
    const Spot limit = work.spec["backoffLimit"];
    const bool retries = !job || Value(limit).number().value_or(6) > 0;
    if (launch.script.empty() || launch.launcher == Launcher::ktrain || !retries || launch.flags.empty()) return;
    // What is known to write checkpoints: others may go on by themselves.
    const bool writes = std::ranges::any_of(
        launch.flags, [](const Option& flag) { return is_one_of(outputs, flag.name) || flag.name == "save_steps"; });
    const bool spot = asks_spot(group) != Asked::no;
    if (resumes(launch) || !writes || (!job && !spot) || !training.once("resume")) return;
    training.add("KR304", container.entry(launch.item).place(),
                 std::string("the pod is ") + (spot ? "interrupted" : "started again") +
                     " at times, and the command has no flag to go on from a checkpoint",
                 "add the script's flag for it, such as --resume_from_checkpoint, or set backoffLimit: 0");
}

}  // namespace

void check_kept(Training& training) {
    for (const PodGroup& group : training.work.groups) {
        for (const Container& container : group.containers) {
            if (container.role == Role::main && group.spec) check_paths(training, group, container);
        }
    }
    check_any_output(training);
    if (training.lost || !training.work.trains || !training.work.batch()) return;
    for (const PodGroup& group : training.work.groups) {
        const Container* trainer = group.trainer();
        if (trainer != nullptr && group.spec) check_resume(training, group, *trainer);
    }
}

}  // namespace ktrain::lint
