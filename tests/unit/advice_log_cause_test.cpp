// Which line of a log counts, for logs as programs leave them.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/advice/log_cause.h"

using namespace ktrain::advice;

namespace {

const Symptoms& table() {
    static const Symptoms symptoms = Symptoms::built_in();
    return symptoms;
}

std::string cause_of(std::string_view log, bool general = true) {
    const auto found = cause_in_log(table(), log, general);
    return found ? found.row->cause : "";
}

const std::string value_error =
    "Traceback (most recent call last):\n  File \"/app/train.py\", line 51, in main\n    raise ValueError(\"no "
    "column\")\n"
    "ValueError: no column 'text'\n";
const std::string torchrun_ended =
    "E1130 torch/distributed/elastic/multiprocessing/api.py:869] failed (exitcode: 1) local_rank: 0 (pid: 73)\n"
    "Traceback (most recent call last):\n  File \"/usr/local/bin/torchrun\", line 8, in <module>\n    "
    "sys.exit(main())\n"
    "torch.distributed.elastic.multiprocessing.errors.ChildFailedError:\n====\ntrain.py FAILED\n----\n"
    "Root Cause (first observed failure):\n  exitcode  : 1 (pid: 73)\n";

struct Line {
    std::string cause, text;
};
const std::vector<Line> lines{
    Line{"checkpoint-broken", "_pickle.UnpicklingError: invalid load key, 'v'."},
    Line{"credentials-refused", "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling"},
    Line{"cuda-driver-mismatch", "RuntimeError: CUDA driver version is insufficient for CUDA runtime version"},
    Line{"gpu-ordinal", "torch.AcceleratorError: CUDA error: invalid device ordinal"},
    Line{"gpu-ordinal", "MisconfigurationException: You requested gpu: [0, 1, 2, 3]"},
    Line{
        "gpu-memory-taken",
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 139.81 "
        "GiB of which 8.00 MiB is free. Process 4412 has 137.20 GiB memory in use. Process 99 has 2.58 GiB memory in "
        "use. Of the allocated memory 1.90 GiB is allocated by PyTorch, and 40.00 MiB is reserved by PyTorch but "
        "unallocated."},
    // A program that has filled the GPU by itself.
    Line{
        "cuda-out-of-memory",
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.15 "
        "GiB of which 8.00 MiB is free. Process 4412 has 79.10 GiB memory in use. Of the allocated memory 77.90 GiB is "
        "allocated by PyTorch, and 40.00 MiB is reserved by PyTorch but unallocated."},
    Line{"cuda-out-of-memory", "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."},
    Line{"cuda-out-of-memory", "XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 17 bytes."},
    Line{"cuda-out-of-memory", "ResourceExhaustedError: OOM when allocating tensor with shape[512,1024]"},
    Line{"bus-error", "  traceback : Signal 7 (SIGBUS) received by PID 73"},
    Line{"data-loader-worker", "RuntimeError: DataLoader worker (pid(s) 91) exited unexpectedly"},
    Line{"certificate-untrusted",
         "requests.exceptions.SSLError: HTTPSConnectionPool(host='m', port=443): Max retries exceeded with url: /api "
         "(Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
         "self-signed certificate in certificate chain (_ssl.c:1006)')))"},
    Line{"certificate-untrusted", "tls: failed to verify certificate: x509: certificate signed by unknown authority"},
    Line{"command-not-executable", "/bin/sh: 1: /app/run.sh: Permission denied"},
    Line{"command-not-executable", "/bin/bash: line 1: /app/run.sh: Permission denied"},
    Line{"command-not-executable", "[FATAL tini (7)] exec /app/run failed: Permission denied"},
    Line{"disk-full", "OSError: [Errno 28] No space left on device: '/home/u/x'"},
    Line{"disk-quota", "OSError: [Errno 122] Disk quota exceeded: '/home/u/x'"},
    Line{"dns", "socket.gaierror: [Errno -3] Temporary failure in name resolution"},
    Line{"egress", "OSError: We couldn't connect to 'https://huggingface.co' to load this file"},
    Line{"error-in-log", "2026-11-30 ERROR config: learning_rate must be positive, got -0.1"},
    Line{"error-in-log", "ERROR:root:no data"},
    Line{"error-in-log", "12:00:01 [FATAL] no data"},
    Line{"error-in-log", "error: no data"},
    Line{"file-missing", "FileNotFoundError: [Errno 2] No such file or directory: '/data/x'"},
    Line{"gpu-driver-updated", "Failed to initialize NVML: Driver/library version mismatch"},
    Line{"gpu-hardware", "NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus."},
    Line{"gpu-busy", "RuntimeError: CUDA error: CUDA-capable device(s) is/are busy or unavailable"},
    Line{"gpu-fabric",
         "RuntimeError: CUDA driver initialization failed, you might not have a CUDA gpu: Error 802: system not yet "
         "initialized"},
    Line{"gpu-not-visible", "RuntimeError: No CUDA GPUs are available"},
    Line{"gpu-not-visible", "nv-hostengine: Error initializing DCGM: libnvidia-ml.so.1 not found"},
    Line{"gpu-not-visible", "ImportError: libcuda.so.1: cannot open shared object file: No such file or directory"},
    Line{"gpu-too-old", "ValueError: Your setup doesn't support bf16/gpu."},
    Line{"gpu-too-old", "RuntimeError: FlashAttention only supports Ampere GPUs or newer."},
    Line{"host-out-of-memory", "numpy.core._exceptions._ArrayMemoryError: MemoryError"},
    Line{"invalid-arguments", "train.py: error: unrecognized arguments: --lrr 1"},
    Line{"killed", "[2026-11-30] [ERROR] [launch.py:325:sigkill_handler] exits with return code = -9"},
    Line{"library-too-old", "python: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by x)"},
    Line{"library-missing", "ImportError libfoo: libcudnn.so.9: cannot open shared object file"},
    Line{"model-access-denied", "huggingface_hub.errors.GatedRepoError: 401 Client Error."},
    Line{"model-not-found", "OSError: a/Llama-9 is not a local folder and is not a valid model identifier listed"},
    Line{"module-missing", "ModuleNotFoundError: No module named 'peft'"},
    Line{"nccl-version",
         "train-0:1:1 [0] init.cc:1102 NCCL WARN Mismatched NCCL version detected : rank 0 version 22703 "
         "rank 1 version 22105"},
    Line{"nccl-network", "torch.distributed.DistBackendError: ncclSystemError: System call failed"},
    Line{"nccl-timeout", "[Rank 3] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=5)"},
    Line{"not-a-number", "{'loss': nan, 'grad_norm': nan, 'learning_rate': 1e-05, 'epoch': 0.1}"},
    Line{"not-a-number", "Epoch 1:  10%| 5/50 [00:01<00:09, loss=nan]"},
    Line{"peer-lost", "RuntimeError: [gloo/transport/tcp/pair.cc:547] Connection closed by peer [10.0.0.1]:3"},
    Line{"permission-denied", "/bin/bash: line 1: /data/out: Permission denied"},
    Line{"permission-denied", "sh: 1: cannot create /data/run.sh: Permission denied"},
    Line{"permission-denied", "mkdir: cannot create directory '/output': Permission denied"},
    Line{"port-in-use", "RuntimeError: The server socket has failed to listen: EADDRINUSE"},
    Line{"process-failed", "subprocess.CalledProcessError: Command '['python', 't.py']' returned non-zero exit"},
    Line{"process-limit", "RuntimeError: can't start new thread"},
    Line{"python-exception", "KeyError: 'input_ids'"},
    Line{"python-exception", "[rank3]: pyarrow.lib.ArrowInvalid: Column 2 named input_ids expected length 8 but got 7"},
    Line{"proxy-credentials",
         "requests.exceptions.ProxyError: HTTPSConnectionPool(host='huggingface.co', port=443): Max retries exceeded "
         "with "
         "url: /x (Caused by ProxyError('Unable to connect to proxy', OSError('Tunnel connection failed: 407 Proxy "
         "Authentication Required')))"},
    Line{"rbac-denied", R"(User "system:serviceaccount:team:default" cannot list resource "pods")"},
    Line{"read-only-file-system", "OSError: [Errno 30] Read-only file system: '/out'"},
    Line{"rendezvous-timeout", "ssh: connect to host job-worker-0.job port 22: Connection refused"},
    Line{"rendezvous-timeout", "torch.distributed.DistStoreError: Timed out after 901 seconds waiting for clients"},
    Line{"script-line-ends", "/usr/bin/env: 'bash\\r': No such file or directory"},
    Line{"script-line-ends", "/usr/bin/env: bash\r: No such file or directory"},
    Line{"script-line-ends", "bash: ./run.sh: /bin/bash^M: bad interpreter: No such file or directory"},
    Line{"script-line-ends", "run.sh: line 2: $'\\r': command not found"},
    Line{"segmentation-fault", "  exitcode  : -11 (pid: 73)"},
    Line{"shared-memory", "RuntimeError: unable to write to file </torch_73_1>: No space left on device (28)"},
    Line{"stale-file-handle", "OSError: [Errno 116] Stale file handle"},
    Line{"syntax-error", "NameError: name 'x' is not defined"},
    Line{"too-many-open-files", "OSError: [Errno 24] Too many open files: '/data/shard-1'"},
    Line{"key-value-cache",
         "ValueError: The model's max seq len (131072) is larger than the maximum number of tokens "
         "that can be stored in KV cache (34880). Try increasing `gpu_memory_utilization`"},
    Line{"launcher-environment",
         "ValueError: Error initializing torch.distributed using env:// rendezvous: environment "
         "variable MASTER_ADDR expected, but not set"},
    Line{"launcher-environment", "KeyError: 'LOCAL_RANK'"},
    Line{"model-too-new",
         "ValueError: The checkpoint you are trying to load has model type `qwen3` but Transformers does "
         "not recognize this architecture."},
    Line{"rate-limited",
         "huggingface_hub.errors.HfHubHTTPError: 429 Client Error: Too Many Requests for url: https://h/m"},
    Line{"object-missing",
         "botocore.exceptions.ClientError: An error occurred (404) when calling the HeadObject "
         "operation: Not Found"},
    Line{"data-broken", "tarfile.ReadError: unexpected end of data"},
    Line{"data-broken", "pyarrow.lib.ArrowInvalid: Parquet magic bytes not found in footer."},
    Line{"cuda-toolkit-missing",
         "deepspeed.ops.op_builder.builder.MissingCUDAException: CUDA_HOME does not exist, "
         "unable to compile CUDA op(s)"},
    Line{"nccl-version", "train-0:1:1 [0] NCCL WARN Error: mismatched NCCL versions across ranks (remote 22105)"},
    Line{"not-a-number", "FloatingPointError: Minimum loss scale reached (0.0001). Your loss is probably exploding."},
    Line{"gpu-twice", "Duplicate GPU detected : rank 1 and rank 0 both on CUDA device 1b000"},
    Line{"cuda-out-of-memory", "Last error: Cuda failure 2 'out of memory'"},
    Line{"cuda-out-of-memory", "RuntimeError: CUDA error: out of memory"},
    Line{"git-refused", "git@github.com: Permission denied (publickey)."},
    Line{"git-refused", "fatal: Authentication failed for 'https://git.example.org/ml/train.git/'"},
    Line{"vault-refused",
         "URL: PUT https://vault:8200/v1/auth/kubernetes/login Code: 403. Errors: * permission denied"},
    Line{"vault-refused", "* permission denied"},
    Line{"home-not-writable", "PermissionError: [Errno 13] Permission denied: '/.cache'"},
    Line{"checkpoint-not-written", "RuntimeError: PytorchStreamWriter failed writing file data/12: file write failed"},
    Line{"no-right",
         "ClientError: An error occurred (AccessDenied) when calling PutObject: user r is not authorized to "
         "perform: s3:PutObject"},
    Line{"mpi-slots", "There are not enough slots available in the system to satisfy the 16"},
    Line{"variable-unset", "/bin/run.sh: line 3: MASTER_ADDR: unbound variable"},
    Line{"download-failed", "curl: (22) The requested URL returned error: 403"},
    Line{"configuration", "Could not override 'optim.lr2'."},
    Line{"connection-refused",
         "HTTPConnectionPool(host='mlflow.mlops', port=5000): Max retries exceeded (Caused by "
         "NewConnectionError('[Errno 111] Connection refused'))"},
    Line{"host-out-of-memory", "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 48.0 GiB"},
    Line{"host-out-of-memory",
         "ray.exceptions.OutOfMemoryError: Task was killed due to the node running low on memory."},
    Line{"torch-without-cuda", "AssertionError: Torch not compiled with CUDA enabled"},
    Line{"gpu-not-visible", "ValueError: fp16 mixed precision requires a GPU (not 'cpu')."},
    Line{"nccl-interface", "rank3:8:8 [0] bootstrap.cc:45 NCCL WARN Bootstrap : no socket interface found"},
    Line{"credentials-refused",
         "google.auth.exceptions.DefaultCredentialsError: Your default credentials were not found."},
    Line{
        "credentials-refused",
        "(psycopg2.OperationalError) connection to server at \"db\" failed: FATAL:  password authentication failed for "
        "user \"optuna\""},
    Line{"model-not-found", "OSError: Can't load tokenizer for '/models/m'. If you were trying to load it from 'x'"},
    Line{"service-unreachable",
         "EndpointConnectionError: Could not connect to the endpoint URL: "
         "\"http://minio.ml.svc.cluster.local:9000/d?x=2\""},
    Line{"package-not-found", "ERROR: No matching distribution found for flash-attn==2.9.9"},
    Line{"package-not-found",
         "ERROR: Could not find a version that satisfies the requirement torchdata==9.1 (from versions: 0.8.0)"},
    Line{"gpu-too-old",
         "ValueError: Bfloat16 is only supported on GPUs with compute capability of at least 8.0. Your Tesla V100 has "
         "7.0."},
    Line{"error-in-log",
         R"({"level":"fatal","msg":"discovery failed","error":"member 8e9e has already been bootstrapped"})"},
    Line{"error-in-log", R"(time="2026-11-30T10:00:01Z" level=error msg="no such key")"},
    Line{"", R"({"level":"info","msg":"retrying","error":"none"})"},
    Line{"data-empty", "ValueError: num_samples should be a positive integer value, but got num_samples=0"},
    Line{"library-missing",
         "RuntimeError: Unable to JIT load the async_io op due to it not being compatible. libaio-dev is missing"},
    Line{"library-missing", "RuntimeError: Failed to find C compiler. Please specify via CC environment variable"},
    Line{"rate-limited", "ClientError: An error occurred (SlowDown) when calling the GetObject operation"},
    Line{"git-lfs-quota", "batch response: This repository exceeded its LFS budget. The account responsible should"},
    Line{"git-lfs-quota", "batch response: This repository is over its data quota. Purchase more data packs"},
    Line{"no-right",
         "google.api_core.exceptions.Forbidden: 403 GET https://storage.googleapis.com/storage/v1/b/d/o/x: "
         "t@acme.iam.gserviceaccount.com does not have storage.objects.get access to the Google Cloud Storage object."},
    Line{"memlock-limit", "Call to ibv_create_qp failed with error Cannot allocate memory"},
    Line{"memlock-limit", "NCCL WARN Call to ibv_reg_mr_iova2 failed with error Cannot allocate memory"},
    Line{"library-missing", "ImportError: libGL.so.1: cannot open shared object file: No such file or directory"},
    Line{"checkpoint-weights-only",
         "_pickle.UnpicklingError: Weights only load failed. This file can still be loaded, to do so you have two"},
    Line{
        "checkpoint-weights-only",
        " WeightsUnpickler error: Unsupported global: GLOBAL argparse.Namespace was not an allowed global by default."},
    Line{"checkpoint-empty", "EOFError: Ran out of input"},
    Line{"connection-refused", "ServerSelectionTimeoutError: mongo.ml:27017: [Errno 111] Connection refused (socket"},
    Line{"connection-refused",
         "psycopg2.OperationalError: connection to server at \"db\" (10.0.0.9), port 5432 failed: Connection refused"},
    Line{"egress", "HTTPSConnectionPool(host='acme.com', port=443): Max retries: [Errno 111] Connection refused"},
    Line{"port-in-use", "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 8000): address"},
    Line{"mpi-daemon-missing", "bash: line 1: orted: command not found"},
    Line{"mpi-daemon-missing", "bash: line 1: /usr/lib/openmpi/bin/prted: No such file or directory"},
    Line{"ray-version", "RuntimeError: Version mismatch: The cluster was started with:"},
    Line{"syntax-error", "/bin/sh: 1: Syntax error: Unterminated quoted string"},
    Line{"syntax-error", "bash: -c: line 1: unexpected EOF while looking for matching `\"'"},
    Line{"syntax-error", "/app/run.sh: line 3: syntax error near unexpected token `done'"},
    Line{"command-not-found", "bash: line 2: jq: command not found"},
    Line{"command-not-found", "sh: 1: jq: not found"},
    Line{"peer-lost", "[rank0]:[W TCPStore.cpp:189] [c10d] sendBytes failed on SocketImpl(fd=89): Broken pipe"},
    Line{"error-in-log", "config error: unknown optimizer 'adamww'"},
    Line{"error-in-log", "train.py: fatal: no shard is readable"},
    Line{"", "mean error: nan"},
    Line{"", "validation error: 0.3 at step 5"},
    Line{"", "the file was not found: using the default"},
    Line{"", "metrics.ml:9090: connected"},
    Line{"", "Permission of the owner is kept"},
    Line{"", "step 429 loss 2.1 too many"},
    Line{"", "this may cause a slowdown"},
    Line{"egress", "HTTPSConnectionPool(host='huggingface.co', port=443): [Errno 111] Connection refused"},
    Line{"", "{'loss': 2.1, 'note': 'nan-safe'}"},
    Line{"", "step 3 loss 2.1 information"},
    Line{"", "INFO: no error"},
    Line{"", "INFO eval dataset is empty, skipping evaluation"},
    Line{"", "WARNING libjemalloc.so not found, install it for better performance"},
    Line{"", "libibverbs: Warning: RLIMIT_MEMLOCK is 65536 bytes."},
    Line{"", "+ server --log-level=error --message=\"hello\""},
    Line{"", "loss 2.1 error: 0.3"},
    Line{"", "0 ERRORS"},
};

}  // namespace

