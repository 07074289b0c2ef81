// Fuzzes kubeconfig reading: any text ends in a connection that can be used or in one Error that tells no secret.
#include "core/base/error.h"
#include "core/kube/auth.h"
#include "tests/fuzz/expect.h"
#include "tests/support/fake_world.h"

using namespace ktrain;

namespace {

// The one file that there is.
class OneFile final : public Files {
public:
    explicit OneFile(std::string_view text) : text_(text) {}
    std::string read(const std::string& path, std::uint64_t) const override {
        if (path == "/config") return text_;
        throw Error(ErrorKind::input, "cannot read a file", {path, 0, 0, ""});
    }
    bool exists(const std::string& path) const override { return path == "/config"; }
    bool is_folder(const std::string&) const override { return false; }
    bool is_file(const std::string& path) const override { return exists(path); }
    std::string real_path(const std::string& path) const override { return path; }
    std::vector<std::string> list(const std::string&) const override { return {}; }
    void write(const std::string&, std::string_view, unsigned) override {}
    void make_folders(const std::string&) override {}
    void remove(const std::string&) override {}

private:
    std::string text_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    test::FakeEnv env;
    env.values["KUBECONFIG"] = "/config";
    const OneFile files(fuzz::text_of(data, size));
    try {
        const kube::Connection connection = kube::connect_as({}, env, files);
        fuzz::expect(connection.cluster.server.find("://") != std::string::npos, "a server is a URL");
        fuzz::expect(!connection.namespace_.empty(), "there is a namespace");
        kube::http_options(connection, files);
    } catch (const Error& error) {
        fuzz::expect(!error.message.empty(), "errors have a message");
        fuzz::expect(error.kind != ErrorKind::bug, "bad input is no bug");
        fuzz::expect(error.message.find("SECRET") == std::string::npos, "secrets are not told");
    }
    return 0;
}
