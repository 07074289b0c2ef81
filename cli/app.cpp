// The command table and the way from words to a running subcommand.
#include "cli/app.h"

#include <algorithm>
#include <array>

#include "cli/commands/commands.h"
#include "cli/common_flags.h"
#include "cli/help.h"
#include "cli/hidden_commands.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

constexpr std::array table{
    Command{"__complete", "", "Print completions for a command line (called by the shell scripts)", "", make_complete,
            true},
    Command{"__docs", "", "Print a generated page of the documentation", "", make_docs, true},
    Command{"cancel", "Run on a cluster", "Delete a job and what belongs to it",
            "# Stop a job; its volumes stay\n"
            "ktrain cancel cifar10-basic\n"
            "# In a script: do not ask, and return when the pods are gone\n"
            "ktrain cancel pytorchjob/llama2-7b-lora --yes --wait",
            make_cancel},
    Command{"completion", "Other commands", "Print a completion script for bash, zsh or fish",
            "# Complete ktrain in this bash\n"
            "source <(ktrain completion bash)\n"
            "# Complete it in every zsh from now on\n"
            "ktrain completion zsh > \"${fpath[1]}/_ktrain\"",
            make_completion},
    Command{"data", "Train", "Make texts to tokens, look at them, count and split them",
            "# What is learned of the first rows, token by token\n"
            "ktrain data preview train.yaml\n"
            "# Lengths, duplicates, what is cut off\n"
            "ktrain data stats --tokenizer_name=./model --dataset_path=rows.jsonl\n"
            "# A tenth held out, always the same one\n"
            "ktrain data split --dataset_path=rows.jsonl --validation_split=0.1 --to rows\n"
            "# Tokens made once, for every run of this spec\n"
            "ktrain data tokenize train.yaml",
            make_data},
    Command{"diagnose", "Run on a cluster", "Tell why a job does not run or why it failed",
            "# The cause, what proves it, and what to do; 3 is the exit code for findings\n"
            "ktrain diagnose cifar10-basic\n"
            "# Another kind of workload, for a program\n"
            "ktrain why pytorchjob/bert -n team -o json",
            make_diagnose},
    Command{"estimate", "Plan a job", "Estimate GPU memory and tell which GPUs have it",
            "# Does LoRA of a 7B model fit one A100 with 40 GB?\n"
            "ktrain estimate --model llama-2-7b --method lora --r 16 --batch-size 4 \\\n"
            "    --max-length 2048 --gpu a100-40gb\n"
            "# What a spec needs, as JSON\n"
            "ktrain estimate train.yaml -o json",
            make_estimate},
    Command{"eval", "Train", "Measure loss, perplexity and multiple choice of a model",
            "# On the rows that a run of this spec holds out\n"
            "ktrain eval output --spec train.yaml\n"
            "# Questions with choices; the results as lm-eval writes them\n"
            "ktrain eval ./model --tasks arc.jsonl,mine.jsonl -o json\n"
            "# An adapter on its base\n"
            "ktrain eval output --base ./model --dataset_path=rows.jsonl",
            make_eval},
    Command{"events", "Run on a cluster", "Show what happened to a job, its pods and all between",
            "# From the oldest to the newest\n"
            "ktrain events cifar10-basic\n"
            "# Go on as they come\n"
            "ktrain events -w cifar10-basic",
            make_events},
    Command{"generate", "Plan a job", "Write the Kubernetes manifests of a training job",
            "# Look at what would be created, or hand it to kubectl\n"
            "ktrain generate train.yaml\n"
            "# One file for each object\n"
            "ktrain generate train.yaml --to manifests/",
            make_generate},
    Command{"init", "Plan a job", "Start a spec from a template, or explain its fields",
            "# A commented spec to edit\n"
            "ktrain init --template cnn > train.yaml\n"
            "# What a field means\n"
            "ktrain init --explain training.learning_rate",
            make_init},
    Command{"list", "Run on a cluster", "List training jobs of all kinds",
            "# Those of the namespace, whoever made them\n"
            "ktrain list\n"
            "# Those that ktrain made, in all namespaces, with all columns\n"
            "ktrain list -A --mine -o wide",
            make_list},
    Command{"logs", "Run on a cluster", "Print the logs of a job's pods",
            "# Follow all pods, each line with its rank, across broken connections\n"
            "ktrain logs -f cifar10-basic\n"
            "# The last lines of the first pod\n"
            "ktrain logs cifar10-basic --rank 0 --tail 20",
            make_logs},
    Command{"merge", "Train", "Fold a LoRA adapter into the weights of its base model",
            "# The adapter names its base\n"
            "ktrain merge output --to merged\n"
            "# The base is elsewhere on this machine\n"
            "ktrain merge output --base /models/llama-2-7b --to merged",
            make_merge},
    Command{"prune", "Run on a cluster", "Delete jobs that ended long ago",
            "# What would go\n"
            "ktrain prune --older-than 7d --dry-run\n"
            "# Also what ktrain did not make\n"
            "ktrain prune --older-than 30d --all --yes",
            make_prune},
    Command{"resume", "Run on a cluster", "Start a suspended job again",
            "# From its newest checkpoint on\n"
            "ktrain resume cifar10-basic",
            make_resume},
    Command{"run", "Train", "Train what a spec says, in a pod or on this machine",
            "# Train, or go on from the newest checkpoint\n"
            "ktrain run train.yaml\n"
            "# The same on a laptop, two epochs only\n"
            "ktrain run train.yaml --num_train_epochs=2 --output_dir=out\n"
            "# What would be trained: parameters, memory and the first batch\n"
            "ktrain run train.yaml --dry-run",
            make_run},
    Command{"status", "Run on a cluster", "Show jobs, their pods and what they wait for",
            "# All training jobs of the namespace\n"
            "ktrain status\n"
            "# One job: its pods, and why it does not run\n"
            "ktrain status cifar10-basic -n training\n"
            "# A line for each change, until it has ended\n"
            "ktrain status -w pytorchjob/llama2-7b-lora",
            make_status},
    Command{"submit", "Run on a cluster", "Create a job on the cluster and follow it",
            "# Check everything on the server, then create it\n"
            "ktrain submit train.yaml\n"
            "# Follow it to its end; the exit code says how it ended\n"
            "ktrain submit train.yaml --wait --logs",
            make_submit},
    Command{"suspend", "Run on a cluster", "End a job's pods and keep the job for later",
            "# Make room for another one; its pods may write a checkpoint first\n"
            "ktrain suspend cifar10-basic --yes",
            make_suspend},
    Command{"top", "Run on a cluster", "Show GPUs that nodes have and pods ask for",
            "# Which product has free GPUs, and where\n"
            "ktrain top\n"
            "# With what they are doing, from dcgm-exporter's metrics\n"
            "ktrain top --prometheus http://localhost:9090",
            make_top},
    Command{"validate", "Plan a job", "Check manifests for what a cluster would refuse",
            "# What is wrong with these manifests, and how to mend it\n"
            "ktrain validate manifests/ job.yaml\n"
            "# Check what a spec becomes; 3 is the exit code for findings\n"
            "ktrain generate train.yaml | ktrain validate -\n"
            "# See what can be mended, then mend it\n"
            "ktrain validate --diff manifests/\n"
            "ktrain validate --fix manifests/\n"
            "# What a rule means\n"
            "ktrain validate --explain KT014",
            make_validate},
    Command{"version", "Other commands", "Print the version of the program",
            "# Program and library versions, for a bug report\n"
            "ktrain version -o json",
            make_version},
    Command{"wait", "Run on a cluster", "Wait until a job has ended",
            "# 0: complete, 3: failed or deleted, 4: not within the time\n"
            "ktrain wait cifar10-basic --timeout 2h\n"
            "# 0 as soon as it runs\n"
            "ktrain wait trainjob/llama2-7b-lora --for running",
            make_wait},
};

