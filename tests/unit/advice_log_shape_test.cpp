// Logs as programs shape them: boxes, colours, progress bars, JSON, tables of ranks, chains of exceptions.
#include <doctest/doctest.h>

#include <string>

#include "core/advice/log_cause.h"
#include "core/advice/log_text.h"
#include "tests/support/small_cluster.h"

namespace ktrain::advice {
namespace {

using namespace test;

std::string summary_of(const std::string& log, int code = 1) {
    Json ended = pod("{status: {phase: Failed, containerStatuses: [{name: trainer, state: {terminated: {exitCode: " +
                     std::to_string(code) + "}}}]}}");
    const auto found = findings_of(
        {job("{}"), ended, {{"kind", "PodLog"}, {"pod", "job-abcde"}, {"container", "trainer"}, {"text", log}}});
    REQUIRE_FALSE(found.empty());
    CHECK(found[0].remedy.find("read the log") == std::string::npos);
    return found[0].summary;
}

const std::string traceback = "Traceback (most recent call last):\n  File \"t.py\", line 5, in <module>\n    main()\n";
const std::string exception = "the program ended with an exception: ";

}  // namespace

TEST_CASE("log text: as a terminal shows it in the end") {
    CHECK(readable_log("a\tb\r\n 10%|#   |\r 20%|##  |\x1b[A\nend") == "a b\n 20%|##  |\nend\n");
    CHECK(readable_log("/usr/bin/env: bash\r: No such file") == "/usr/bin/env: bash\\r: No such file\n");
    CHECK(readable_log("\x1b[1;91mKeyError: \x1b[0m\x1b[32m'labels'\x1b[0m") == "KeyError: 'labels'\n");
    CHECK(readable_log(R"({"msg":"x","exc":"Traceback (most recent call last):\n  f()\nOSError: y"})") ==
          "{\"msg\":\"x\",\"exc\":\"Traceback (most recent call last):\\n  f()\\nOSError: y\"}\n"
          "Traceback (most recent call last):\n  f()\nOSError: y\n");
    CHECK(readable_log("{\"exc\": Traceback (most recent call last):") ==
          "{\"exc\": Traceback (most recent call last):\n");
}

TEST_CASE("log shape: tracebacks in boxes, in JSON and in a report are read as others") {
    CHECK(summary_of("\x1b[31m╭─\x1b[0m \x1b[1;31mTraceback (most recent call last)\x1b[0m ──╮\n"
                     "\x1b[31m│\x1b[0m /app/train.py:31 in main │\n╰──╯\n\x1b[1;91mKeyError: \x1b[0m'labels'") ==
          exception + "KeyError: 'labels'");
    const std::string box = "╭─ Traceback (most recent call last) ──╮\n│ /app/train.py:31 in main │\n╰──╯\n";
    CHECK(summary_of(box + "OSError: a\n\nThe above exception was the direct cause of the following exception:\n\n" +
                     box + "ValueError: b") == exception + "OSError: a, which led to ValueError: b");
    CHECK(summary_of("{\"level\":\"INFO\",\"msg\":\"step 100\"}\n"
                     R"({"level":"ERROR","msg":"failed","exc":"Traceback (most recent call last):\n  f()\nValueError: )"
                     "unknown dtype 'bf61'\"}\n") == exception + "ValueError: unknown dtype 'bf61'");
    CHECK(summary_of(traceback +
                     "torch.distributed.elastic.multiprocessing.errors.ChildFailedError:\n=====\ntrain.py FAILED\n"
                     "  rank      : 1 (local_rank: 1)\n  exitcode  : 1 (pid: 94)\n  traceback : Traceback (most recent "
                     "call last):\n    File \"t.py\"\n  ValueError: no column\n  \n=====\n") ==
          exception + "ValueError: no column");
}

TEST_CASE("log shape: torchrun's report names the rank and its signal") {
    const std::string report = traceback +
                               "torch.distributed.elastic.multiprocessing.errors.ChildFailedError:\n=====\n"
                               "train.py FAILED\n-----\nFailures:\n  <NO_OTHER_FAILURES>\n-----\n"
                               "Root Cause (first observed failure):\n[0]:\n  time      : 2026-11-30_10:00:02\n"
                               "  host      : train-0\n  rank      : 6 (local_rank: 6)\n  exitcode  : -11 (pid: 94)\n"
                               "  error_file: <N/A>\n  traceback : Signal 11 (SIGSEGV) received by PID 94\n=====\n";
    CHECK(summary_of(report) == "a process crashed (SIGSEGV): rank 6: exitcode : -11 (pid: 94)");
    CHECK(summary_of(traceback + "ValueError: x\n" + report) == exception + "ValueError: x");
}

