// A copy of the tensors, and a thread that yields to those of the training.
#include "trainer/state/saver.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <new>

#include "core/base/signals_blocked.h"

namespace ktrain::trainer {
namespace {

// Of the calling thread and those it begins. Steps use every processor; hashing in their midst would slow them down.
void yield_to_others() {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 19);
}

// What of the content lies in memory that will change.
std::size_t size_of(const std::vector<CheckpointFile>& content) {
    std::size_t size = 0;
    for (const auto& file : content)
        for (const auto piece : file.memory) size += piece.size();
    return size;
}

}  // namespace

std::unique_ptr<char[]> Saver::take_memory(std::size_t bytes) {
    return std::unique_ptr<char[]>(new (std::nothrow) char[bytes]);
}

void Saver::reserve(std::size_t bytes) {
    if (!in_background_) return;
    capacity_ = bytes;
    const SignalsBlocked guard;
    reserved_ = std::async(std::launch::async, [this, bytes] {
        yield_to_others();
        copy_ = take_(bytes);
        if (copy_) std::memset(copy_.get(), 0, bytes);  // so that every page is there
    });
}

void Saver::save(std::int64_t step, std::vector<CheckpointFile> content, const Keep& keep, bool at_once) {
    const auto write = [this, step, keep](const std::vector<CheckpointFile>& files) {
        const auto began = std::chrono::steady_clock::now();
        std::string path = checkpoints_.save(step, files, keep);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        return Saved{std::move(path), step, took.count()};
    };
    if (!in_background_ || at_once || !make_room(size_of(content))) {
        std::promise<Saved> done;
        done.set_value(write(content));
        running_ = done.get_future();
        return;
    }
    own(content);
    const SignalsBlocked guard;
    running_ = std::async(std::launch::async, [write, content = std::move(content)] {
        yield_to_others();
        return write(content);
    });
}

std::optional<Saver::Saved> Saver::poll() {
    if (!running_.valid() || running_.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
        return std::nullopt;
    return running_.get();
}

std::optional<Saver::Saved> Saver::wait() {
    if (!running_.valid()) return std::nullopt;
    return running_.get();
}

// False where the system has no memory for a copy; it is not asked again.
bool Saver::make_room(std::size_t size) {
    const bool reserved = reserved_.valid();
    if (reserved) reserved_.get();
    if (size > capacity_ && (copy_ || !reserved)) {
        copy_.reset();  // never two at once
        copy_ = take_(size);
        capacity_ = size;
    }
    if (copy_ || size == 0) return true;
    in_background_ = false;
    trouble_ = fmt::format(
        "there is no memory for a copy of the checkpoint, {} bytes: from now on the training waits for each one",
        std::exchange(capacity_, 0));
    return false;
}

void Saver::own(std::vector<CheckpointFile>& content) {
    char* to = copy_.get();
    for (auto& file : content) {
        for (auto& piece : file.memory) {
            std::memcpy(to, piece.data(), piece.size());
            piece = {to, piece.size()};
            to += piece.size();
        }
        file.owner.reset();
    }
}

}  // namespace ktrain::trainer
