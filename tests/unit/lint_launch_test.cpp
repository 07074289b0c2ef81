// The commands of containers: shells, launchers, their options and the flags of scripts.
#include <doctest/doctest.h>

#include "core/lint/launch.h"

using namespace ktrain;
using namespace ktrain::lint;

namespace {

std::optional<std::string> variables(std::string_view name) {
    if (name == "GPUS") return "4";
    if (name == "OUT") return "/output/run 1";
    return std::nullopt;
}

Launch launch_of(const std::vector<std::string_view>& entries) {
    return read_launch(entries, variables);
}

Launch in_shell(std::string_view script) {
    return launch_of({"/bin/bash", "-lc", script});
}

std::string text_of(const std::vector<Option>& options) {
    std::string text;
    for (const Option& option : options) text += (text.empty() ? "" : " ") + option.name + "=" + option.value;
    return text;
}

std::string words_of(std::string_view script) {
    std::string text;
    for (const ShellCommand& command : read_shell(script, variables)) {
        if (!text.empty()) text += " ; ";
        for (const std::string& word : command.words) text += "[" + word + "]";
        text += command.piped ? "|" : "";
    }
    return text;
}

}  // namespace

TEST_CASE("scripts of shells come apart into commands") {
    CHECK(words_of("a b\nc") == "[a][b] ; [c]");
    CHECK(words_of("a 'b  $GPUS' \"c $GPUS\" d\\ e") == "[a][b  $GPUS][c 4][d e]");
    CHECK(words_of("a \\\n  --x  \\\r\n --y # no\nb") == "[a][--x][--y] ; [b]");
    CHECK(words_of("a && b || c; d") == "[a] ; [b] ; [c] ; [d]");
    CHECK(words_of("a | tee log 2>&1 & b") == "[a]| ; [tee][log]| ; [b]");
    CHECK(words_of("a > out 2> err < in b") == "[a][b]");
    CHECK(words_of("a &> log") == "[a]");
    CHECK(words_of("cat <<EOF > f\n$x 'y\nEOF\nb") == "[cat] ; [b]");
    CHECK(words_of("if true; then a; fi") == "[true] ; [a]");
    CHECK(words_of("N=2 M=$N x $N ${N} ${GPUS:-8} $OTHER ${OTHER} $(nproc --all) `x y`") ==
          "[N=2][M=2][x][2][2][4][$OTHER][${OTHER}][$(nproc --all)][`x y`]");
    CHECK(words_of("export N=3; x $N") == "[N=3] ; [x][3]");
    CHECK(words_of("x=\"\"; a \"\" b") == "[x=] ; [a][][b]");
    CHECK(words_of("(a; b)") == "[a] ; [b]");
}

