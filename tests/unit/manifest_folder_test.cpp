// Bundles as folders: names, foreign files, stale files, full disks.
#include <doctest/doctest.h>

#include "core/manifest/folder.h"
#include "tests/support/specs.h"
#include "tests/support/worlds.h"

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

FolderChange write(const std::string& name, Files& files, std::int64_t nodes = 1) {
    return write_folder(make_plan(spec_named(name, nodes)), "out", files);
}

}  // namespace

TEST_CASE("one file for each object, in the order of applying") {
    test::MemoryFiles files;
    CHECK(write("job", files).written ==
          std::vector<std::string>{"out/00-namespace.yaml", "out/01-persistentvolumeclaim-a.yaml",
                                   "out/02-persistentvolumeclaim-b.yaml", "out/03-serviceaccount.yaml",
                                   "out/04-configmap.yaml", "out/05-job.yaml"});
    CHECK(files.contents.size() == 6);
}

TEST_CASE("writing again changes nothing, and files that are no longer needed go") {
    test::MemoryFiles files;
    write("job", files, 2);
    CHECK(files.exists("out/06-job.yaml"));
    const FolderChange change = write("job", files, 1);
    CHECK(change.removed == std::vector<std::string>{"out/05-service.yaml", "out/06-job.yaml"});
    CHECK_FALSE(files.exists("out/06-job.yaml"));
    const auto before = files.contents;
    write("job", files, 1);
    CHECK(files.contents == before);
}

TEST_CASE("the bundle of another job is replaced as a whole") {
    test::MemoryFiles files;
    write("job", files, 2);
    CHECK(write("another", files).removed.size() == 2);
    test::MemoryFiles only;
    write("another", only);
    CHECK(files.contents == only.contents);
}

TEST_CASE("files of others stay, and those that would be applied as well are named") {
    test::MemoryFiles files;
    files.contents = {{"out/extra.yaml", "kind: Service\n"},
                      {"out/old.json", "{}"},
                      {"out/late.yaml", "# mine\n# Written by ktrain generate for the job x\n"},
                      {"out/secret.yml", "unreadable"},
                      {"out/notes.txt", "# Written by ktrain generate for the job x\n"},
                      {"out/deeper/x.yaml", "# Written by ktrain generate for the job x\n"}};
    files.fail("read", 4, Error(ErrorKind::denied, "permission denied"));
    const auto before = files.contents;
    const FolderChange change = write("job", files);
    CHECK(change.removed.empty());
    CHECK(change.foreign ==
          std::vector<std::string>{"out/extra.yaml", "out/late.yaml", "out/old.json", "out/secret.yml"});
    for (const auto& [path, content] : before) CHECK(files.contents[path] == content);
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
}

TEST_CASE("a full disk changes nothing, whether the folder was empty or held a bundle") {
    for (int n = 1; n <= 6; ++n) {
        test::MemoryFiles files;
        files.fail("write", n, Error(ErrorKind::failed, "no space left on device"));
        CHECK_THROWS_AS(write("job", files), Error);
        CHECK(files.contents.empty());
        write("old", files, 2);  // one file more
        const auto before = files.contents;
        files.fail("write", files.count("write") + n, Error(ErrorKind::failed, "no space left on device"));
        CHECK_THROWS_AS(write("job", files), Error);
        CHECK(files.contents == before);
        CHECK(write("job", files).removed.size() == 2);
        CHECK(files.contents.size() == 6);
    }
}

TEST_CASE("a file that cannot take its place changes nothing, whether the folder was empty or held a bundle") {
    for (int n = 1; n <= 6; ++n) {
        test::MemoryFiles files;
        files.fail("rename", n, Error(ErrorKind::failed, "input/output error"));
        CHECK_THROWS_AS(write("job", files), Error);
        CHECK(files.contents.empty());
    }
    for (int n = 1; n <= 12; ++n) {  // each old file moves aside before the new one takes its place
        test::MemoryFiles files;
        write("old", files);
        const auto before = files.contents;
        const int writes = files.count("write");
        files.fail("rename", files.count("rename") + n, Error(ErrorKind::failed, "input/output error"));
        CHECK_THROWS_AS(write("job", files), Error);
        CHECK(files.contents == before);
        CHECK(files.count("write") == writes + 6);  // putting back takes no space
    }
}

TEST_CASE("what is put back has the mode that it had") {
    test::MemoryFiles files;
    write("old", files);
    files.modes["out/00-namespace.yaml"] = 0600;
    files.fail("rename", files.count("rename") + 4, Error(ErrorKind::failed, "input/output error"));
    CHECK_THROWS_AS(write("job", files), Error);
    CHECK(files.modes["out/00-namespace.yaml"] == 0600);
}

TEST_CASE("what a call that was killed has moved aside is cleared away") {
    test::MemoryFiles files;
    write("job", files);
    const auto before = files.contents;
    files.rename("out/05-job.yaml", "out/05-job.yaml.ktrain-old");
    files.contents["out/05-job.yaml.ktrain-new"] = "half";
    write("job", files);
    CHECK(files.contents == before);
}

TEST_CASE("what cannot be put back is named") {
    test::MemoryFiles files;
    write("old", files);
    files.fail("rename", files.count("rename") + 6, Error(ErrorKind::failed, "input/output error"));
    files.fail("rename", files.count("rename") + 8, Error(ErrorKind::failed, "input/output error"));
    try {
        write("job", files);
        FAIL("written");
    } catch (const Error& error) {
        CHECK(error.message == "input/output error");
        CHECK(error.hint == "new and not put back: out/01-persistentvolumeclaim-a.yaml; generate again");
    }
    CHECK(files.contents.size() == 7);
}