TEST_CASE("logs: what each line says") {
    for (const Line& line : lines) {
        CAPTURE(line.text);
        CHECK(cause_of(line.text) == line.cause);
    }
}

TEST_CASE("logs: what is nearest to the end counts, and what follows from another process's end comes last") {
    struct Row {
        std::string cause, log;
    };
    for (const Row& row : {
             Row{"python-exception", value_error + torchrun_ended},
             Row{"python-exception",
                 "AssertionError: batch_size must divide\nTraceback (most recent call last):\n  x\n"
                 "subprocess.CalledProcessError: Command '['python']' returned non-zero exit status 1."},
             Row{"process-failed", torchrun_ended},
             Row{"mpi-daemon-missing",
                 "bash: line 1: orted: command not found\n----\nORTE was unable to reliably start one or more "
                 "daemons.\n"},
             // What was not there, and was not missed.
             Row{"nccl-timeout", "run.sh: line 3: ldconfig: command not found\nWatchdog caught collective operation"},
             Row{"python-exception", "HTTPSConnectionPool(host='huggingface.co'): Read timed out.\nok\n" + value_error},
             Row{"python-exception", "getaddrinfo failed for master, retrying in 1s\nconnected\nKeyError: 'input_ids'"},
             Row{"nccl-version",
                 "init.cc:1102 NCCL WARN Mismatched NCCL version detected : rank 0 version 2 rank 1 version 3\n"
                 "torch.distributed.DistBackendError: NCCL error in: ProcessGroupNCCL.cpp:3356, invalid usage (run "
                 "with "
                 "NCCL_DEBUG=WARN for details), NCCL version 2.27.3\nncclInvalidUsage: This usually reflects invalid "
                 "usage of NCCL library.\n"},
             Row{"not-a-number", "can't open file /etc/x: No such file or directory\nstep 90 loss=nan\nstopping"},
             Row{"cuda-out-of-memory",
                 "BrokenPipeError: [Errno 32] Broken pipe\ntorch.OutOfMemoryError: CUDA out of memory."},
             Row{"cuda-out-of-memory", "torch.OutOfMemoryError: CUDA out of memory.\nncclSystemError: x\nBroken pipe"},
             Row{"cuda-out-of-memory", "torch.OutOfMemoryError: CUDA out of memory.\nERROR: job failed"},
             Row{"peer-lost", "Connection closed by peer\nERROR: job failed"},
             Row{"python-exception", "KeyError: 'x'\nERROR: job failed"},
             Row{"error-in-log", "ERROR: first\nERROR config: learning_rate\nINFO bye"},
             // Handled long before the end, and the program's last words are its own.
             Row{"not-a-number", value_error + std::string("step\nstep\nstep\nstep\nstep\nstep\n") +
                                     "step\nstep\nstep\nstep\nstep\nloss is nan\n"},
             // Others complain when the program is gone.
             Row{"python-exception", value_error + "wandb: Network error (ConnectTimeout), entering retry loop.\n"},
             // The first of a chain is its cause, whatever was made of it.
             Row{"dns",
                 "Traceback (most recent call last):\n  f()\nsocket.gaierror: Name or service not known\n\nDuring "
                 "handling of the above exception, another exception occurred:\n\nTraceback (most recent call "
                 "last):\n  g()\nRuntimeError: no data\n"},
             Row{"python-exception",
                 "Traceback (most recent call last):\n  f()\nsocket.gaierror: Name or service not "
                 "known\nretrying\n" +
                     value_error},
             Row{"vault-refused", "==> Vault Agent started!\n  | Code: 403. Errors:\n  | * permission denied"},
             Row{"disk-full",
                 "[rank1]: Traceback (most recent call last):\n[rank1]:   File \"t.py\"\n[rank1]: OSError: "
                 "[Errno 28] No space left on device\n" +
                     torchrun_ended},
         }) {
        CAPTURE(row.log);
        CHECK(cause_of(row.log) == row.cause);
    }
    const auto found = cause_in_log(table(), value_error + torchrun_ended, true);
    const auto denied = cause_in_log(table(), "/bin/sh: 1: /app/run.sh: Permission denied", true);
    CHECK(finding_of(denied, {{"image", "x:1"}}, 0).summary ==
          "a program of the image x:1 may not be executed: /bin/sh: 1: /app/run.sh: Permission denied");
    CHECK(finding_of(found, {}, 0).summary == "the program ended with an exception: ValueError: no column 'text'");
}

