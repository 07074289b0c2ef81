// The grid behind a page's sliders: each cell is what the command answers for those settings.
#include <doctest/doctest.h>

#include <set>

#include "core/base/error.h"
#include "core/estimate/what_if.h"
#include "core/model/catalog.h"

using namespace ktrain;

namespace {

TrainingSpec spec_of(const std::string& method) {
    TrainingSpec spec;
    spec.model.dtype = "bfloat16";
    spec.method.type = method;
    spec.method.r = 12;
    spec.training.per_device_train_batch_size = 3;
    spec.objective.max_length = 1000;
    spec.resources.gpu = "a100-40gb";
    return spec;
}

struct Grid {
    ModelShape shape = *find_in_catalog("llama-2-7b");
    Profile profile = Profile::detailed;
    TrainingSpec spec;
    Json json;

    explicit Grid(TrainingSpec wanted, Profile by = Profile::detailed) : profile(by), spec(std::move(wanted)) {
        json = what_if(count(spec), [&](const TrainingSpec& other) { return count(other); });
    }
    Estimate count(const TrainingSpec& other) const { return estimate(other, shape, profile); }

    // The positions of a cell, the last axis first to change.
    std::vector<std::size_t> positions(std::size_t index) const {
        std::vector<std::size_t> found;
        for (std::size_t i = json["axes"].size(); i-- > 0;) {
            const std::size_t size = json["axes"][i]["values"].size();
            found.insert(found.begin(), index % size);
            index /= size;
        }
        return found;
    }

    const Json& kind(std::size_t index) const { return json["kinds"][json["cells"][index].get<std::size_t>()]; }
    std::string text(const Json& number) const { return json["texts"][number.get<std::size_t>()]; }
};

void set(TrainingSpec& spec, const std::string& axis, std::int64_t value) {
    if (axis == "batch") spec.training.per_device_train_batch_size = value;
    if (axis == "length") spec.objective.max_length = value;
    if (axis == "rank") spec.method.r = value;
    if (axis == "checkpointing") spec.training.gradient_checkpointing = value != 0;
    if (axis == "gpus") spec.resources.gpus_per_node = value;
    if (axis == "sharing")
        spec.parallel.strategy =
            std::vector{"ddp", "zero1", "zero2", "zero3", "fsdp"}.at(static_cast<std::size_t>(value));
}

void same(const Grid& grid, const Json& cell, const Estimate& wanted) {
    CHECK(cell[0] == wanted.needed);
    CHECK(cell[5] == *wanted.trainable_parameters);
    REQUIRE(cell[8].size() == wanted.memory.lines.size());
    for (std::size_t i = 0; i < cell[8].size(); ++i) {
        const Json& line = grid.json["lines"][cell[8][i].get<std::size_t>()];
        CHECK(grid.text(line[0]) == wanted.memory.lines[i].label);
        CHECK(line[1] == wanted.memory.lines[i].bytes);
        CHECK(grid.text(line[2]) == wanted.memory.lines[i].formula);
    }
    std::size_t gpu = 0;
    for (const Json& run : cell[12])
        for (int i = 0; i < run[0].get<int>(); ++i, ++gpu)
            CHECK(run[1] == wanted.fits[gpu].gpu.memory - wanted.fits[gpu].headroom);
    CHECK(wanted.fits[gpu].gpu.memory == 0);  // the only one whose memory is not known
    if (!wanted.step) {
        CHECK(cell[1].is_null());
        return;
    }
    CHECK(cell[1] == wanted.step->active);
    CHECK(cell[2] == wanted.step->reserved);
    CHECK(cell[3] == wanted.step->outside);
    CHECK(cell[4] == wanted.step->host);
    CHECK(cell[10] == wanted.step->low);
    CHECK(cell[11] == wanted.step->high);
    CHECK(grid.text(cell[6]) == wanted.step->margin);
    CHECK(grid.text(cell[7]) == wanted.step->peak_phase);
    REQUIRE(cell[9].size() == wanted.step->phases.size());
    for (std::size_t i = 0; i < cell[9].size(); ++i) {
        const Json& phase = grid.json["phases"][cell[9][i].get<std::size_t>()];
        CHECK(grid.text(phase[0]) == wanted.step->phases[i].name);
        CHECK(phase[1] == wanted.step->phases[i].bytes);
    }
}

std::set<std::string> axes_of(const Grid& grid) {
    std::set<std::string> names;
    for (const Json& axis : grid.json["axes"]) names.insert(axis["name"]);
    return names;
}

}  // namespace

