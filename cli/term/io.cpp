// The real standard streams and the decision about colour.
#include "cli/term/io.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/error.h"

namespace ktrain::term {
namespace {

constexpr const char* cannot_write = "cannot write the output: ";

class DescriptorOutput final : public Output {
public:
    DescriptorOutput(int descriptor, bool buffered) : descriptor_(descriptor), buffered_(buffered) {}
    ~DescriptorOutput() override {
        try {
            flush();
        } catch (const std::exception&) {  // nobody is left to tell
        }
    }

    void write(std::string_view text) override {
        buffer_ += text;
        if (!buffered_ || is_terminal() || buffer_.size() >= 65536) flush();
    }

    void flush() override {
        std::string_view rest = buffer_;
        while (!rest.empty()) {
            const ssize_t n = ::write(descriptor_, rest.data(), rest.size());
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) {
                const int code = errno;
                buffer_.clear();
                if (code == EPIPE) throw ReaderGone();
                throw Error(ErrorKind::failed, cannot_write + std::string(std::strerror(code)), {},
                            code == ENOSPC ? "free some space on the disk" : "");
            }
            rest.remove_prefix(static_cast<std::size_t>(n));
        }
        buffer_.clear();
    }

    bool is_terminal() const override { return terminal_; }

    int width() const override {
        winsize size{};
        if (terminal_ && ::ioctl(descriptor_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
        return 80;
    }

private:
    int descriptor_;
    bool buffered_;
    bool terminal_ = ::isatty(descriptor_) == 1;
    std::string buffer_;
};

class DescriptorInput final : public Input {
public:
    std::string read_all(std::uint64_t max_bytes) override {
        std::string content;
        char buffer[65536];
        for (;;) {
            const ssize_t n = ::read(STDIN_FILENO, buffer, sizeof buffer);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0)
                throw Error(ErrorKind::failed, std::string("cannot read standard input: ") + std::strerror(errno));
            if (n == 0) return content;
            content.append(buffer, static_cast<std::size_t>(n));
            if (content.size() > max_bytes)
                throw Error(ErrorKind::input,
                            "standard input is larger than " + std::to_string(max_bytes >> 20) + " MiB", {},
                            limits::remedy);
        }
    }

    bool is_terminal() const override { return ::isatty(STDIN_FILENO) == 1; }
};

}  // namespace

Output& standard_output() {
    static DescriptorOutput stream(STDOUT_FILENO, true);
    return stream;
}

Output& standard_error() {
    static DescriptorOutput stream(STDERR_FILENO, false);
    return stream;
}

Input& standard_input() {
    static DescriptorInput stream;
    return stream;
}

bool use_color(ColorMode mode, const Output& stream, const Env& env) {
    if (mode != ColorMode::automatic) return mode == ColorMode::always;
    const auto set = [&](const char* name) { return !env.get(name).value_or("").empty(); };
    if (set("FORCE_COLOR")) return true;
    if (set("NO_COLOR")) return false;
    return stream.is_terminal() && env.get("TERM").value_or("dumb") != "dumb";
}

}  // namespace ktrain::term
