// What rules make of commands: launchers behind other programs, scripts that share GPUs, make files and pass signals
// on, and flags that go on from a checkpoint.
#include <doctest/doctest.h>

#include "core/lint/lint.h"

using namespace ktrain;

namespace {

using Words = std::vector<std::string>;

Words shell(const std::string& script) {
    return {"bash", "-c", script};
}

Json container(const Words& command, int gpus, const Json& more = Json::object()) {
    Json one = {{"name", "a"}, {"image", "b:1"}, {"command", command}};
    if (gpus > 0) one["resources"] = {{"limits", {{"nvidia.com/gpu", gpus}}}};
    one.update(more);
    return one;
}

std::string job(const Json& container, const Json& spec = Json::object(), const Json& pod = Json::object()) {
    Json model = {{"restartPolicy", "Never"}, {"containers", Json::array({container})}};
    model.update(pod);
    Json all = {{"template", {{"spec", model}}}};
    all.update(spec);
    return Json{{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", {{"name", "train"}}}, {"spec", all}}.dump();
}

std::string pytorch_job(const Words& command, int workers, const Json& spec = Json::object()) {
    const auto role = [&](int replicas) {
        Json one = container(command, 1);
        one["name"] = "pytorch";
        return Json{{"replicas", replicas}, {"template", {{"spec", {{"containers", Json::array({one})}}}}}};
    };
    Json all = {{"pytorchReplicaSpecs", {{"Master", role(1)}}}};
    if (workers > 0) all["pytorchReplicaSpecs"]["Worker"] = role(workers);
    all.update(spec);
    return Json{
        {"apiVersion", "kubeflow.org/v1"}, {"kind", "PyTorchJob"}, {"metadata", {{"name", "train"}}}, {"spec", all}}
        .dump();
}

// What the rule says, without place and remedy.
std::string said(const std::string& rule, const std::string& text) {
    std::string all;
    for (const Diagnostic& d : lint::check({{"a.yaml", text}}, {.only = {rule}}).findings)
        all += (all.empty() ? "" : "; ") + d.message;
    return all;
}

bool finds(const std::string& rule, const std::string& text) {
    return !said(rule, text).empty();
}

Json indexed(int pods) {
    return {{"completionMode", "Indexed"}, {"completions", pods}, {"parallelism", pods}};
}

}  // namespace

TEST_CASE("launchers are found behind programs that start others") {
    const Words launcher{"torchrun", "--nproc_per_node=8", "train.py"};
    for (const Words& before : {Words{"nsys", "profile", "-o", "/out/r", "--trace=cuda"},
                                {"conda", "run", "-n", "env"},
                                {"conda", "run", "--no-capture-output", "-p", "/opt/e"},
                                {"env", "-u", "X", "A=1"},
                                {"numactl", "--cpunodebind", "0", "--membind", "0"},
                                {"time", "-p"},
                                {"nice", "-n", "5"},
                                {"taskset", "-c", "0-7"},
                                {"taskset", "0xff"},
                                {"tini", "-g", "--"},
                                {"timeout", "-s", "TERM", "1h"},
                                {"timeout", "1h"},
                                {"uv", "run", "--with", "x"},
                                {"sudo", "-E", "-u", "me"},
                                {"py-spy", "record", "-o", "x", "--"},
                                {"/opt/nvidia/nvidia_entrypoint.sh"},
                                {"xvfb-run", "-a", "numactl", "-N", "0"}}) {
        Words words = before;
        words.insert(words.end(), launcher.begin(), launcher.end());
        CAPTURE(before.front());
        CHECK(finds("KD201", job(container(words, 4))));
        CHECK_FALSE(finds("KD201", job(container(words, 8))));
    }
    CHECK(finds("KD201", job(container({"/usr/bin/env", "bash", "-c", "time torchrun --nproc_per_node=8 a.py"}, 4))));
    CHECK_FALSE(finds("KD201", job(container({"conda", "install", "torchrun", "--nproc_per_node=8"}, 4))));
}

TEST_CASE("a variable of a script has its default where nothing sets it") {
    const Words command = shell("torchrun --nproc_per_node=${NPROC:-8} train.py");
    const auto env = [](const Json& entry) { return Json{{"env", Json::array({entry})}}; };
    CHECK(finds("KD201", job(container(command, 4))));
    CHECK_FALSE(finds("KD201", job(container(command, 4, env({{"name", "NPROC"}, {"value", "4"}})))));
    CHECK_FALSE(finds("KD201", job(container(command, 4, {{"envFrom", {{{"configMapRef", {{"name", "c"}}}}}}}))));
    const Json from = {{"name", "NPROC"}, {"valueFrom", {{"configMapKeyRef", {{"name", "c"}, {"key", "n"}}}}}};
    CHECK_FALSE(finds("KD201", job(container(command, 4, env(from)))));
}

TEST_CASE("launchers of one script share the GPUs, or take turns") {
    CHECK_FALSE(finds("KD201", job(container(shell("torchrun --nproc_per_node=2 a.py &\n"
                                                   "torchrun --nproc_per_node=2 b.py &\nwait"),
                                             4))));
    CHECK_FALSE(finds("KD201", job(container(shell("torchrun --nproc_per_node=1 prepare.py\n"
                                                   "torchrun --nproc_per_node=4 train.py"),
                                             4))));
    CHECK(
        finds("KD201", job(container(shell("torchrun --nproc_per_node=1 a.py; torchrun --nproc_per_node=2 b.py"), 4))));
    CHECK(finds("KD201", job(container(shell("torchrun --nproc_per_node=1 a.py &\n"
                                             "torchrun --nproc_per_node=1 b.py &\nwait"),
                                       4))));
}

TEST_CASE("accelerate counts the processes of all machines") {
    const auto command = [](int processes, int machines) {
        return container(
            {"accelerate", "launch", "--num_processes=" + std::to_string(processes),
             "--num_machines=" + std::to_string(machines), "--machine_rank=$(JOB_COMPLETION_INDEX)", "t.py"},
            8);
    };
    CHECK(said("KD201", job(command(4, 1))) ==
          "--num_processes 4 starts 4 processes in a container with 8 GPUs: the others stay idle");
    CHECK(finds("KD201", job(command(16, 1))));
    CHECK_FALSE(finds("KD201", job(command(16, 2), indexed(2))));
    CHECK(finds("KD201", job(command(8, 2), indexed(2))));
    CHECK(finds("KD202", job(command(32, 4), indexed(2))));
}

TEST_CASE("the nodes that a launcher waits for are the pods") {
    CHECK_FALSE(finds("KD202", pytorch_job({"torchrun", "--nnodes=1:3", "--rdzv_backend=c10d", "t.py"}, 1)));
    CHECK_FALSE(finds("KD202", pytorch_job({"torchrun", "--nnodes=1:2", "t.py"}, 1)));
    CHECK(said("KD202", pytorch_job({"torchrun", "--nnodes=1:3", "t.py"}, 1)) ==
          "--nnodes 1:3 waits for 3 nodes, and there are 2 pods");
    CHECK_FALSE(finds("KD202",
                      pytorch_job({"torchrun", "--nnodes=1:3", "t.py"}, 1, {{"elasticPolicy", {{"minReplicas", 1}}}})));
    CHECK(said("KD202", pytorch_job({"torchrun", "--nnodes=3:4", "--rdzv_backend=c10d", "t.py"}, 1)) ==
          "--nnodes 3:4 waits for 3 nodes, and there are 2 pods");
    CHECK(finds("KD202", pytorch_job({"torchrun", "--standalone", "t.py"}, 1)));
    CHECK(finds("KD202", pytorch_job({"torchrun", "--nnodes=1", "t.py"}, 1)));
    CHECK_FALSE(finds("KD202", pytorch_job({"torchrun", "--standalone", "t.py"}, 0)));
    CHECK_FALSE(finds("KD202", job(container({"torchrun", "--standalone", "t.py"}, 1), indexed(2))));  // a sweep
    // One cause, one finding: all run, but not at a time.
    const Json late = {{"completionMode", "Indexed"}, {"completions", 4}, {"parallelism", 2}};
    const Words four{"torchrun", "--nnodes=4", "--rdzv_endpoint=train-0.train:29500", "t.py"};
    CHECK_FALSE(finds("KD202", job(container(four, 1), late)));
    CHECK(finds("KD213", job(container(four, 1), late)));
    CHECK(finds("KD213", job(container(four, 1), {{"completionMode", "Indexed"}, {"completions", 4}})));
}

TEST_CASE("deepspeed knows other pods by a hostfile") {
    CHECK(finds("KD204", pytorch_job({"deepspeed", "t.py"}, 3)));
    CHECK_FALSE(finds("KD204", pytorch_job({"deepspeed", "t.py"}, 0)));
    CHECK_FALSE(finds("KD204", pytorch_job({"deepspeed", "--no_ssh", "--num_nodes=4", "t.py"}, 3)));
    CHECK(said("KD204", job(container({"deepspeed", "-H", "/etc/mpi/hostfile", "t.py"}, 8))) ==
          "-H /etc/mpi/hostfile is there in an MPIJob alone, and this is a Job");
}

TEST_CASE("a script that passes SIGTERM on may stay") {
    const auto script = [](const char* text) { return job(container(shell(text), 1)); };
    CHECK_FALSE(
        finds("KR307", script("trap 'kill -TERM $PID; wait $PID' TERM\ntorchrun train.py &\nPID=$!\nwait $PID")));
    CHECK_FALSE(finds("KR307", script("stop() { kill -TERM $child; }\ntrap stop SIGTERM\npython train.py &\nchild=$!\n"
                                      "wait $child")));
    CHECK(finds("KR307", script("trap 'kill $P' TERM\npython train.py\n")));            // runs once python has ended
    CHECK(finds("KR307", script("trap 'kill $P' TERM\npython train.py &\nsleep 10")));  // nobody waits
    CHECK(finds("KR307", script("trap 'rm x' EXIT\npython train.py &\nwait")));
    CHECK(finds("KR307", script("trap '' TERM\npython train.py &\nwait")));
    CHECK(finds("KR307", script("trap 'echo bye' TERM\npython train.py &\nwait")));
}

TEST_CASE("what a script makes itself need not be mounted") {
    const auto script = [](const char* text) { return finds("KR303", job(container(shell(text), 1))); };
    for (const char* text : {"python prepare.py --output_dir /scratch/d\npython train.py --data_path /scratch/d",
                             "aws s3 cp s3://b/x /data/rows.jsonl && python train.py --train_file /data/rows.jsonl",
                             "git clone https://x/y /code && python train.py --config /code/c.yaml",
                             "echo '{}' > /conf/ds.json; python train.py --deepspeed /conf/ds.json",
                             "cat <<EOF >/conf/ds.json\n{}\nEOF\npython train.py --deepspeed /conf/ds.json",
                             "curl -L https://x --output=/d/x.csv; python train.py --data /d/x.csv",
                             "ln -s /mnt/x /data; python train.py --data /data/x"})
        CHECK_FALSE(script(text));
    for (const char* text :
         {"ls /data; python train.py --data /data/x", "python train.py --data /data/x > /logs/a",
          "python check.py --data /data/x; python train.py --data /data/x",
          "cp /data/x /tmp/x; python train.py --data /data2/x", "python train.py --data /data/x; cp a /data/y"})
        CHECK(script(text));
}

TEST_CASE("flags that go on from a checkpoint") {
    const auto flag = [](const char* text) {
        const Json pod = {{"volumes", Json::array({{{"name", "o"}, {"persistentVolumeClaim", {{"claimName", "o"}}}}})}};
        const Json mounts = {{"volumeMounts", Json::array({{{"name", "o"}, {"mountPath", "/out"}}})}};
        return finds("KR304",
                     job(container({"python", "train.py", "--output_dir=/out", "--save_steps=10", text}, 1, mounts),
                         Json::object(), pod));
    };
    for (const char* text : {"--continue", "--continue_from=latest", "--resume=true", "--auto_resume", "--warm_start",
                             "--restore_from=x", "--init_from=x", "--resume_from_checkpoint=True", "--load=/out",
                             "trainer.resume=auto", "--checkpoint_dir=/out"})
        CHECK_FALSE(flag(text));
    for (const char* text :
         {"--resume=false", "--resume_from_checkpoint=False", "--no-resume", "--overwrite_output_dir",
          "--dataloader_num_workers=4", "--load_best_model_at_end=True", "--save_checkpoint", "--load_in_4bit",
          "--checkpoint_interval=5", "--gradient_checkpointing"})
        CHECK(flag(text));
}

TEST_CASE("what commands say, and what they only seem to say") {
    CHECK(finds("KG102", job(container({"torchrun", "train.py", "--use_cpu=false"}, 0))));
    CHECK_FALSE(finds("KG102", job(container({"torchrun", "train.py", "--use_cpu"}, 0))));
    CHECK(finds("KD203", job(container({"python", "/opt/lib/site-packages/torch/distributed/launch.py", "a.py"}, 1))));
    CHECK(finds("KD201", job(container({"python", "/x/torch/distributed/run.py", "--nproc_per_node=8", "a.py"}, 4))));
    CHECK_FALSE(finds("KX609", job(container(shell("pip install --no-deps -e . && python train.py"), 1))));
    CHECK(finds("KX609", job(container(shell("pip install -e . && python train.py"), 1))));
    CHECK(finds("KX609", job(container(shell("pip install --no-deps x && python train.py"), 1))));
    const auto path = [](const char* place) {
        const Json pod = {{"volumes", Json::array({{{"name", "h"}, {"hostPath", {{"path", place}}}}})}};
        return finds("KS409", job(container({"a"}, 1), Json::object(), pod));
    };
    CHECK_FALSE(path("/dev/infiniband"));
    CHECK_FALSE(path("/lib/modules"));
    CHECK(path("/data"));
    CHECK(path("/var/run/docker.sock"));
}
