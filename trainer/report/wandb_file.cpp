// The transaction log of W&B: its records and their framing.
#include "trainer/report/wandb_file.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "core/base/version.h"
#include "trainer/report/wire.h"

namespace ktrain::trainer {
namespace {

constexpr std::int64_t block = 32768, header_bytes = 7;
enum Piece : char { full = 1, first, middle, last };

std::string piece(Piece type, std::string_view bytes) {
    const std::string summed = std::string(1, type) + std::string(bytes);
    const auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(summed.data()), static_cast<uInt>(summed.size()));
    return little_endian(crc, 4) + little_endian(bytes.size(), 2) + summed;
}

// {key, value} of W&B's config, history and summary.
Message item(const std::string& key, const Json& value) {
    return Message().text(1, key).text(16, value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Message items(const Json& object) {
    Message message;
    for (const auto& [key, value] : object.items()) message.message(1, item(key, value));
    return message;
}

}  // namespace

// One entry of the log: the fields of W&B's Record that are written here.
class WandbFile::Record {
public:
    enum Field : unsigned { history = 2, summary = 3, config = 5, run = 17, exit = 18, header = 21, footer = 22 };
    Record(Field field, Message content) : field_(field), content_(std::move(content)) {}
    std::string bytes(std::int64_t number) const {
        return Message().number(1, number).message(field_, content_).bytes();
    }

private:
    Field field_;
    Message content_;
};

std::string wandb_log_record(std::int64_t at, std::string_view record) {
    std::string framed;
    for (bool begun = false, done = false; !done; begun = true) {
        std::int64_t room = block - (at + std::ssize(framed)) % block;
        if (room < header_bytes) {
            framed.append(static_cast<std::size_t>(room), '\0');
            room = block;
        }
        const std::string_view part = record.substr(0, static_cast<std::size_t>(room - header_bytes));
        record.remove_prefix(part.size());
        done = record.empty();
        framed += piece(begun ? (done ? last : middle) : (done ? full : first), part);
    }
    return framed;
}

void WandbFile::write(const Record& record) {
    file_->append(wandb_log_record(file_->size(), record.bytes(++records_)));
}

void WandbFile::begin(const Beginning& beginning) {
    const auto now = real_clock().now();
    const std::string id = wandb_run_id(settings_, beginning.step > 0);
    const std::string folder = fmt::format("{}/offline-run-{:%Y%m%d_%H%M%S}-{}", settings_.folder,
                                           fmt::gmtime(std::chrono::system_clock::to_time_t(now)), id);
    real_files().make_folders(folder);
    path_ = folder + "/run-" + id + ".wandb";
    file_ = std::make_unique<AppendedFile>(path_);
    if (file_->size() == 0) file_->append(wandb_log_header);
    const auto time = std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
    constexpr std::int64_t second = 1'000'000'000;
    Message run;
    run.text(1, id).text(2, settings_.entity).text(3, settings_.project);
    run.message(4, items(settings_.config)).text(6, settings_.group).text(8, settings_.name);
    run.number(14, beginning.step).message(17, Message().number(1, time / second).number(2, time % second));
    history_.begin(now);
    write({Record::header, Message().message(1, Message().text(1, std::string(version())).text(2, "0.12.0"))});
    write({Record::run, run});
}

void WandbFile::take(const Json& event) {
    if (!file_) return;
    const auto line = history_.line(event, real_clock().now());
    if (!line) return;
    Json whole = *line;
    whole["_step"] = lines_;
    Message history = items(whole);
    write({Record::history, history.message(2, Message().number(1, lines_++))});
}

Json WandbFile::finish(int exit_code) {
    if (!file_) return nullptr;
    write({Record::summary, items(history_.summary())});
    write({Record::exit, Message().number(1, exit_code)});
    write({Record::footer, {}});
    return {{"path", path_.substr(0, path_.rfind('/'))}, {"lines", lines_}};
}

}  // namespace ktrain::trainer
