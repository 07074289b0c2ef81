// The real file system: atomic writes and clear errors.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/base/error.h"
#include "core/base/world.h"

using namespace ktrain;

namespace {

struct Folder {
    std::string path;
    Folder() {
        char name[] = "/tmp/ktrain-test-XXXXXX";
        path = ::mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(path); }
};

ErrorKind kind_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.kind;
    }
    return ErrorKind::bug;
}

}  // namespace

TEST_CASE("a write replaces the whole file or nothing") {
    const Folder folder;
    const std::string path = folder.path + "/a";
    real_files().write(path, "one");
    CHECK(real_files().read(path) == "one");
    real_files().write(path, "two", 0600);
    CHECK(real_files().read(path) == "two");
    struct stat status {};
    ::stat(path.c_str(), &status);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(real_files().list(folder.path) == std::vector<std::string>{"a"});
    // The target is a folder: the rename fails, and no temporary stays behind.
    std::filesystem::create_directory(folder.path + "/b");
    CHECK_THROWS_AS(real_files().write(folder.path + "/b", "x"), Error);
    CHECK(real_files().list(folder.path) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("the umask is for new files, and a file that is written again keeps its permissions") {
    const Folder folder;
    const std::string path = folder.path + "/a";
    const mode_t mask = ::umask(027);
    real_files().write(path, "one", 0666);
    struct stat status {};
    ::stat(path.c_str(), &status);
    CHECK((status.st_mode & 0777) == 0640);
    ::chmod(path.c_str(), 0666);
    real_files().write(path, "two", 0666);
    ::stat(path.c_str(), &status);
    CHECK((status.st_mode & 0777) == 0666);
    real_files().write(path, "three", 0644);  // another mode is no kept one
    ::stat(path.c_str(), &status);
    CHECK((status.st_mode & 0777) == 0640);
    ::umask(mask);
}

TEST_CASE("reading tells what is wrong") {
    const Folder folder;
    CHECK(kind_of([&] { real_files().read(folder.path + "/none"); }) == ErrorKind::input);
    CHECK(kind_of([&] { real_files().read(folder.path); }) == ErrorKind::input);
    real_files().write(folder.path + "/big", std::string(100, 'x'));
    CHECK(kind_of([&] { real_files().read(folder.path + "/big", 99); }) == ErrorKind::input);
    CHECK(real_files().read(folder.path + "/big", 100).size() == 100);
    CHECK(kind_of([&] { real_files().write(folder.path + "/no/such", "x"); }) == ErrorKind::input);
}

TEST_CASE("of a large file only a part is read") {
    const Folder folder;
    const std::string path = folder.path + "/large";
    real_files().write(path, "0123456789");
    const std::uint64_t size = std::uint64_t{1} << 40;
    std::filesystem::resize_file(path, size);
    CHECK(real_files().size(path) == size);
    CHECK(real_files().read_part(path, 3, 4) == "3456");
    CHECK(real_files().read_part(path, size - 2, 100) == std::string(2, '\0'));
    CHECK(real_files().read_part(path, size, 100).empty());
    CHECK(real_files().read_part(path, UINT64_MAX, 1).empty());
    CHECK(kind_of([&] { real_files().read_part(folder.path, 0, 1); }) == ErrorKind::input);
    CHECK(kind_of([&] { real_files().size(folder.path + "/none"); }) == ErrorKind::input);
}

TEST_CASE("a pipe is read to its end, however late its writer comes") {
    const Folder folder;
    const std::string pipe = folder.path + "/pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    std::thread writer([&] {
        std::ofstream out(pipe);  // waits for the reader
        out << "first " << std::flush << "last";
    });
    CHECK(real_files().read(pipe) == "first last");
    writer.join();
    CHECK_FALSE(real_files().is_file(pipe));
}

TEST_CASE("a real path is the same for all names of a file") {
    const Folder folder;
    const std::string target = real_files().real_path(folder.path) + "/target";
    real_files().write(target, "one");
    std::filesystem::create_symlink("target", folder.path + "/link");
    CHECK(real_files().real_path(folder.path + "/./link") == target);
    CHECK(real_files().is_file(folder.path + "/link"));
    CHECK(real_files().real_path(folder.path + "/none") == folder.path + "/none");
    CHECK_FALSE(real_files().is_file(folder.path));
    CHECK(real_files().is_plain_file(target));
    CHECK_FALSE(real_files().is_plain_file(folder.path + "/link"));
    CHECK_FALSE(real_files().is_plain_file(folder.path));
    CHECK_FALSE(real_files().is_plain_file(folder.path + "/none"));
    CHECK_FALSE(real_files().is_plain_file("/dev/null"));
}

TEST_CASE("a write goes through links and devices, and never replaces them") {
    const Folder folder;
    real_files().write(folder.path + "/target", "one");
    std::filesystem::create_symlink("target", folder.path + "/link");
    real_files().write(folder.path + "/link", "two");
    CHECK(std::filesystem::is_symlink(folder.path + "/link"));
    CHECK(real_files().read(folder.path + "/target") == "two");
    std::filesystem::create_symlink("/dev/full", folder.path + "/full");
    CHECK(kind_of([&] { real_files().write(folder.path + "/full", "x"); }) == ErrorKind::failed);
    CHECK(std::filesystem::is_character_file("/dev/full"));
}

TEST_CASE("a large file of many pieces is written as they are, whatever the file system can do") {
    std::string bytes((std::size_t{40} << 20) + 12345, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2654435761U >> 13);
    const std::string_view all = bytes;
    std::size_t at = 0;
    std::vector<std::string_view> pieces;
    for (const std::size_t size : {3, 4096, 8 << 20, 1, 20'000'001, 0}) {
        pieces.push_back(all.substr(at, size));
        at += size;
    }
    pieces.push_back(all.substr(at));
    for (const char* place : {"/tmp", "/dev/shm"}) {
        CAPTURE(place);
        if (!real_files().is_folder(place)) continue;
        const std::string file = std::string(place) + "/ktrain-test-large";
        real_files().write_pieces(file, pieces);
        CHECK(real_files().read(file) == all);
        real_files().remove(file);
    }
}

TEST_CASE("a large file that does not fit leaves nothing behind") {
    const Folder folder;
    const std::string bytes(std::size_t{40} << 20, 'x');
    struct rlimit before {};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const struct rlimit small { 20 << 20, before.rlim_max };
    const auto heard = ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &small);
    CHECK(kind_of([&] { real_files().write(folder.path + "/large", bytes); }) == ErrorKind::failed);
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, heard);
    CHECK(real_files().list(folder.path).empty());
}
