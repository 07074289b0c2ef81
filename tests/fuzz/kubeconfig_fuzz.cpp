// Fuzzes kubeconfig reading: any text ends in a connection that can be used or in one Error that tells no secret.
#include "core/base/error.h"
#include "core/kube/auth.h"
#include "tests/fuzz/expect.h"
#include "tests/support/fake_world.h"
#include "tests/support/memory_files.h"

using namespace ktrain;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    test::FakeEnv env;
    env.values["KUBECONFIG"] = "/config";
    test::MemoryFiles files;
    files.contents["/config"] = fuzz::text_of(data, size);
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
