// Checkpoints that are written beside the training: what is copied, when it is heard of, and how it fails.
#include "trainer/state/saver.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <future>

#include "core/base/error.h"
#include "tests/support/images.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

namespace {

// The real file system, whose writing waits for `gate` and then fails if `code` is not empty.
class GatedFiles final : public Files {
public:
    std::shared_future<void> gate;
    std::string failure;

    std::string read(const std::string& path, std::uint64_t max) const override { return real_files().read(path, max); }
    void write(const std::string& path, std::string_view content, unsigned mode) override {
        if (gate.valid()) gate.wait();
        if (!failure.empty()) throw Error(ErrorKind::failed, failure);
        real_files().write(path, content, mode);
    }
    bool exists(const std::string& path) const override { return real_files().exists(path); }
    bool is_folder(const std::string& path) const override { return real_files().is_folder(path); }
    bool is_file(const std::string& path) const override { return real_files().is_file(path); }
    std::string real_path(const std::string& path) const override { return real_files().real_path(path); }
    std::vector<std::string> list(const std::string& folder) const override { return real_files().list(folder); }
    void make_folders(const std::string& path) override { real_files().make_folders(path); }
    void remove(const std::string& path) override { real_files().remove(path); }
    void rename(const std::string& from, const std::string& to) override { real_files().rename(from, to); }
};

// A file whose content lies in `tensor`, behind a header.
std::vector<CheckpointFile> content_of(const std::string& tensor) {
    return {
        {"model.safetensors", "header ", {std::string_view(tensor).substr(0, 3), std::string_view(tensor).substr(3)}},
        {"trainer_state.json", "{}"}};
}

std::vector<std::string> names_in(const std::string& folder) {
    return real_files().list(folder);
}

}  // namespace

TEST_CASE("the content of a checkpoint is that of the moment it was asked for") {
    const TempFolder folder;
    GatedFiles files;
    std::promise<void> open;
    files.gate = open.get_future();
    Saver saver(files, folder.path(), true);
    std::string tensor = "weights of step 5";
    saver.save(5, content_of(tensor), {});
    tensor.replace(0, 7, "moments");  // the next step
    CHECK(!saver.poll());
    CHECK(saver.checkpoints().steps().empty());
    open.set_value();
    const auto saved = saver.wait();
    REQUIRE(saved);
    CHECK(saved->step == 5);
    CHECK(saved->path == folder / "checkpoint-5");
    CHECK(read_file(folder / "checkpoint-5/model.safetensors") == "header weights of step 5");
    CHECK(saver.checkpoints().problem(saved->path) == "");
    CHECK(!saver.poll());  // each is heard of once
    CHECK(!saver.wait());
    saver.reserve(100'000);
    const std::string larger(100'000, 'x');
    saver.save(6, content_of(larger), {});
    saver.wait();
    CHECK(read_file(folder / "checkpoint-6/model.safetensors") == "header " + larger);
}

TEST_CASE("without memory for a copy checkpoints are written in place, which is said once") {
    for (const bool reserves : {true, false}) {
        CAPTURE(reserves);
        const TempFolder folder;
        Saver saver(real_files(), folder.path(), true, [](std::size_t) { return std::unique_ptr<char[]>(); });
        if (reserves) saver.reserve(18);
        const std::string tensor = "weights of step 5";
        saver.save(5, content_of(tensor), {});
        REQUIRE(saver.poll());  // written when save() returns
        CHECK(read_file(folder / "checkpoint-5/model.safetensors") == "header weights of step 5");
        const auto trouble = saver.trouble();
        REQUIRE(trouble);
        CHECK(*trouble == fmt::format("there is no memory for a copy of the checkpoint, {} bytes: from now on the "
                                      "training waits for each one",
                                      reserves ? 18 : 17));
        saver.save(6, content_of(tensor), {});
        CHECK(saver.poll());
        CHECK_FALSE(saver.trouble());
        CHECK(saver.held() == 0);
    }
}

TEST_CASE("a checkpoint that is waited for is not copied") {
    const TempFolder folder;
    static int taken = 0;
    taken = 0;
    Saver saver(real_files(), folder.path(), true, [](std::size_t bytes) {
        ++taken;
        return Saver::take_memory(bytes);
    });
    const std::string tensor = "weights of step 5";
    saver.save(5, content_of(tensor), {}, /*at_once=*/true);
    CHECK(saver.poll()->step == 5);
    CHECK(taken == 0);
    saver.save(6, content_of(tensor), {});
    CHECK(saver.wait()->step == 6);
    CHECK(taken == 1);
    CHECK(saver.held() == tensor.size());
}

TEST_CASE("an error of the writer is that of a checkpoint written at once") {
    const TempFolder folder;
    GatedFiles files;
    files.failure = "cannot write: No space left on device";
    Saver at_once(files, folder.path(), false), beside(files, folder.path(), true);
    const Error first = error_of([&] { at_once.save(1, content_of("abcd"), {}); });
    beside.save(1, content_of("abcd"), {});
    const Error second = error_of([&] { beside.wait(); });
    CHECK(first.message == files.failure);
    CHECK(second.message == first.message);
    CHECK(names_in(folder.path()).empty());
    files.failure.clear();
    at_once.save(2, content_of("abcd"), {});
    CHECK(at_once.poll()->step == 2);
}

TEST_CASE("what is being written when the saver goes is written to its end") {
    const TempFolder folder;
    {
        Saver saver(real_files(), folder.path(), true);
        saver.save(3, content_of(std::string(1 << 20, 'x')), {});
    }
    CHECK(Checkpoints(real_files(), folder.path()).problem(folder / "checkpoint-3") == "");
}

TEST_CASE("the newest checkpoints stay, and the best") {
    const TempFolder folder;
    Saver saver(real_files(), folder.path(), false);
    for (std::int64_t step = 1; step <= 5; ++step) saver.save(step, content_of("abcd"), {2, folder / "checkpoint-2"});
    CHECK(names_in(folder.path()) == std::vector<std::string>{"checkpoint-2", "checkpoint-4", "checkpoint-5"});
    saver.save(6, content_of("abcd"), {2, folder / "checkpoint-5"});
    CHECK(names_in(folder.path()) == std::vector<std::string>{"checkpoint-5", "checkpoint-6"});
    saver.save(7, content_of("abcd"), {});
    CHECK(names_in(folder.path()).size() == 3);
}
