// Framing of records, and the messages Event, Summary and SessionLog of TensorBoard.
#include "trainer/report/tensorboard.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>

#include "core/base/world.h"
#include "trainer/report/crc32c.h"
#include "trainer/report/wire.h"

namespace ktrain::trainer {
namespace {

// Stored checksums are masked, so that a checksum of bytes that hold checksums is still one.
std::string checksum(std::string_view bytes) {
    const std::uint32_t crc = crc32c(bytes);
    return little_endian((crc >> 15 | crc << 17) + 0xA282EAD8U, 4);
}

std::string framed(const Message& event) {
    const std::string length = little_endian(event.bytes().size(), 8);
    return length + checksum(length) + event.bytes() + checksum(event.bytes());
}

double seconds_now() {
    return std::chrono::duration<double>(real_clock().now().time_since_epoch()).count();
}

// A name that no other attempt has: TensorBoard reads the files of a folder in the order of their names.
std::string file_name(double wall_time) {
    static std::atomic<int> count{0};
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '-';
    return fmt::format("events.out.tfevents.{:010d}.{}.{}.{}", static_cast<std::int64_t>(wall_time), host.data(),
                       ::getpid(), count++);
}

}  // namespace

std::string version_record(double wall_time) {
    return framed(Message().real(1, wall_time).text(3, "brain.Event:2"));
}

std::string session_record(double wall_time, std::int64_t step) {
    constexpr int start = 1;
    return framed(Message().real(1, wall_time).number(2, step).message(7, Message().number(1, start)));
}

std::string scalars_record(double wall_time, std::int64_t step, const std::vector<Scalar>& scalars) {
    Message summary;
    for (const auto& [tag, value] : scalars)
        summary.message(1, Message().text(1, tag).single(2, static_cast<float>(value)));
    return framed(Message().real(1, wall_time).number(2, step).message(5, summary));
}

void TensorBoard::begin(const Beginning& beginning) {
    real_files().make_folders(folder_);
    const double now = seconds_now();
    file_ = std::make_unique<AppendedFile>(folder_ + "/" + file_name(now));
    file_->append(version_record(now) + session_record(now, beginning.step + 1));
}

void TensorBoard::take(const Json& event) {
    if (!file_) return;
    if (const auto found = scalars(event); !found.empty())
        file_->append(scalars_record(seconds_now(), event.at("step").get<std::int64_t>(), found));
}

}  // namespace ktrain::trainer
