// The table of keys, and the schema that follows from it.
#include "core/estimate/schema.h"

#include <array>

#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

// bytes: a whole number from 0 on; range: {low, mid, high}; lists have objects, or texts.
enum class Type { object, list, texts, text, whole, bytes, number, flag, range };
enum class Null { no, yes };
// Whether the key is there. `detailed`: always with this profile, never with the handbook's.
enum class Given { always, sometimes, detailed };

struct Key {
    std::string_view path;  // "fits[].gpu": of each entry of a list
    Type type;
    std::string_view help;
    Null null = Null::no;
    Given given = Given::always;
};

// In the order of the output; a group comes before what is in it.
constexpr std::array keys{
    Key{"profile", Type::text, "Formulas: detailed, or the handbook's (docs)"},
    Key{"inputs", Type::object, "What was estimated"},
    Key{"inputs.model", Type::text, "Catalog id, folder, or count"},
    Key{"inputs.family", Type::text, "model_type of Hugging Face; empty for a bare count"},
    Key{"inputs.source", Type::text, "Where the shape is from"},
    Key{"inputs.parameters", Type::bytes, "Of the whole model"},
    Key{"inputs.trainable_parameters", Type::bytes, "Null where the shape does not tell", Null::yes},
    Key{"inputs.hidden_size", Type::bytes, "0 when not known"},
    Key{"inputs.num_hidden_layers", Type::bytes, "0 when not known"},
    Key{"inputs.dtype", Type::text, "Storage type of the weights"},
    Key{"inputs.weight_bits", Type::bytes, "Of a weight, quantised or not"},
    Key{"inputs.method", Type::text, "Training method"},
    Key{"inputs.per_device_train_batch_size", Type::bytes, "Samples of a micro-batch"},
    Key{"inputs.gpu", Type::text, "That was asked for", Null::yes},
    Key{"inputs.r", Type::bytes, "Rank; not of method full", Null::no, Given::sometimes},
    Key{"inputs.max_length", Type::bytes, "Tokens of a sequence; not of simple_cnn", Null::no, Given::sometimes},
    Key{"components", Type::list, "What one GPU holds, each at its own peak"},
    Key{"components[].label", Type::text, "Such as weights"},
    Key{"components[].bytes", Type::bytes, "On one GPU"},
    Key{"components[].formula", Type::text, "With its numbers"},
    Key{"components[].source", Type::text, "Of the formula", Null::no, Given::sometimes},
    Key{"total", Type::bytes, "Sum of the components"},
    Key{"fits", Type::list, "The GPU that was asked for, or all"},
    Key{"fits[].gpu", Type::text, "Id of the catalog"},
    Key{"fits[].memory_bytes", Type::bytes, "Null when not known", Null::yes},
    Key{"fits[].fits", Type::flag, "Null when the memory is not known", Null::yes},
    Key{"fits[].headroom_bytes", Type::whole, "Left; negative: missing", Null::yes},
    Key{"nearest", Type::text, "The smallest GPU that fits when the one asked for does not", Null::yes},
    Key{"assumptions", Type::texts, "Sentences"},
    Key{"warnings", Type::texts, "Sentences"},
    Key{"phases", Type::list, "Of a step", Null::no, Given::detailed},
    Key{"phases[].name", Type::text, "Such as loss"},
    Key{"phases[].bytes", Type::bytes, "In use"},
    Key{"peak_phase", Type::text, "The one that holds most", Null::no, Given::detailed},
    Key{"active_bytes", Type::bytes, "In use at the peak", Null::no, Given::detailed},
    Key{"reserved_bytes", Type::bytes, "Held by the allocator", Null::no, Given::detailed},
    Key{"outside_bytes", Type::bytes, "Of the GPU, not of the allocator", Null::no, Given::detailed},
    Key{"recommended_bytes", Type::bytes, "To look for in a GPU", Null::no, Given::detailed},
    Key{"host_bytes", Type::bytes, "Of the memory of a node, for what is offloaded", Null::no, Given::detailed},
    Key{"pipeline_stage", Type::text, "The GPUs that need the most: first or last", Null::no, Given::sometimes},
    Key{"margin", Type::text, "How recommended_bytes follows", Null::no, Given::detailed},
    Key{"confidence", Type::object, "Of active_bytes", Null::no, Given::detailed},
    Key{"confidence.low_bytes", Type::bytes, "The peak is above it, nine times of ten"},
    Key{"confidence.high_bytes", Type::bytes, "The peak is below it, nine times of ten"},
    Key{"confidence.basis", Type::text, "What that was measured on"},
    Key{"job", Type::object, "Hours and dollars, once the tokens are known", Null::no, Given::sometimes},
    Key{"job.gpus", Type::bytes, "In all"},
    Key{"job.time", Type::object, "Of the whole training"},
    Key{"job.time.tokens", Type::number, "Trained in all"},
    Key{"job.time.flops_per_token", Type::number, "Useful ones"},
    Key{"job.time.executed_flops_per_token", Type::number, "With what is computed again"},
    Key{"job.time.flops_formula", Type::text, "With its numbers"},
    Key{"job.time.mfu", Type::range, "Share of the peak, 0 to 1; null when not known", Null::yes},
    Key{"job.time.tokens_per_second_per_gpu", Type::range, "Low is the slowest"},
    Key{"job.time.speed_formula", Type::text, "With its numbers"},
    Key{"job.time.lines", Type::list, "Whose sum is seconds"},
    Key{"job.time.lines[].label", Type::text, "Such as training"},
    Key{"job.time.lines[].seconds", Type::range, "Low is the shortest"},
    Key{"job.time.lines[].formula", Type::text, "With the numbers of the middle"},
    Key{"job.time.lines[].source", Type::text, "Of its constants"},
    Key{"job.time.seconds", Type::range, "In all"},
    Key{"job.time.assumptions", Type::texts, "Sentences"},
    Key{"job.time.warnings", Type::texts, "Sentences"},
    Key{"job.tokens_guess", Type::object, "Where the tokens are guessed from the size of the data", Null::yes},
    Key{"job.tokens_guess.tokens", Type::number, "Of an epoch"},
    Key{"job.tokens_guess.basis", Type::text, "What it follows from"},
    Key{"job.tokens_guess.count_with", Type::text, "The commands that count them"},
    Key{"job.capacity", Type::text, "Which price counts: on demand, reserved or spot"},
    Key{"job.offers", Type::list, "Cheapest first"},
    Key{"job.offers[].cloud", Type::text, "Such as aws"},
    Key{"job.offers[].region", Type::text, "May be empty"},
    Key{"job.offers[].instance", Type::text, "Type of the machine"},
    Key{"job.offers[].capacity", Type::text, "As job.capacity"},
    Key{"job.offers[].instances", Type::bytes, "Bought whole"},
    Key{"job.offers[].gpus", Type::bytes, "In all of them"},
    Key{"job.offers[].idle_gpus", Type::bytes, "Paid for and not used"},
    Key{"job.offers[].usd_per_hour", Type::range, "Of all instances; null when no price is known", Null::yes},
    Key{"job.offers[].usd_per_day", Type::range, "The same", Null::yes},
    Key{"job.offers[].usd_per_million_tokens", Type::range, "The same", Null::yes},
    Key{"job.offers[].usd_total", Type::range, "Of the training", Null::yes},
    Key{"job.offers[].as_of", Type::text, "Date of the price"},
    Key{"job.offers[].source", Type::text, "Of the price"},
    Key{"job.offers[].remark", Type::text, "May be empty"},
    Key{"job.dates", Type::text, "Of the prices; empty without offers"},
};

