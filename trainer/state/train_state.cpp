// trainer_state.json: from and to the state of a run.
#include "trainer/state/train_state.h"

#include "core/base/error.h"

namespace ktrain::trainer {
namespace {

Json to_json(const Tally& tally) {
    return {{"loss", tally.loss}, {"correct", tally.correct}, {"count", tally.count}};
}

Tally tally_of(const Json& json) {
    return {json.at("loss").get<double>(), json.at("correct").get<std::int64_t>(),
            json.at("count").get<std::int64_t>()};
}

}  // namespace

std::string encode_state(const TrainState& state, const Json& limits, double epochs_done) {
    Json json = limits;
    json["epoch"] = epochs_done;
    json["global_step"] = state.step;
    json["log_history"] = state.log_history;
    json["best_metric"] = nullptr;
    json["best_global_step"] = nullptr;
    json["best_model_checkpoint"] = nullptr;
    json["is_hyper_param_search"] = false;
    json["is_local_process_zero"] = true;
    json["is_world_process_zero"] = true;
    json["num_input_tokens_seen"] = 0;
    json["total_flos"] = 0;
    json["trial_name"] = nullptr;
    json["trial_params"] = nullptr;
    json["stateful_callbacks"] = {{"ktrain",
                                   {{"epoch", state.epoch},
                                    {"samples_in_epoch", state.samples_in_epoch},
                                    {"in_epoch", to_json(state.in_epoch)},
                                    {"since_log", to_json(state.since_log)},
                                    {"data", state.data}}}};
    return nlohmann::json::parse(json.dump()).dump(2) + "\n";  // the plain json type sorts its keys
}

TrainState decode_state(const std::string& text, const std::string& file) {
    const Json json = parse_json(text, file);
    try {
        const Json& own = json.at("stateful_callbacks").at("ktrain");
        TrainState state;
        state.step = json.at("global_step").get<std::int64_t>();
        state.log_history = json.at("log_history");
        state.epoch = own.at("epoch").get<std::int64_t>();
        state.samples_in_epoch = own.at("samples_in_epoch").get<std::int64_t>();
        state.in_epoch = tally_of(own.at("in_epoch"));
        state.since_log = tally_of(own.at("since_log"));
        state.data = own.at("data");
        return state;
    } catch (const Json::exception&) {
        throw Error(ErrorKind::input, file + " is not the state of a ktrain run", {file, 0, 0, ""},
                    "name a checkpoint folder that ktrain wrote");
    }
}

}  // namespace ktrain::trainer
