// Reads commands of containers: shells, what stands in front of a program, launchers, scripts and flags.
#include "core/lint/launch.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/names.h"
#include "core/base/text.h"

namespace ktrain::lint {
namespace {

constexpr std::size_t most_options = 2000;  // that are read
constexpr std::size_t most_others = 20;

// Options that stand alone: the next word is no value of theirs.
constexpr std::array<std::string_view, 39> switches{"allow_run_as_root",
                                                    "bf16",
                                                    "cpu",
                                                    "debug",
                                                    "display_map",
                                                    "dynamo_use_dynamic",
                                                    "enable_cpu_affinity",
                                                    "force_multi",
                                                    "fp16",
                                                    "fsdp",
                                                    "help",
                                                    "m",
                                                    "module",
                                                    "mpi",
                                                    "multi_gpu",
                                                    "no_local_rank",
                                                    "no_python",
                                                    "no_ssh",
                                                    "no_ssh_check",
                                                    "oversubscribe",
                                                    "q",
                                                    "quiet",
                                                    "run_path",
                                                    "save_pid",
                                                    "standalone",
                                                    "tag_output",
                                                    "tpu",
                                                    "u",
                                                    "use_cpu",
                                                    "use_deepspeed",
                                                    "use_env",
                                                    "use_fsdp",
                                                    "use_megatron_lm",
                                                    "use_mps_device",
                                                    "use_parallelism_config",
                                                    "use_xpu",
                                                    "v",
                                                    "verbose",
                                                    "version"};

bool is_python(std::string_view word) {
    return base_name(word).starts_with("python") || base_name(word).starts_with("pypy");
}

// Options up to the first word that is none, which is left in front.
void read_options(Words& words, const LaunchedCommand& command, std::vector<Option>& options) {
    while (!words.empty() && (looks_like_option(words[0]) || words[0] == "--")) {
        const std::string& word = words[0];
        words = words.subspan(1);
        if (word == "--") return;
        const std::size_t equals = word.find('=');
        Option flag{flag_name(word), equals == std::string::npos ? "" : word.substr(equals + 1), command.item_of(word)};
        const bool alone = std::ranges::find(switches, flag.name) != switches.end();
        if (equals == std::string::npos && !alone && !words.empty() && !looks_like_option(words[0])) {
            flag.value = words[0];
            words = words.subspan(1);
            if (flag.name == "mca" && !words.empty()) words = words.subspan(1);  // -mca key value
        }
        options.push_back(std::move(flag));
    }
}

void read_flags(Words words, const LaunchedCommand& command, std::vector<Option>& flags) {
    while (!words.empty() && flags.size() < most_options) {
        const std::string& word = words[0];
        words = words.subspan(1);
        const std::size_t equals = word.find('=');
        Option flag{flag_name(word), equals == std::string::npos ? "" : word.substr(equals + 1), command.item_of(word)};
        if (!looks_like_option(word) && equals == std::string::npos) continue;
        if (equals == std::string::npos && !words.empty() && !looks_like_option(words[0])) {
            flag.value = words[0];
            words = words.subspan(1);
        }
        flags.push_back(std::move(flag));
    }
}

struct Program {
    std::string_view name;  // of the program, or of the module that python runs
    std::string_view word;  // that must follow; empty: none
    Launcher launcher;
};

constexpr std::array programs{
    Program{"accelerate", "launch", Launcher::accelerate},
    Program{"accelerate.commands.launch", "", Launcher::accelerate},
    Program{"deepspeed", "", Launcher::deepspeed},
    Program{"deepspeed.launcher.runner", "", Launcher::deepspeed},
    Program{"horovodrun", "", Launcher::mpirun},
    Program{"ktrain", "run", Launcher::ktrain},
    Program{"mpiexec", "", Launcher::mpirun},
    Program{"mpirun", "", Launcher::mpirun},
    Program{"torch.distributed.launch", "", Launcher::torch_launch},
    Program{"torch.distributed.run", "", Launcher::torchrun},
    Program{"torchrun", "", Launcher::torchrun},
};

// The launcher that the words begin with, which are then those behind it.
Launcher take_launcher(Words& words, std::string_view name) {
    const auto program = std::ranges::find(programs, name, &Program::name);
    if (program == programs.end()) return Launcher::none;
    const bool fits = program->word.empty() || (words.size() > 1 && words[1] == program->word);
    if (!fits) return Launcher::none;
    words = words.subspan(program->word.empty() ? 1 : 2);
    return program->launcher;
}

// The module of torch that a script is the file of; else empty.
std::string_view module_of(std::string_view script) {
    if (script.ends_with("/torch/distributed/launch.py")) return "torch.distributed.launch";
    return script.ends_with("/torch/distributed/run.py") ? "torch.distributed.run" : std::string_view();
}

// "python -u -m module", "python script.py": the words behind the options of python; `module`: -m is among them.
void skip_python(Words& words, bool& module) {
    words = words.subspan(1);
    while (!words.empty() && looks_like_option(words[0]) && words[0] != "-c" && !module) {
        module = words[0] == "-m";
        const bool takes = words[0] == "-W" || words[0] == "-X";
        words = words.subspan(std::min<std::size_t>(takes ? 2 : 1, words.size()));
    }
}

void read_script(Words words, const LaunchedCommand& command, Launch& launch) {
    if (words.empty()) return;
    if (is_python(words[0])) {
        skip_python(words, launch.module);
        if (words.empty()) return;
    }
    launch.script = words[0];
    read_flags(words.subspan(1), command, launch.flags);
}

// What the command launches; Launcher::none when that is no training program.
Launch classify(const LaunchedCommand& command) {
    Launch launch;
    bool execs = false, module = false;
    Words words = program_of(command, execs);
    if (words.empty()) return launch;
    if (looks_like_option(words[0])) read_flags(words, command, launch.flags);  // args of what the image starts
    launch.item = command.item_of(words[0]);
    launch.in_shell = command.in_shell;
    launch.background = command.background;
    launch.replaces_shell = !command.in_shell || execs || (command.alone && !command.piped);
    const Words program = words;
    const bool python = is_python(words[0]);
    if (python) skip_python(words, module);
    if (words.empty()) return launch;
    if (!python || module) launch.launcher = take_launcher(words, python ? words[0] : base_name(words[0]));
    if (python && !module) launch.launcher = take_launcher(words, module_of(words[0]));
    if (launch.launcher == Launcher::none) {
        const bool script = python ? module || !looks_like_option(words[0]) : words[0].ends_with(".py");
        if (!script) return launch;
        launch.launcher = Launcher::python;
        read_script(program, command, launch);
    } else if (launch.launcher == Launcher::ktrain) {
        read_flags(words, command, launch.flags);
    } else {
        read_options(words, command, launch.options);
        launch.module = launch.option({"m", "module"}) != nullptr;
        read_script(words, command, launch);
    }
    return launch;
}

// Of several programs in one script the one that trains: a launcher before python, a script that is called after
// training before others, the first of launchers, the last of others.
int rank_of(const Launch& launch) {
    const std::string script = lower(launch.script);
    const bool trains = script.find("train") != std::string::npos || script.find("tune") != std::string::npos;
    if (launch.is_distributed()) return trains ? 4 : 3;
    return launch.launcher == Launcher::python ? (trains ? 2 : 1) : 0;
}

const Option* find(const std::vector<Option>& flags, std::initializer_list<std::string_view> names) {
    const auto flag = std::ranges::find_if(
        flags, [&](const Option& one) { return std::ranges::find(names, one.name) != names.end(); });
    return flag == flags.end() ? nullptr : &*flag;
}

}  // namespace

std::string_view name_of(Launcher launcher) {
    constexpr std::array<std::string_view, 8> names{"",           "python",    "torchrun", "torch.distributed.launch",
                                                    "accelerate", "deepspeed", "mpirun",   "ktrain run"};
    return names[static_cast<std::size_t>(launcher)];
}

std::string flag_name(std::string_view word) {
    word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
    std::string name(word.substr(0, word.find('=')));
    std::ranges::replace(name, '-', '_');
    return name;
}

std::optional<std::int64_t> Option::number() const {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
    return number;
}

std::string Option::shown() const {
    return (name.size() == 1 ? "-" : "--") + printable(name);
}

const Option* Launch::option(std::initializer_list<std::string_view> names) const {
    return find(options, names);
}

const Option* Launch::flag(std::initializer_list<std::string_view> names) const {
    return find(flags, names);
}

const Option* Launch::processes_per_node() const {
    return option({"nproc_per_node", "num_gpus"});
}

const Option* Launch::processes() const {
    return launcher == Launcher::accelerate ? option({"num_processes"}) : nullptr;
}

const Option* Launch::nodes() const {
    return option({"nnodes", "num_nodes", "num_machines"});
}

const Option* Launch::node_rank() const {
    return option({"node_rank", "machine_rank"});
}

const Option* Launch::rendezvous() const {
    return option({"rdzv_endpoint", "master_addr", "main_process_ip"});
}

const Option* Launch::hostfile() const {
    const Option* file = option({"hostfile", "deepspeed_hostfile", "machinefile"});
    return file != nullptr || launcher != Launcher::deepspeed ? file : option({"H"});
}

bool Launch::standalone() const {
    return option({"standalone"}) != nullptr;
}

Launch read_launch(const std::vector<std::string_view>& entries, const Variables& variables) {
    Launch best;
    if (entries.empty()) return best;
    std::vector<LaunchedCommand> commands = read_commands(entries, variables);
    std::vector<Launch> others;
    for (const LaunchedCommand& command : commands) {
        Launch launch = classify(command);
        launch.command = static_cast<std::size_t>(&command - commands.data());
        const int rank = rank_of(launch);
        if (rank > rank_of(best) || (rank == rank_of(best) && rank < 3)) std::swap(best, launch);
        if (launch.is_distributed() && others.size() < most_others) others.push_back(std::move(launch));
    }
    best.commands = std::move(commands);
    best.others = std::move(others);
    return best;
}

}  // namespace ktrain::lint