TEST_CASE("logs: the message of an exception goes on behind a colon") {
    CHECK(cause_of("Traceback (most recent call last):\n  f()\ntensorflow.errors_impl.ResourceExhaustedError: Graph "
                   "execution error:\nDetected at node 'x'\nOOM when allocating tensor with shape[512]\n") ==
          "cuda-out-of-memory");
    CHECK(cause_of("Traceback (most recent call last):\n  f()\ntorch.distributed.DistBackendError: NCCL error in: "
                   "NCCLUtils.hpp:268, internal error, NCCL version 2.21.5\nncclInternalError: Internal check "
                   "failed.\nLast error:\nBootstrap : no socket interface found") == "nccl-interface");
    // A name alone, and what others say behind it.
    CHECK(cause_of(value_error + "wandb: waiting\nCUDA out of memory, freeing the cache\nok\n" + value_error) ==
          "python-exception");
}

TEST_CASE("logs: an exit code that says more is not overruled by an exception, but by an exact line") {
    CHECK(cause_of(value_error, false).empty());
    CHECK(cause_of("CUDA out of memory\n" + value_error, false) == "cuda-out-of-memory");
    CHECK(cause_of("ERROR: no data", false).empty());
    CHECK(cause_of("").empty());
    CHECK(cause_of("\n\n").empty());
}
