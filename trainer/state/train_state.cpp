// trainer_state.json: from and to the state of a run.
#include "trainer/state/train_state.h"

#include "core/base/error.h"

namespace ktrain::trainer {
namespace {

Json to_json(const Tally& tally) {
    Json json = {{"loss", tally.loss}, {"correct", tally.correct}, {"count", tally.count}};
    if (!tally.sums.empty()) json["sums"] = tally.sums;
    return json;
}

Tally tally_of(const Json& json) {
    return {json.at("loss").get<double>(), json.at("correct").get<std::int64_t>(), json.at("count").get<std::int64_t>(),
            json.value("sums", std::map<std::string, double>())};
}

Json own_part(const TrainState& state) {
    Json own = {{"epoch", state.epoch},
                {"samples_in_epoch", state.samples_in_epoch},
                {"in_epoch", to_json(state.in_epoch)},
                {"since_log", to_json(state.since_log)},
                {"last_norm", state.last_norm},
                {"worse_in_row", state.worse_in_row},
                {"skipped_steps", state.skipped.steps},
                {"faulty_in_row", state.skipped.faulty_in_row},
                {"data", state.data},
                {"environment", state.environment}};
    if (state.evaluation) {
        own["evaluation"] = to_json(state.evaluation->tally);
        own["evaluation"]["step"] = state.evaluation->step;
    }
    return own;
}

void read_own_part(const Json& own, TrainState& state) {
    state.epoch = own.at("epoch").get<std::int64_t>();
    state.samples_in_epoch = own.at("samples_in_epoch").get<std::int64_t>();
    state.in_epoch = tally_of(own.at("in_epoch"));
    state.since_log = tally_of(own.at("since_log"));
    state.data = own.at("data");
    // From here on: what the first version of ktrain did not write.
    if (const Json& norm = at_path(own, {"last_norm"}); norm.is_number())  // null: of a skipped step, by older ones
        state.last_norm = norm.get<double>();
    state.worse_in_row = own.value("worse_in_row", std::int64_t{0});
    state.skipped = {own.value("skipped_steps", std::int64_t{0}), own.value("faulty_in_row", std::int64_t{0})};
    state.environment = own.value("environment", Json::object());
    if (own.contains("evaluation"))
        state.evaluation = {own.at("evaluation").at("step").get<std::int64_t>(), tally_of(own.at("evaluation"))};
}

// The Trainer saves no checkpoint of its own after one without this.
Json trainer_control() {
    Json args = {{"should_save", true}};
    for (const char* name : {"should_epoch_stop", "should_evaluate", "should_log", "should_training_stop"})
        args[name] = false;
    return {{"args", args}, {"attributes", Json::object()}};
}

Json or_null(bool there, const Json& value) {
    return there ? value : Json();
}

}  // namespace

std::map<std::string, double> Tally::means() const {
    std::map<std::string, double> means;
    if (count > 0)
        for (const auto& [name, sum] : sums) means[name] = sum / static_cast<double>(count);
    return means;
}

std::int64_t TrainState::logged() const {
    for (auto entry = log_history.rbegin(); entry != log_history.rend(); ++entry)
        if (entry->contains("learning_rate") && at_path(*entry, {"step"}).is_number_integer())
            return entry->at("step").get<std::int64_t>();
    return 0;
}

std::string encode_state(const TrainState& state, const StateFrame& frame) {
    const Best best = state.best.value_or(Best{});
    Json json = frame.limits;
    json["epoch"] = frame.epochs_done;
    json["global_step"] = state.step;
    json["log_history"] = state.log_history;
    json["best_metric"] = or_null(state.best.has_value(), best.metric);
    json["best_global_step"] = or_null(best.step.has_value(), best.step.value_or(0));
    json["best_model_checkpoint"] = or_null(!best.checkpoint.empty(), best.checkpoint);
    json["is_hyper_param_search"] = false;
    json["is_local_process_zero"] = true;
    json["is_world_process_zero"] = true;
    json["num_input_tokens_seen"] = 0;
    json["total_flos"] = 0;
    json["trial_name"] = nullptr;
    json["trial_params"] = nullptr;
    json["stateful_callbacks"]["ktrain"] = own_part(state);
    json["stateful_callbacks"]["TrainerControl"] = trainer_control();
    if (frame.patience > 0)
        json["stateful_callbacks"]["EarlyStoppingCallback"] = {
            {"args", {{"early_stopping_patience", frame.patience}, {"early_stopping_threshold", frame.threshold}}},
            {"attributes", {{"early_stopping_patience_counter", state.worse_in_row}}}};
    return nlohmann::json::parse(json.dump()).dump(2) + "\n";  // the plain json type sorts its keys
}

TrainState decode_state(const std::string& text, const std::string& file) {
    const Json json = parse_json(text, file);
    try {
        TrainState state;
        state.step = json.at("global_step").get<std::int64_t>();
        state.log_history = json.at("log_history");
        read_own_part(json.at("stateful_callbacks").at("ktrain"), state);
        if (json.at("best_metric").is_number()) {
            state.best = Best{json.at("best_metric").get<double>(), {}, string_or(json, "best_model_checkpoint")};
            if (json.at("best_global_step").is_number())
                state.best->step = json.at("best_global_step").get<std::int64_t>();
        }
        return state;
    } catch (const Json::exception&) {
        throw Error(ErrorKind::input, file + " is not the state of a ktrain run", {file, 0, 0, ""},
                    "name a checkpoint folder that ktrain wrote");
    }
}

}  // namespace ktrain::trainer