Json strict_object() {
    return {{"type", "object"},
            {"additionalProperties", false},
            {"required", Json::array()},
            {"properties", Json::object()}};
}

Json plain_schema(Type type) {
    switch (type) {
        case Type::object:
            return strict_object();
        case Type::list:
            return {{"type", "array"}, {"items", strict_object()}};
        case Type::texts:
            return {{"type", "array"}, {"items", {{"type", "string"}}}};
        case Type::text:
            return {{"type", "string"}};
        case Type::whole:
            return {{"type", "integer"}};
        case Type::bytes:
            return {{"type", "integer"}, {"minimum", 0}};
        case Type::number:
            return {{"type", "number"}};
        case Type::flag:
            return {{"type", "boolean"}};
        case Type::range:
            return {{"$ref", "#/$defs/range"}};
    }
    return {};
}

Json schema_of(const Key& key) {
    Json schema = plain_schema(key.type);
    if (key.null == Null::yes && key.type == Type::range)
        schema = {{"anyOf", {schema, {{"type", "null"}}}}};
    else if (key.null == Null::yes)
        schema["type"] = {schema["type"], "null"};
    schema["description"] = key.help;
    return schema;
}

// The object that the key is in, and its name there.
std::pair<Json*, std::string> place_of(Json& root, std::string_view path) {
    Json* at = &root;
    std::vector<std::string> steps = split(path, '.');
    const std::string name = std::move(steps.back());
    steps.pop_back();
    for (std::string step : steps) {
        const bool list = step.ends_with("[]");
        if (list) step.resize(step.size() - 2);
        if (!(*at)["properties"].contains(step))
            throw Error(ErrorKind::bug, "the table of keys names what is in \"" + step + "\" before itself");
        at = &(*at)["properties"][step];
        if (list) at = &(*at)["items"];
    }
    return {at, name};
}

}  // namespace

Json estimate_schema() {
    Json root = strict_object();
    Json detailed = Json::array();
    for (const Key& key : keys) {
        const auto [object, name] = place_of(root, key.path);
        (*object)["properties"][name] = schema_of(key);
        if (key.given == Given::always) (*object)["required"].push_back(name);
        if (key.given == Given::detailed) detailed.push_back(name);
    }
    Json range = strict_object();
    for (const char* name : {"low", "mid", "high"}) {
        range["properties"][name] = {{"type", "number"}};
        range["required"].push_back(name);
    }
    root["properties"]["profile"]["enum"] = {"detailed", "docs"};
    Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                   {"title", "The answer of ktrain estimate -o json"}};
    schema.update(root);
    schema["if"] = {{"properties", {{"profile", {{"const", "detailed"}}}}}};
    schema["then"] = {{"required", std::move(detailed)}};
    schema["$defs"] = {{"range", std::move(range)}};
    return schema;
}

}  // namespace ktrain
