// Interpolation between models of the catalog.
#include "core/model/guess.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/error.h"
#include "core/model/catalog.h"
#include "core/model/config_limits.h"
#include "core/model/parameters.h"
#include "core/model/weight_shape.h"

namespace ktrain {
namespace {

// By their counts.
constexpr std::array anchors{"smollm2-135m", "smollm2-360m",  "llama-3.2-1b",  "llama-3.2-3b",
                             "llama-3.1-8b", "llama-3.1-70b", "llama-3.1-405b"};

ModelShape anchor(std::size_t number) {
    const auto shape = find_in_catalog(anchors[number]);
    if (!shape) throw Error(ErrorKind::bug, fmt::format("{} is not in the catalog", anchors[number]));
    return *shape;
}

// Between two models, or beyond the last.
struct Between {
    ModelShape smaller, larger;
    double share = 0;  // 0: as the smaller one, 1: as the larger

    double operator()(double small, double large) const { return small * std::pow(large / small, share); }
    const ModelShape& nearer() const { return share < 0.5 ? smaller : larger; }
};

Between around(double parameters) {
    std::size_t upper = 1;
    while (upper + 1 < anchors.size() && static_cast<double>(anchor(upper).parameters) < parameters) ++upper;
    Between between{anchor(upper - 1), anchor(upper)};
    const double low = std::log(static_cast<double>(between.smaller.parameters));
    const double high = std::log(static_cast<double>(between.larger.parameters));
    between.share = (std::log(parameters) - low) / (high - low);
    return between;
}

std::int64_t rounded(double value, std::int64_t step) {
    const auto steps = static_cast<std::int64_t>(std::llround(value / static_cast<double>(step)));
    return step * std::clamp<std::int64_t>(steps, 1, config_limits::width / step);
}

// Heads in groups of eight from 4096 on, of four from 2048 on.
std::int64_t hidden_step(double hidden) {
    return hidden >= 4000 ? 1024 : hidden >= 2000 ? 512 : 64;
}

double relative_width(const ModelShape& shape) {
    return static_cast<double>(shape.ffn) / static_cast<double>(shape.hidden);
}

// Smaller than all: as many heads and layers as the smallest has, narrower, and an embedding that is as large a share
// of the parameters.
void shrink(double share_of_parameters, double share_of_hidden, ModelShape& shape) {
    const ModelShape smallest = shape;
    const auto scaled = [](std::int64_t size, double share) { return static_cast<double>(size) * share; };
    shape.hidden = rounded(scaled(smallest.hidden, share_of_hidden), 2 * smallest.heads);
    shape.head_dim = shape.hidden / smallest.heads;
    shape.ffn = rounded(relative_width(smallest) * static_cast<double>(shape.hidden), 16);
    shape.vocab = rounded(scaled(smallest.vocab, share_of_parameters / share_of_hidden), 64);
}

void interpolate(const Between& between, double hidden, ModelShape& shape) {
    shape.hidden = rounded(hidden, hidden_step(hidden));
    shape.ffn = rounded(
        between(relative_width(between.smaller), relative_width(between.larger)) * static_cast<double>(shape.hidden),
        shape.hidden >= 2000 ? 256 : 64);
    shape.head_dim = shape.hidden >= 3000 ? 128 : 64;
    shape.heads = std::max<std::int64_t>(shape.hidden / shape.head_dim, 1);
    shape.kv_heads = std::min(shape.kv_heads, shape.heads);
    while (shape.heads % shape.kv_heads != 0) --shape.kv_heads;
}

std::int64_t layers_for(ModelShape shape, std::int64_t parameters) {
    shape.layers = 1;
    const std::int64_t one = count_parameters(shape);
    shape.layers = 2;
    const std::int64_t layer = count_parameters(shape) - one;
    const double layers = static_cast<double>(parameters - one) / static_cast<double>(layer) + 1;
    return std::clamp<std::int64_t>(std::llround(layers), 1, config_limits::layers);
}

}  // namespace

ModelShape guessed_shape(const ModelShape& bare) {
    if (bare.hidden > 0 || bare.parameters <= 0) return bare;
    const Between between = around(static_cast<double>(bare.parameters));
    const double hidden =
        between(static_cast<double>(between.smaller.hidden), static_cast<double>(between.larger.hidden));
    ModelShape shape = between.nearer();
    shape.name = bare.name;
    shape.source = "guess";
    shape.note = bare.note;
    shape.dtype = bare.dtype;
    const auto size_of = [](const ModelShape& each) { return static_cast<double>(each.parameters); };
    if (between.share < 0)
        shrink(size_of(bare) / size_of(between.smaller), hidden / static_cast<double>(between.smaller.hidden), shape);
    else
        interpolate(between, hidden, shape);
    shape.layers = layers_for(shape, bare.parameters);
    shape.parameters = bare.parameters;
    add_note(shape,
             fmt::format("{} is only a count: its shape is guessed after models of that size (hidden size {}, {} "
                         "layers, {} heads, {} key heads, MLP {}, vocabulary {}, which make {} parameters)",
                         bare.name, shape.hidden, shape.layers, shape.heads, shape.kv_heads, shape.ffn, shape.vocab,
                         count_parameters(shape)));
    return shape;
}

}  // namespace ktrain