TEST_CASE("scripts that no shell would take are read all the same") {
    for (const char* text : {"'", "\"", "\"$", "$",  "${",  "$(",      "$((",   "`",           "\\",     "a <<", "<<",
                             ">", "&",  "|",   ";;", "${X", "a 'b\nc", "\"a\\", "$((((((((((", "<<<<<<", "<<EOF"})
        CHECK_NOTHROW(read_shell(text, variables));
    CHECK(read_shell(std::string(1'000'000, ';') + "a", variables).empty());
    CHECK(read_shell(std::string(1'000'000, 'a'), variables).at(0).words.at(0).size() <= 64 * 1024);
    std::string nested = "a";
    for (int i = 0; i < 12; ++i) nested = "sh -c \"" + nested + "\"";
    CHECK_NOTHROW(in_shell(nested));
    CHECK_NOTHROW(launch_of(std::vector<std::string_view>(100'000, "--x")));
    CHECK_NOTHROW(launch_of({"python"}));
    CHECK_NOTHROW(launch_of({"python", "-m"}));
    CHECK_NOTHROW(launch_of({"env", "-i"}));
    CHECK_NOTHROW(launch_of({"timeout"}));
    CHECK_NOTHROW(launch_of({"bash", "-c"}));
}

TEST_CASE("launchers and what they start") {
    Launch launch = launch_of({"torchrun", "--nproc-per-node=$(GPUS)", "--nnodes", "2", "train.py", "--output_dir",
                               "/o", "--bf16", "--learning-rate=2e-4", "trainer.devices=4"});
    CHECK(launch.launcher == Launcher::torchrun);
    CHECK(text_of(launch.options) == "nproc_per_node=4 nnodes=2");
    CHECK(launch.script == "train.py");
    CHECK(text_of(launch.flags) == "output_dir=/o bf16= learning_rate=2e-4 trainer.devices=4");
    CHECK(launch.nodes()->number() == 2);
    CHECK(launch.nodes()->item == 2);
    CHECK(launch.flag({"output_dir"})->item == 5);
    CHECK_FALSE(launch.in_shell);

    launch = launch_of({"python3", "-u", "-m", "torch.distributed.launch", "--nproc_per_node=4", "--use_env", "a.py"});
    CHECK(launch.launcher == Launcher::torch_launch);
    CHECK(launch.script == "a.py");
    CHECK(launch.option({"use_env"}) != nullptr);
    CHECK(launch_of({"python", "-m", "torch.distributed.run", "-m", "pkg.train", "--x"}).script == "pkg.train");
    CHECK(launch_of({"python", "-m", "pkg.train", "--x=1"}).module);
    CHECK(launch_of({"python", "-m", "pkg.train", "--x=1"}).script == "pkg.train");
    CHECK(launch_of({"python", "-c", "print(1)"}).launcher == Launcher::none);
    CHECK(launch_of({"./train.py", "--x", "1"}).launcher == Launcher::python);
    CHECK(launch_of({"accelerate", "launch", "--multi_gpu", "--num_machines", "2", "t.py"}).nodes()->value == "2");
    CHECK(launch_of({"accelerate", "config"}).launcher == Launcher::none);
    launch = launch_of({"deepspeed", "-H", "/job/hostfile", "--num_gpus=8", "t.py", "--deepspeed", "ds.json"});
    CHECK(launch.hostfile()->value == "/job/hostfile");
    CHECK(launch.processes_per_node()->number() == 8);
    CHECK(launch.flag({"deepspeed"})->value == "ds.json");
    launch =
        launch_of({"mpirun", "--allow-run-as-root", "-np", "2", "-mca", "btl", "tcp", "-x", "A", "python", "t.py"});
    CHECK(launch.launcher == Launcher::mpirun);
    CHECK(launch.script == "t.py");
    CHECK(launch.option({"np"})->value == "2");
    launch = launch_of({"/usr/bin/ktrain", "run", "--spec", "/etc/s.yaml"});
    CHECK(launch.launcher == Launcher::ktrain);
    CHECK(launch.flag({"spec"})->value == "/etc/s.yaml");
    CHECK(text_of(launch_of({"--resume_from_checkpoint=auto", "--x"}).flags) == "resume_from_checkpoint=auto x=");
    CHECK(launch_of({"nginx", "-g", "daemon off;"}).launcher == Launcher::none);
}

TEST_CASE("launchers in shells, and who gets the signals") {
    Launch launch = in_shell("set -e\npip install x\ntorchrun --nproc_per_node=$GPUS \\\n  train.py --out \"$OUT\"\n");
    CHECK(launch.launcher == Launcher::torchrun);
    CHECK(launch.processes_per_node()->number() == 4);
    CHECK(launch.flag({"out"})->value == "/output/run 1");
    CHECK(launch.item == 2);
    CHECK(launch.flag({"out"})->item == 2);
    CHECK(launch.in_shell);
    CHECK_FALSE(launch.replaces_shell);
    CHECK(launch.commands.size() == 3);
    CHECK(in_shell("torchrun a.py").replaces_shell);
    CHECK(in_shell("cd /x && exec torchrun a.py").replaces_shell);
    CHECK_FALSE(in_shell("torchrun a.py | tee log").replaces_shell);
    CHECK_FALSE(in_shell("cd x; bash -c 'torchrun a.py'").replaces_shell);
    CHECK(in_shell("A=1 B=2 nice -n 5 env C=3 timeout -k 5 1h python -u train.py").script == "train.py");
    CHECK(in_shell("python prepare.py && python train.py && python upload.py").script == "train.py");
    CHECK(launch_of({"bash", "-euo", "pipefail", "-c", "uv run torchrun a.py"}).launcher == Launcher::torchrun);
    CHECK(launch_of({"bash", "train.sh"}).launcher == Launcher::none);
}