TEST_CASE("log shape: what Python ignores while it ends is no cause, a KeyboardInterrupt of its own is one") {
    for (const std::string ignored :
         {"Exception ignored in: <module 'threading'>\nKeyboardInterrupt: \n",
          "Exception ignored in: <function X.__del__ at 0x7f>\nTraceback (most recent call last):\n  File \"x\"\n    "
          "close()\nOSError: [Errno 9] Bad file descriptor\n",
          "Exception ignored in atexit callback: <function f>\nTraceback (most recent call last):\n  f()\n"
          "RuntimeError: CUDA error: driver shutting down\n\nDuring handling of the above exception, another exception "
          "occurred:\n\nTraceback (most recent call last):\n  f()\nOSError: x\n"}) {
        CAPTURE(ignored);
        CHECK(summary_of(traceback + "ValueError: batch size\n" + ignored) == exception + "ValueError: batch size");
        CHECK(summary_of(traceback + "ValueError: batch size\n" + ignored + "bye\n") ==
              exception + "ValueError: batch size");
        CHECK_FALSE(cause_in_log(Symptoms::built_in(), ignored, true));
    }
    CHECK(summary_of(traceback + "KeyboardInterrupt\n") == exception + "KeyboardInterrupt");
}

TEST_CASE("log shape: an exception far from the end is found behind the noise of the end") {
    std::string info, teardown;
    for (int i = 0; i < 90; ++i) {
        info += "INFO uploading artifact " + std::to_string(i) + " of 90\n";
        teardown +=
            "[rank0]:[W1130 10:00:10.1 TCPStore.cpp:170] [c10d] sendBytes failed on SocketImpl(fd=89): Broken "
            "pipe\n";
    }
    CHECK(summary_of(traceback + "ValueError: x\n" + info) == exception + "ValueError: x");
    CHECK(summary_of(traceback + "ValueError: x\n" + teardown) == exception + "ValueError: x");
    CHECK(cause_in_log(Symptoms::built_in(), teardown, true).row->cause == "peer-lost");
}

TEST_CASE("log shape: of a chain of exceptions what it was raised from, and all lines of a message") {
    const std::string link = "\nThe above exception was the direct cause of the following exception:\n\n";
    const std::string other = "\nDuring handling of the above exception, another exception occurred:\n\n";
    const std::string arrow = traceback + "pyarrow.lib.ArrowInvalid: JSON parse error in row 812\n";
    const std::string last = traceback + "datasets.exceptions.DatasetGenerationError: An error occurred\n";
    CHECK(summary_of(arrow + link + last) == exception +
                                                 "pyarrow.lib.ArrowInvalid: JSON parse error in row 812, which led to "
                                                 "datasets.exceptions.DatasetGenerationError: An error occurred");
    CHECK(summary_of(traceback + "KeyError: 'x'\n" + other + arrow + link + last + link + traceback + "OSError: z\n") ==
          exception + "pyarrow.lib.ArrowInvalid: JSON parse error in row 812, which led to OSError: z");
    CHECK(summary_of(arrow + link + last + other + traceback + "ValueError: z\n") == exception + "ValueError: z");
    CHECK(summary_of(traceback + "KeyError: 'x'\n" + other + "ValueError: y\nbye\n") == exception + "ValueError: y");
    CHECK(summary_of(traceback + "MisconfigurationException: You have 8\n But your machine only has: [0]\nbye\n") ==
          exception + "MisconfigurationException: You have 8 But your machine only has: [0]");
    CHECK(summary_of("RuntimeError: Version mismatch: The cluster was started with:\n    Ray: 2.49.0\n    Python: "
                     "3.11.9\nThis process was started with:\n    Ray: 2.47.1\n")
              .ends_with(": RuntimeError: Version mismatch: The cluster was started with: Ray: 2.49.0 Python: 3.11.9"));
}

TEST_CASE("log shape: where nothing is known, the last words of the program") {
    CHECK(summary_of("config error: unknown optimizer 'adamww'; known: adam", 42) ==
          "the last error in the log: unknown optimizer 'adamww'; known: adam");
    const auto ended = [](const std::string& log) {
        const Json pod_ended =
            pod("{status: {phase: Failed, containerStatuses: [{name: trainer, state: {terminated: {exitCode: 9}}}]}}");
        Objects out{job("{}"), pod_ended};
        out.push_back({{"kind", "PodLog"}, {"pod", "job-abcde"}, {"container", "trainer"}, {"text", log}});
        return findings_of(out)[0];
    };
    CHECK(ended("hello\nno more data\n\n").summary ==
          "the container trainer ended with exit code 9; its last words: no more data");
    CHECK(ended("hello\n").remedy == "read the log of this pod");
    CHECK(ended(" \n").summary == "the container trainer ended with exit code 9, and its log is empty");
    CHECK(ended("").remedy.find("PYTHONFAULTHANDLER") != std::string::npos);
}

}  // namespace ktrain::advice
