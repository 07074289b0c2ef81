// Encodes the lines of a file in some threads, as the loader does, and prints the seconds and the tokens; for bench.py.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "core/base/text.h"
#include "trainer/text/tokenizer.h"

using namespace ktrain;

namespace {

// Each thread takes the next few lines, so that all end together.
std::size_t encode(const trainer::Tokenizer& tokenizer, const std::vector<std::string>& lines, unsigned threads) {
    constexpr std::size_t portion = 64;
    std::atomic<std::size_t> next = 0, tokens = 0;
    const auto work = [&] {
        for (std::size_t at = next.fetch_add(portion); at < lines.size(); at = next.fetch_add(portion))
            for (std::size_t i = at; i < std::min(lines.size(), at + portion); ++i)
                tokens += tokenizer.encode(lines[i], true).size();
    };
    std::vector<std::thread> others;
    for (unsigned i = 1; i < threads; ++i) others.emplace_back(work);
    work();
    for (std::thread& other : others) other.join();
    return tokens;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 4) return 2;
    const trainer::Tokenizer tokenizer(real_files().read(arguments[1]), {}, arguments[1]);
    std::vector<std::string> lines = split(real_files().read(arguments[2]), '\n');
    lines.pop_back();
    const unsigned threads = static_cast<unsigned>(std::stoul(arguments[3]));
    encode(tokenizer, lines, threads);
    const auto begin = std::chrono::steady_clock::now();
    const std::size_t tokens = encode(tokenizer, lines, threads);
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    fmt::print("{} {}\n", passed.count(), tokens);
}