TEST_CASE("every cell is the estimate of its settings") {
    for (const auto& [method, profile] : {std::pair{"lora", Profile::detailed},
                                          {"full", Profile::detailed},
                                          {"qlora", Profile::detailed},
                                          {"lora", Profile::docs}}) {
        CAPTURE(method);
        const Grid grid(spec_of(method), profile);
        const Json& cells = grid.json["cells"];
        std::size_t expected = 1;
        for (const Json& axis : grid.json["axes"]) expected *= axis["values"].size();
        CHECK(cells.size() == expected);
        for (std::size_t index = 0; index < cells.size(); index += 31) {
            CAPTURE(index);
            TrainingSpec spec = grid.spec;
            const auto positions = grid.positions(index);
            for (std::size_t i = 0; i < positions.size(); ++i)
                set(spec, grid.json["axes"][i]["name"], grid.json["axes"][i]["values"][positions[i]]);
            const bool alone =
                spec.resources.gpus_per_node < 2 && !spec.parallel.strategy.empty() && spec.parallel.strategy != "ddp";
            const Json& kind = grid.kind(index);
            CHECK(kind.is_number() == alone);
            if (alone)
                CHECK(grid.text(kind) == spec.parallel.strategy + " has one GPU, and nothing to share among several");
            else
                same(grid, kind, grid.count(spec));
        }
    }
}

TEST_CASE("the spec itself is where the axes start, though its values are no powers of two") {
    const Grid grid(spec_of("lora"));
    std::size_t index = 0;
    for (const Json& axis : grid.json["axes"]) index = index * axis["values"].size() + axis["start"].get<std::size_t>();
    same(grid, grid.kind(index), grid.count(grid.spec));
    CHECK(grid.json["axes"][0]["values"] == Json({1, 2, 3, 4, 8, 16, 32, 64}));
    CHECK(grid.json["axes"][0]["start"] == 2);
    CHECK(grid.json["axes"][1]["values"] == Json({128, 256, 512, 1000, 1024, 2048, 4096}));
    CHECK(grid.json.dump().size() < 900'000);
}

TEST_CASE("what changes nothing is no axis") {
    CHECK(axes_of(Grid(spec_of("lora"))) ==
          std::set<std::string>{"batch", "length", "rank", "checkpointing", "gpus", "sharing"});
    CHECK(axes_of(Grid(spec_of("full"))) ==
          std::set<std::string>{"batch", "length", "checkpointing", "gpus", "sharing"});
    CHECK(axes_of(Grid(spec_of("lora"), Profile::docs)) == std::set<std::string>{"batch", "length", "rank"});
}

TEST_CASE("no slider goes beyond the positions of a model") {
    ModelShape shape = *find_in_catalog("llama-2-7b");
    shape.max_positions = 1024;
    const Estimate start = estimate(spec_of("full"), shape);
    const Json grid = what_if(start, [&](const TrainingSpec& spec) { return estimate(spec, shape); });
    CHECK(grid["axes"][1]["values"] == Json({32, 64, 128, 256, 512, 1000, 1024}));
}

TEST_CASE("what cannot be trained says why; a mistake of the program is not hidden") {
    const ModelShape shape = *find_in_catalog("llama-2-7b");
    const Estimate start = estimate(spec_of("lora"), shape);
    const Json grid = what_if(start, [&](const TrainingSpec& spec) {
        if (spec.method.r == 64) throw Error(ErrorKind::input, "64 is too many");
        return estimate(spec, shape);
    });
    std::size_t refused = 0;
    for (const Json& cell : grid["cells"])
        if (const Json& kind = grid["kinds"][cell.get<std::size_t>()]; kind.is_number())
            refused += grid["texts"][kind.get<std::size_t>()] == "64 is too many" ? 1 : 0;
    // A quarter, without those of one GPU that shares: three of the four strategies, a third of the numbers.
    CHECK(refused == grid["cells"].size() / 4 * 9 / 12);
    CHECK_THROWS_AS(what_if(start, [](const TrainingSpec&) -> Estimate { throw Error(ErrorKind::bug, "no"); }), Error);
}
