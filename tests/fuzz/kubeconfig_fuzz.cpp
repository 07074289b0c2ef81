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
    void rename(const std::string&, const std::string&) override {}

private:
    std::string text_;
};

// Whether SECRET stands in the text as the value of a secret alone: in a name it may be told.
bool is_secret(std::string_view text) {
    constexpr std::string_view word = "SECRET";
    std::size_t at = text.find(word);
    if (at == std::string_view::npos) return false;
    for (; at != std::string_view::npos; at = text.find(word, at + 1)) {
        std::string_view before = text.substr(0, at);
        before = before.substr(0, before.find_last_not_of(" \"'%") + 1);
        const bool value = before.ends_with("token:") || before.ends_with("password:") ||
                           before.ends_with("username:") || before.ends_with("client-key-data:") ||
                           before.ends_with("://user:");
        if (!value) return false;
    }
    return true;
}

// Whether a part that messages may quote holds the word, for example a name.
bool is_public(const test::FakeEnv& env, const Files& files) {
    std::string quoted;
    const kube::Kubeconfig config = kube::load_kubeconfig("", env, files);
    for (const auto& entry : config.clusters)
        quoted +=
            entry.name + kube::without_password(entry.server) + kube::without_password(entry.proxy_url) + entry.ca.file;
    for (const auto& entry : config.users) {
        quoted += entry.name + entry.token_file + entry.certificate.file + entry.key.file;
        if (entry.exec) quoted += entry.exec->command + entry.exec->api_version;
    }
    for (const auto& entry : config.contexts) quoted += entry.name + entry.cluster + entry.user + entry.namespace_;
    return (quoted + config.current_context).find("SECRET") != std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    test::FakeEnv env;
    env.values["KUBECONFIG"] = "/config";
    const std::string_view text = fuzz::text_of(data, size);
    const OneFile files(text);
    try {
        const kube::Connection connection = kube::connect_as({}, env, files);
        fuzz::expect(connection.cluster.server.find("://") != std::string::npos, "a server is a URL");
        fuzz::expect(!connection.namespace_.empty(), "there is a namespace");
        kube::http_options(connection, files);
    } catch (const Error& error) {
        fuzz::expect(!error.message.empty(), "errors have a message");
        fuzz::expect(error.kind != ErrorKind::bug, "bad input is no bug");
        if (error.message.find("SECRET") == std::string::npos || !is_secret(text)) return 0;
        try {
            fuzz::expect(is_public(env, files), "secrets are not told");
        } catch (const Error&) {
            fuzz::expect(false, "secrets are not told by what refuses the file");
        }
    }
    return 0;
}
