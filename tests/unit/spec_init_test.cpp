// Templates: what `ktrain init` prints is explained, short, and loads with nothing to complain about.
#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "core/spec/init.h"

using namespace ktrain;

namespace {

std::string started(const std::string& name, const std::vector<spec::Override>& overrides = {}) {
    const spec::Started result = spec::start_from(name, overrides);
    for (const auto& problem : result.problems) FAIL_CHECK(problem.message);
    return result.text;
}

TrainingSpec reread(const std::string& text) {
    const auto loaded = spec::load(text, "template.yaml");
    for (const auto& problem : loaded.problems) FAIL_CHECK(problem.message);
    return loaded.spec;
}

bool has_line(const std::string& text, const std::string& start) {
    for (const std::string& line : split(text, '\n'))
        if (line.starts_with(start) && line.find("  # ") != std::string::npos) return true;
    return false;
}

}  // namespace

TEST_CASE("every template is short, explained and loads") {
    for (const spec::Template& row : spec::templates()) {
        INFO(row.name);
        const std::string text = started(std::string(row.name));
        const TrainingSpec spec = reread(text);
        const auto lines = split(text, '\n');
        CHECK(lines.size() <= 70);
        for (const std::string& line : lines) CHECK(line.size() <= 120);
        CHECK(spec.cluster.image == "ktrain:" + std::string(version()));
        CHECK_FALSE(spec.cluster.volumes.empty());
    }
}

TEST_CASE("the comments are the help of the fields, aligned") {
    const std::string text = started("cnn");
    CHECK(text.find("  learning_rate: 0.001                      # Peak learning rate\n") != std::string::npos);
    CHECK(text.find("  augment: [random_crop, horizontal_flip]   # Random changes of the training images: "
                    "horizontal_flip, random_crop\n") != std::string::npos);
    CHECK(text.find("  optim: adam                               # Optimizer\n") != std::string::npos);  // no room
    CHECK(text.find("\ntraining:                                   # Steps, batches, optimizer\n") !=
          std::string::npos);
}

TEST_CASE("of a list only the first item is explained") {
    const std::string text = started("cnn");
    CHECK(has_line(text, "  - claim: training-data "));
    CHECK(text.find("\n  - claim: model-output\n    mount_path: /output\n") != std::string::npos);
}

TEST_CASE("overrides keep the template explained") {
    const std::string text = started("cnn", {{"metadata.name", "fashion", "--name"},
                                             {"training.weight_decay", "1e-2", "--set"},
                                             {"data.augment", "", "--set"},
                                             {"data.normalize_mean", "0.1, 0.2, 0.3", "--set"},
                                             {"data.normalize_std", "0.1, 0.2, 0.3", "--set"},
                                             {"cluster.env.A", "1", "--set"},
                                             {"cluster.env.B", "yes", "--set"},
                                             {"cluster.env.C", "two\nlines", "--set"},
                                             {"data.dataset_path", "/a: b #c", "--set"},
                                             {"monitoring.report_to", "wandb", "--set"},
                                             {"cluster.volumes[2]", "{claim: x, mount_path: /x}", "--set"}});
    CHECK(has_line(text, "  name: fashion "));
    CHECK(has_line(text, "  weight_decay: 0.01 "));
    CHECK(has_line(text, "  normalize_mean: [0.1, 0.2, 0.3] "));
    CHECK(text.find("  augment:") == std::string::npos);
    const TrainingSpec spec = reread(text);
    CHECK(spec.metadata.name == "fashion");
    CHECK(spec.training.weight_decay == 0.01);
    CHECK(spec.data.augment.empty());
    CHECK(spec.data.dataset_path == "/a: b #c");
    CHECK(spec.cluster.env == StringMap{{"A", "1"}, {"B", "yes"}, {"C", "two\nlines"}});
    CHECK(spec.monitoring.report_to == std::vector<std::string>{"wandb"});
    CHECK(spec.cluster.volumes.size() == 3);
}

TEST_CASE("a bad override is a problem, an unknown template an error") {
    const spec::Started bad = spec::start_from("cnn", {{"training.seed", "x", "--set"}});
    CHECK(has_errors(bad.problems));
    CHECK(bad.text.empty());
    CHECK_THROWS_AS(spec::start_from("cn", {}), Error);
    CHECK_THROWS_AS(spec::start_from("../gpus", {}), Error);
}
