// What mending must leave alone: scripts that need their shell, roles that differ, values that readers agree on,
// comments, and the lines of blocks.
#include "core/base/text.h"
#include "core/lint/fix.h"
#include "tests/support/golden.h"

using namespace ktrain;

namespace {

// By all rules, or by those of the selection.
std::string mended(const std::string& text, const lint::Selection& selection = {}) {
    return lint::fix(
               {{"a.yaml", text}}, [&](const auto& sources) { return lint::check(sources, selection); }, selection.only)
        .sources.front()
        .text;
}

// A Job on GPUs that runs a script.
std::string job(const std::string& script) {
    std::string text =
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n"
        "      restartPolicy: Never\n      containers:\n      - name: a\n        image: a:1\n"
        "        resources: {limits: {nvidia.com/gpu: 1}}\n        command:\n        - bash\n        - -c\n        - "
        "|\n";
    for (const std::string& line : split(script, '\n')) text += line.empty() ? "\n" : "          " + line + "\n";
    return text;
}

std::string pytorch_job(const std::string& command) {
    return "apiVersion: kubeflow.org/v1\nkind: PyTorchJob\nmetadata: {name: a}\nspec:\n  pytorchReplicaSpecs:\n"
           "    Master:\n      template:\n        spec:\n          containers:\n          - name: pytorch\n"
           "            image: a:1\n            command: " +
           command +
           "\n    Worker:\n      template:\n        spec:\n          containers:\n          - name: pytorch\n"
           "            image: a:1\n";
}

std::string settings(const std::string& lines) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.yaml: |\n" + lines;
}

const lint::Selection signals{.only = {"KR307"}};
const lint::Selection commands{.only = {"KD205"}};
const lint::Selection scalars{.only = {"KS411"}};
const lint::Selection probes{.only = {"KR312"}};

}  // namespace

TEST_CASE("exec goes in front of a launcher that is the last line of its script") {
    CHECK(mended(job("cd /work\ntorchrun train.py"), signals) == job("cd /work\nexec torchrun train.py"));
    CHECK(
        mended(
            job("# start\nset -e\nif [ -d a ]; then\n  cd a\nfi\n\ntorchrun \\\n  --nnodes=$(N) ${ARGS} 2>&1\n# end"),
            signals) ==
        job("# start\nset -e\nif [ -d a ]; then\n  cd a\nfi\n\nexec torchrun \\\n  --nnodes=$(N) ${ARGS} 2>&1\n# end"));
}

TEST_CASE("scripts that need their shell are left as they are") {
    for (const char* script : {"torchrun prep.py; torchrun train.py",
                               "torchrun --stage 1 && torchrun --stage 2",
                               "cd a\ntorchrun a.py; sync",
                               "torchrun prep.py\ntorchrun train.py",
                               "for s in 1 2; do\n  torchrun --stage $s\ndone",
                               "for s in 1 2; do torchrun a.py; done",
                               "trap 'cp -r /a /b' EXIT\ntorchrun train.py",
                               "cd a\ntorchrun train.py || true",
                               "cd a\ntorchrun train.py &\nwait",
                               "cd a\ntorchrun train.py & wait",
                               "cd a &&\ntorchrun train.py",
                               "(cd a\ntorchrun train.py)",
                               "cd a\n{ torchrun train.py; }",
                               "cd a\nNCCL_DEBUG=INFO torchrun train.py",
                               "cd a\ntorchrun train.py $(cat flags)",
                               "cd a\ntorchrun train.py > >(tee log)",
                               "cd a\ntorchrun train.py <<EOF\nx\nEOF",
                               "echo '\ntorchrun train.py'",
                               "torchrun train.py\npython eval.py",
                               "f() {\n  torchrun train.py\n}\nf"}) {
        CAPTURE(script);
        CHECK(mended(job(script), signals) == job(script));
    }
}

TEST_CASE("a role is given the command of another only where it names none of them") {
    for (const char* command : {"[torchrun, train.py]", "[torchrun, \"--node_rank=$(RANK)\", train.py, --lora_rank=8]",
                                "[sh, -c, \"exec torchrun --master_addr $MASTER_ADDR train.py\"]"}) {
        CAPTURE(command);
        CHECK(mended(pytorch_job(command), commands) != pytorch_job(command));
    }
    for (const char* command :
         {"[torchrun, --node_rank=0, --nnodes=2, train.py]", "[torchrun, --node-rank, \"0\", train.py]",
          "[torchrun, --master_addr=localhost, train.py]", "[torchrun, train.py, --role=chief]",
          "[sh, -c, \"RANK=0 torchrun train.py\"]", "[accelerate, launch, --main_process_ip, a-master-0, train.py]",
          "[sh, -c, \"export MASTER_ADDR=a; torchrun train.py\"]"}) {
        CAPTURE(command);
        CHECK(mended(pytorch_job(command), commands) == pytorch_job(command));
    }
}

TEST_CASE("scalars of two readings are mended where those of YAML 1.2 read the same before and after") {
    CHECK(mended(settings("    # tuned\n    lr: 2e-4 # of Anna\n    country: NO\n    at: 12:30\n    n: 1_000\n"),
                 scalars) ==
          settings("    # tuned\n    lr: 0.0002 # of Anna\n    country: NO\n    at: 12:30\n    n: 1_000\n"));
    CHECK(mended(settings("    on: yes\n"), scalars) == settings("    on: yes\n"));
}

