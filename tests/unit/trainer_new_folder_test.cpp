// Folders that appear whole: what killed programs leave, and what belongs to others.
#include <doctest/doctest.h>

#include <filesystem>

#include "core/base/error.h"
#include "tests/support/images.h"
#include "trainer/data/new_folder.h"
#include "trainer/state/output_lock.h"

using namespace ktrain;
using namespace ktrain::trainer;
using namespace ktrain::test;
namespace fs = std::filesystem;

namespace {

ErrorKind kind_of(const std::string& path) {
    try {
        const NewFolder folder(path);
        return ErrorKind::bug;
    } catch (const Error& error) {
        return error.kind;
    }
}

}  // namespace

TEST_CASE("a new folder takes the place of what a killed program left") {
    const TempFolder temp;
    const std::string path = temp / "merged";
    {
        const NewFolder folder(path + "/");
        write_file(folder.path() + "/shard", "half");
        CHECK(kind_of(path) == ErrorKind::conflict);  // while it is written
        fs::copy(folder.path(), temp / "left");       // as SIGKILL leaves it
    }
    CHECK(!fs::exists(path + ".partial"));
    fs::rename(temp / "left", path + ".partial");
    NewFolder folder(path);
    CHECK(!fs::exists(folder.path() + "/shard"));
    write_file(folder.path() + "/shard", "whole");
    folder.finish();
    CHECK(read_file(path + "/shard") == "whole");
    CHECK(std::distance(fs::directory_iterator(path), {}) == 1);
}

TEST_CASE("a folder of somebody else stays, whatever it is called") {
    const TempFolder temp;
    fs::create_directories(temp / "merged.partial");
    write_file(temp / "merged.partial/thesis", "mine");
    CHECK(kind_of(temp / "merged") == ErrorKind::input);
    CHECK(read_file(temp / "merged.partial/thesis") == "mine");
}

TEST_CASE("an output folder in which nothing was written goes with its lock") {
    const TempFolder temp;
    {
        const OutputLock lock(temp / "out");
        fs::create_directories(temp / "out/cache");
    }
    CHECK(!fs::exists(temp / "out"));
    {
        const OutputLock lock(temp / "out");
        write_file(temp / "out/model", "x");
    }
    CHECK(fs::exists(temp / "out/model"));
    fs::create_directories(temp / "old");
    { const OutputLock lock(temp / "old"); }
    CHECK(fs::exists(temp / "old"));
}
