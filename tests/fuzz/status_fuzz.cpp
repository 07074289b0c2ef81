// Fuzzes what a server refuses with: the first byte chooses the code, a head up to an empty line follows, then the
// body; all of it ends in one Error and warnings that can be shown.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/kube/http_reply.h"
#include "core/kube/retry.h"
#include "core/kube/status.h"
#include "core/kube/warning.h"
#include "tests/fuzz/expect.h"

using namespace ktrain;
using namespace ktrain::kube;

namespace {

constexpr int codes[] = {200, 302, 400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 501, 503, 504};

void read_head(HttpReply& reply, std::string_view head) {
    for (const std::string& line : split(head, '\n')) take_head_line(reply, line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text = fuzz::text_of(data, size).substr(1);
    const std::size_t head = text.find("\n\n");
    HttpReply reply;
    if (head != std::string_view::npos) read_head(reply, text.substr(0, head));
    reply.status = codes[data[0] % std::size(codes)];
    reply.body = head == std::string_view::npos ? text : text.substr(head + 2);
    const Error error = error_of(reply, {"apply", "configmap/a", "team"}, {"https://me:SECRET@server", "here"});
    fuzz::expect(!error.message.empty(), "errors have a message");
    fuzz::expect(error.kind != ErrorKind::bug, "an answer is no bug");
    for (const std::string& shown : {error.message, error.hint}) {
        fuzz::expect(printable(shown, true) == shown, "a message can be shown");
        fuzz::expect(text.find("SECRET") != std::string_view::npos || shown.find("SECRET") == std::string::npos,
                     "no password is told");
    }
    for (const std::string& warning : warnings_of(reply))
        fuzz::expect(!warning.empty() && printable(warning) == warning, "a warning can be shown");
    if (const auto wait = retry_after(reply))
        fuzz::expect(wait->count() >= 1 && wait->count() <= 3600, "a pause has bounds");
    return 0;
}
