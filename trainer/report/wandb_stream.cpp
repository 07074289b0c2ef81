// The queue of a W&B run, and the thread that sends it.
#include "trainer/report/wandb_stream.h"

#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>

#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/names.h"
#include "core/base/signals_blocked.h"
#include "core/kube/proxy.h"
#include "trainer/report/wandb_later.h"
#include "trainer/report/wandb_service.h"

namespace ktrain::trainer {
namespace {

using std::chrono::steady_clock;

// Asks a request to stop once the time for saying farewell is over.
class DeadlineClock final : public Clock {
public:
    std::atomic<steady_clock::time_point> deadline{steady_clock::time_point::max()};

    std::chrono::system_clock::time_point now() const override { return std::chrono::system_clock::now(); }
    steady_clock::time_point steady() const override { return steady_clock::now(); }
    bool sleep(std::chrono::milliseconds) override { return stop_signal() == 0; }
    int stop_signal() const override { return steady_clock::now() >= deadline.load() ? SIGTERM : 0; }
};

// Whether others on the network can read what is sent there: not https, and not this machine itself.
bool in_the_clear(const std::string& url) {
    const std::string address = lower(url);
    if (address.starts_with("https://")) return false;
    const std::string_view host = std::string_view(address).substr(address.starts_with("http://") ? 7 : 0);
    for (const std::string_view here : {"127.", "localhost", "[::1]"})
        if (host.starts_with(here)) return false;
    return true;
}

}  // namespace

class WandbStream::Worker {
public:
    Worker(const WandbSettings& settings, const WandbPace& pace, const MakeHttp& make)
        : pace_(pace), service_(settings, make(settings.base_url, clock_)) {}

    void add(WandbService::Line line, const Json& summary) {
        const std::lock_guard lock(mutex_);
        summary_ = summary;
        if (over_) {
            ++dropped_;
            return;
        }
        queue_.push_back(std::move(line));
        if (queue_.size() <= pace_.queue) return;
        queue_.pop_front();
        ++dropped_;
    }

    std::optional<std::string> trouble() {
        const std::lock_guard lock(mutex_);
        return std::exchange(trouble_, std::nullopt);
    }

    // Lets the thread send what is left, for a while. False when it still hangs then.
    bool finish(int exit_code) {
        std::unique_lock lock(mutex_);
        exit_code_ = exit_code;
        closing_ = true;
        const auto deadline = steady_clock::now() + pace_.farewell;
        clock_.deadline = deadline;
        changed_.notify_all();
        return changed_.wait_until(lock, deadline + std::chrono::seconds(1), [&] { return over_; });
    }

    Json report() {
        const std::lock_guard lock(mutex_);
        Json report = {{"url", url_}, {"sent", sent_}, {"dropped", lost_lines()}};
        if (known_ > 0) report["known"] = known_;
        return report;
    }

    // The thread.
    void run() {
        std::string failure;
        try {
            send_all();
        } catch (const std::exception& error) {  // out of the thread it would end the process
            failure = error.what();
        }
        const std::lock_guard lock(mutex_);
        if (!failure.empty() && !std::exchange(told_end_, true))
            trouble_ = fmt::format("W&B: {}; nothing more is sent there", failure);
        dropped_ += std::ssize(queue_) + std::exchange(on_the_way_, 0);
        queue_.clear();
        over_ = true;
        changed_.notify_all();
    }

private:
    std::int64_t lost_lines() const { return dropped_ + std::ssize(queue_) + on_the_way_; }

    using Outcome = WandbService::Outcome;
    using Answer = WandbService::Answer;

    void send_all() {
        if (!insist([&] { return service_.open(); })) return;
        {
            const std::lock_guard lock(mutex_);
            url_ = service_.url();
        }
        for (auto last = steady_clock::now();;) {
            const bool closing = wait_for_work();
            for (auto batch = next_batch(); !batch.empty(); batch = next_batch()) {
                std::int64_t arrived = 0;
                const auto send = [&] {
                    const Outcome outcome = service_.send(batch, summary());
                    arrived = outcome.lines;
                    return outcome;
                };
                if (!insist(send)) return;
                last = steady_clock::now();
                const std::lock_guard lock(mutex_);
                sent_ += arrived;
                known_ += std::exchange(on_the_way_, 0) - arrived;
            }
            if (closing) {
                insist([&] { return service_.close(exit_code_); });
                return;
            }
            if (steady_clock::now() - last < pace_.heartbeat) continue;
            if (!insist([&] { return service_.send({}, {}); })) return;
            last = steady_clock::now();
        }
    }