constexpr bool sorted_by_name() {
    return std::is_sorted(table.begin(), table.end(),
                          [](const Command& a, const Command& b) { return a.name < b.name; });
}
static_assert(sorted_by_name(), "keep the command table sorted by name");

// Other names of commands.
constexpr std::array aliases{std::pair<std::string_view, std::string_view>{"why", "diagnose"}};

const Command& find_command(const std::string& word) {
    std::string name = word;
    for (const auto& [alias, command] : aliases)
        if (word == alias) name = command;
    const auto found = std::find_if(table.begin(), table.end(), [&](const Command& c) { return c.name == name; });
    if (found != table.end()) return *found;
    std::vector<std::string_view> names;
    for (const auto& command : table)
        if (!command.hidden) names.push_back(command.name);
    const std::string near = nearest(name, names);
    throw Error(ErrorKind::usage, "unknown command \"" + printable(name) + "\"", {},
                near.empty() ? "see: ktrain --help" : "did you mean: ktrain " + near);
}

bool asks_for_help(std::span<const std::string> words) {
    for (const auto& word : words) {
        if (word == "--") return false;
        if (word == "-h" || word == "--help") return true;
    }
    return false;
}

int run_command(term::Session& session, const Command& command, std::span<const std::string> words) {
    const auto subcommand = command.make();
    term::Flags flags;
    CommonFlags common;
    subcommand->declare(flags);
    common.declare(flags);
    // Help is shown even when the rest of the line is wrong. __complete gets words of an unfinished line.
    if (!command.hidden && asks_for_help(words)) {
        session.out.write(command_help(command, flags, session.out_color()));
        return exit_code::done;
    }
    flags.parse(command.name, words);
    common.apply(session);
    return subcommand->run(session);
}

}  // namespace

std::span<const Command> commands() {
    return table;
}

int run_app(term::Session& session, std::span<const std::string> words) {
    if (words.empty()) {
        session.err.write(overview_help(session.err_color()));
        return exit_code::invalid;
    }
    const std::string& first = words[0];
    if (first == "-h" || first == "--help" || (first == "help" && words.size() == 1)) {
        session.out.write(overview_help(session.out_color()));
        return exit_code::done;
    }
    if (first == "help") {
        const std::string help[] = {"--help"};
        return run_command(session, find_command(words[1]), help);
    }
    if (first == "--version") return run_command(session, find_command("version"), {});
    if (first.starts_with("-"))
        throw Error(ErrorKind::usage, "expected a command before the flag " + printable(first), {},
                    "see: ktrain --help");
    return run_command(session, find_command(first), words.subspan(1));
}

}  // namespace ktrain