TEST_CASE("of a block the lines that change are written, and the others stay") {
    const std::string start = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.yaml: ";
    CHECK(mended(start + "|2-  # why\n    a: 2e-4\n \n    b: [1e9,\n      2]\n\n\n  other: x\n", scalars) ==
          start + "|2-  # why\n    a: 0.0002\n \n    b: [1.0e+9,\n      2]\n\n\n  other: x\n");
    CHECK(mended(start + "|\r\n    a: 2e-4\r\n    b: 1\r\n", scalars) == start + "|\r\n    a: 0.0002\r\n    b: 1\r\n");
    // Folded, or quoted over lines: left to a person.
    for (const char* text : {">\n    a: 2e-4\n\n    b: 1\n", "\"a: 2e-4\n\n    b: 1\"\n"}) {
        CAPTURE(text);
        CHECK(mended(start + text, scalars) == start + text);
    }
    CHECK(mended(start + "\"a: 2e-4\\nb: 1\"\n", scalars) == start + "\"a: 0.0002\\nb: 1\"\n");
}

TEST_CASE("nothing is removed that a comment speaks of") {
    const std::string probe = "        livenessProbe:\n          exec: {command: [x]}\n";
    const auto with = [](const std::string& lines) {
        return "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n"
               "      restartPolicy: Never\n      containers:\n      - name: a\n        image: a:1\n"
               "        resources: {limits: {nvidia.com/gpu: 1}}\n" +
               lines + "        tty: false # 1\n";
    };
    CHECK(mended(with(probe), probes) == with(""));
    CHECK(mended(with("      # of the pod\n" + probe + "        # of tty\n"), probes) ==
          with("      # of the pod\n        # of tty\n"));
    for (const std::string& lines :
         {"        # why\n" + probe, probe + "          # why\n",
          std::string("        livenessProbe: # why\n          exec: {command: [x]}\n"),
          std::string("        livenessProbe:\n          exec: {command: [x]} # why\n"),
          std::string("        livenessProbe:\n          # why\n          exec: {command: [x]}\n"),
          std::string("        livenessProbe:\n          exec:\n            command:\n            - | # why\n"
                      "              x\n")}) {
        CAPTURE(lines);
        CHECK(mended(with(lines), probes) == with(lines));
    }
    const std::string marked = "        livenessProbe:\n          exec: {command: [\"a #b\", 'c #d', e#f]}\n";
    CHECK(mended(with(marked), probes) == with(""));
}

TEST_CASE("policy is changed where its rule is named alone") {
    const std::string job_of_pods =
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  completions: 2\n  parallelism: 2\n"
        "  completionMode: Indexed\n  template:\n    spec:\n      restartPolicy: OnFailure\n      containers:\n"
        "        - {name: a, image: 'a:1', command: [torchrun, --nproc_per_node=4, train.py], livenessProbe: {exec: "
        "{command: [a]}}, resources: {limits: {nvidia.com/gpu: 2}}}\n";
    const auto check = [](const auto& sources) { return lint::check(sources, {.only = {"KR", "KD201", "KG106"}}); };
    const lint::Fixed unasked = lint::fix({{"a.yaml", job_of_pods}}, check);
    CHECK(unasked.sources.front().text == job_of_pods);
    CHECK(unasked.of_policy.size() >= 3);
    CHECK(unasked.left_out.empty());
    const lint::Fixed asked = lint::fix({{"a.yaml", job_of_pods}}, check, {"KR313", "ttl"});
    CHECK(asked.sources.front().text.find("restartPolicy: Never") != std::string::npos);
    CHECK(asked.sources.front().text.find("ttlSecondsAfterFinished: 86400") != std::string::npos);
    CHECK(asked.sources.front().text.find("livenessProbe") != std::string::npos);
    CHECK(asked.sources.front().text.find("nproc_per_node=4") != std::string::npos);
    CHECK(lint::fix({{"a.yaml", job_of_pods}}, check, {"KR"}).sources.front().text == job_of_pods);
}

TEST_CASE("memory mounted at /dev/shm has a size that says no more of it") {
    const lint::Selection shm{.only = {"KD207", "KD208"}};
    for (const auto& [memory, size] : {std::pair{"", "8Gi"},
                                       {", memory: 6Gi", "3Gi"},
                                       {", memory: 1Gi", "512Mi"},
                                       {", memory: 4GB", "1Gi"}}) {  // as KT005 mends it
        CAPTURE(memory);
        std::string text = job("torchrun train.py");
        text.insert(text.find("}", text.find("nvidia")), memory);
        text = mended(text, shm);
        CHECK(text.find("sizeLimit: " + std::string(size) + "\n") != std::string::npos);
        CHECK(lint::check({{"a.yaml", text}}, shm).findings.empty());
    }
    for (const char* memory : {"'{{ memory }}'", "1Mi", "much"}) {
        CAPTURE(memory);
        std::string text = job("torchrun train.py");
        text.insert(text.find("}", text.find("nvidia")), std::string(", memory: ") + memory);
        CHECK(mended(text, shm) == text);
    }
}