    // Tries until it is done; false when that can never be, or the time is over.
    template <class Action>
    bool insist(Action action) {
        for (auto pause = pace_.first_retry;; pause = std::min(2 * pause, pace_.longest_retry)) {
            const Outcome outcome = action();
            if (outcome.answer == Answer::done) return true;
            tell(outcome);
            if (outcome.answer == Answer::never || !rest(pause)) return false;
        }
    }

    // The first trouble of each kind: that it is tried again, and that it is given up.
    void tell(const Outcome& outcome) {
        const bool final = outcome.answer == Answer::never;
        const std::lock_guard lock(mutex_);
        if (clock_.stop_signal() != 0 || std::exchange(final ? told_end_ : told_retry_, true)) return;
        trouble_ = fmt::format("W&B: {}; {}the training goes on", outcome.why,
                               final ? "nothing more is sent there, and " : "it is tried again, and ");
    }

    // False when the time is over. The beginning of the end cuts a pause short: there is time for one more try.
    bool rest(WandbPace::Milliseconds pause) {
        std::unique_lock lock(mutex_);
        const auto until = std::min(steady_clock::now() + pause, clock_.deadline.load());
        changed_.wait_until(lock, until, [&, before = closing_] { return closing_ != before; });
        return clock_.stop_signal() == 0;
    }

    bool wait_for_work() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, pace_.send, [&] { return closing_; });
    }

    std::vector<WandbService::Line> next_batch() {
        const std::lock_guard lock(mutex_);
        const auto count = std::min<std::ptrdiff_t>(std::ssize(queue_), static_cast<std::ptrdiff_t>(pace_.batch));
        std::vector<WandbService::Line> batch(std::make_move_iterator(queue_.begin()),
                                              std::make_move_iterator(queue_.begin() + count));
        queue_.erase(queue_.begin(), queue_.begin() + count);
        on_the_way_ = count;
        return batch;
    }

    Json summary() {
        const std::lock_guard lock(mutex_);
        return summary_;
    }

    WandbPace pace_;
    DeadlineClock clock_;
    WandbService service_;  // of the thread alone

    std::mutex mutex_;  // guards everything below
    std::condition_variable changed_;
    std::deque<WandbService::Line> queue_;
    std::int64_t on_the_way_ = 0, sent_ = 0, dropped_ = 0;
    std::int64_t known_ = 0;  // of steps that the service had when the run was opened
    Json summary_;
    std::string url_;
    std::optional<std::string> trouble_;
    bool told_retry_ = false, told_end_ = false;
    bool closing_ = false, over_ = false;
    int exit_code_ = 0;
};

WandbStream::WandbStream(WandbSettings settings, WandbPace pace, MakeHttp make_http)
    : settings_(std::move(settings)), pace_(pace), make_http_(std::move(make_http)) {
    if (!make_http_)
        make_http_ = [](const std::string& base_url, Clock& clock) {
            return kube::make_http({.server = base_url,
                                    .proxy_url = kube::proxy_of(base_url, real_env()),
                                    .connect_timeout = std::chrono::seconds(5),
                                    .request_timeout = std::chrono::seconds(10)},
                                   clock);
        };
}

WandbStream::~WandbStream() {
    if (thread_.joinable()) finish(exit_code::failed);
}

void WandbStream::begin(const Beginning& beginning) {
    if (settings_.key.empty()) throw Error(ErrorKind::input, "W&B needs a key, and WANDB_API_KEY is not set");
    settings_.id = wandb_run_id(settings_, beginning.step > 0);
    history_.begin(real_clock().now());
    if (in_the_clear(settings_.base_url))
        clear_ = fmt::format("W&B: {} is no https address: the key goes there unencrypted", settings_.base_url);
    worker_ = std::make_shared<Worker>(settings_, pace_, make_http_);
    const SignalsBlocked blocked;
    thread_ = std::thread([worker = worker_] { worker->run(); });
}

void WandbStream::take(const Json& event) {
    if (!worker_) return;
    if (auto line = history_.line(event, real_clock().now()))
        worker_->add({event.at("step").get<std::int64_t>(), std::move(*line)}, history_.summary());
}

std::optional<std::string> WandbStream::trouble() {
    if (auto clear = std::exchange(clear_, std::nullopt)) return clear;
    if (worker_)
        if (auto trouble = worker_->trouble()) return trouble;
    return std::exchange(last_, std::nullopt);
}

Json WandbStream::finish(int exit_code) {
    if (!worker_) return nullptr;
    if (worker_->finish(exit_code))
        thread_.join();
    else
        thread_.detach();
    const Json report = worker_->report();
    const auto count = [&](const char* name) {
        return at_path(report, {name}).is_null() ? 0 : report[name].get<std::int64_t>();
    };
    if (const std::int64_t lost = count("dropped"); lost > 0)
        last_ = keep_for_later(settings_, {lost, count("sent") + count("known") > 0, exit_code});
    return report;
}

}  // namespace ktrain::trainer
