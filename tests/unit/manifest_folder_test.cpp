// Bundles as folders: names, foreign files, stale files, full disks.
#include <doctest/doctest.h>

#include "core/manifest/folder.h"
#include "tests/support/worlds.h"
#include "tests/support/specs.h"

using namespace ktrain;

namespace {

TrainingSpec spec_named(const std::string& name, std::int64_t nodes = 1) {
    TrainingSpec spec;
    spec.metadata = {.name = name, .namespace_ = "training", .labels = {}};
    spec.output_dir = "/output";
    spec.resources.nodes = nodes;
    spec.cluster.image = "ktrain:1.0";
    spec.cluster.volumes = {test::volume("a", "/output", "1Gi", "ReadWriteMany"),
                            test::volume("b", "/b", "1Gi", "ReadWriteMany")};
    return spec;
}

std::vector<std::string> write(const std::string& name, Files& files, std::int64_t nodes = 1) {
    return write_folder(make_plan(spec_named(name, nodes)), "out", files);
}

}  // namespace

TEST_CASE("one file for each object, in the order of applying") {
    test::MemoryFiles files;
    CHECK(write("job", files) ==
          std::vector<std::string>{"out/00-namespace.yaml", "out/01-persistentvolumeclaim-a.yaml",
                                   "out/02-persistentvolumeclaim-b.yaml", "out/03-serviceaccount.yaml",
                                   "out/04-configmap.yaml", "out/05-job.yaml"});
    CHECK(files.contents.size() == 6);
}

TEST_CASE("writing again changes nothing, and files that are no longer needed go") {
    test::MemoryFiles files;
    write("job", files, 2);
    CHECK(files.exists("out/06-job.yaml"));
    files.contents["out/notes.yaml"] = "mine";
    write("job", files, 1);
    CHECK_FALSE(files.exists("out/06-job.yaml"));
    CHECK(files.exists("out/notes.yaml"));
    const auto before = files.contents;
    write("job", files, 1);
    CHECK(files.contents == before);
}

TEST_CASE("files of others stop it before anything is written") {
    test::MemoryFiles files;
    files.contents["out/05-job.yaml"] = "kind: Job\n";
    const auto before = files.contents;
    try {
        write("job", files);
        FAIL("overwritten");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::conflict);
        CHECK(error.where.file == "out/05-job.yaml");
    }
    CHECK(files.contents == before);
    test::MemoryFiles other;
    write("job", other);
    CHECK_THROWS_AS(write("another", other), Error);
}

TEST_CASE("a full disk leaves no new file behind") {
    for (int n = 1; n <= 6; ++n) {
        test::MemoryFiles files;
        files.fail("write", n, Error(ErrorKind::failed, "no space left on device"));
        CHECK_THROWS_AS(write("job", files), Error);
        CHECK(files.contents.empty());
    }
}
