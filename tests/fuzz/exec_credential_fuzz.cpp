// Fuzzes what a credential plugin prints: any text ends in a token or certificate that can be sent, or in an Error
// that tells nothing of it.
#include "core/base/error.h"
#include "core/kube/exec_credential.h"
#include "tests/fuzz/expect.h"

using namespace ktrain;
using namespace ktrain::kube;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    UserEntry user;
    user.name = "me";
    user.exec.emplace();
    user.exec->api_version = "client.authentication.k8s.io/v1";
    user.exec->command = "login";
    const auto run = [&](const ProgramCall&) { return ProgramResult{.exit_code = 0, .output = text}; };
    try {
        const ExecCredential credential = run_exec_plugin(user, {}, "", false, run);
        fuzz::expect(!credential.token.empty() || !credential.certificate.empty(), "there is something to send");
        fuzz::expect(credential.certificate.empty() == credential.key.empty(), "a certificate has its key");
        for (const unsigned char c : credential.token) fuzz::expect(c > ' ' && c < 0x7f, "a token fits into a header");
    } catch (const Error& error) {
        fuzz::expect(error.kind == ErrorKind::denied, "the plugin is wrong, nobody else");
        fuzz::expect((error.message + error.hint).find("SECRET") == std::string::npos, "nothing of it is told");
    }
    return 0;
}
