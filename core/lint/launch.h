// What a container runs: the launcher of a training (torchrun, accelerate, ...), its options, the script and its flags.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/lint/commands.h"

namespace ktrain::lint {

enum class Launcher {
    none,          // no program that is known
    python,        // a script or module, without a launcher
    torchrun,      // or python -m torch.distributed.run
    torch_launch,  // python -m torch.distributed.launch
    accelerate,    // accelerate launch
    deepspeed,
    mpirun,  // mpiexec, horovodrun
    ktrain,  // ktrain run
};

std::string_view name_of(Launcher launcher);     // "torchrun", as in messages
std::string flag_name(std::string_view option);  // "output_dir" of "--output-dir=/out"

// "--name=value", "--name value", "--name", "-n value" or, of a script, "name=value". Dashes of the name are
// underscores, those in front are gone. `item`: where it stands, by the number of the entry of command and args.
struct Option {
    std::string name;
    std::string value;  // variables in it replaced where known; empty: none
    std::size_t item = 0;

    std::optional<std::int64_t> number() const;  // the value as a whole number
    std::string shown() const;                   // "--nnodes", "-H"
};

struct Launch {
    Launcher launcher = Launcher::none;
    std::vector<Option> options;            // of the launcher
    std::string script;                     // "train.py", "/opt/train.py"; of a module its name; empty: none
    bool module = false;                    // run by its name (-m)
    std::vector<Option> flags;              // of the script, or of what the image starts; of ktrain run its own
    std::size_t item = 0;                   // where the launcher is named
    bool in_shell = false;                  // a shell starts it ...
    bool replaces_shell = true;             // ... and is replaced by it: signals for process 1 reach it
    bool background = false;                // the shell goes on meanwhile
    std::size_t command = 0;                // which of ...
    std::vector<LaunchedCommand> commands;  // all, in order, and in place of shells what they run
    std::vector<Launch> others = {};        // that are made for several processes, of the same script; without commands

    // Whether several processes, or one for each GPU, are started by a program made for that.
    bool is_distributed() const { return launcher > Launcher::python; }
    // The first that has one of the names; nullptr without.
    const Option* option(std::initializer_list<std::string_view> names) const;
    const Option* flag(std::initializer_list<std::string_view> names) const;

    // As the launcher has them, under whatever name; nullptr where not given.
    const Option* processes_per_node() const;  // --nproc_per_node, --num_gpus
    const Option* processes() const;           // --num_processes of accelerate: of all nodes together
    const Option* nodes() const;               // --nnodes, --num_nodes, --num_machines
    const Option* node_rank() const;
    const Option* rendezvous() const;  // --rdzv_endpoint, --master_addr, --main_process_ip
    const Option* hostfile() const;
    bool standalone() const;  // torchrun --standalone: one node
};

// `entries`: command and then args. `variables`: the environment, for $(NAME) and in shells $NAME. Bounded in time and
// memory whatever the text.
Launch read_launch(const std::vector<std::string_view>& entries, const Variables& variables);

}  // namespace ktrain::lint
