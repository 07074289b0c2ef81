// Checks of images against the spec and the passes over them.
#include "trainer/recipe/image_data.h"

#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "core/base/file_error.h"
#include "trainer/objective/classes.h"

namespace ktrain::trainer {
namespace {

void check_labels(const ImageSet& set, std::int64_t classes) {
    const auto wrong = std::ranges::find_if(set.labels, [&](std::uint8_t label) { return label >= classes; });
    if (wrong == set.labels.end()) return;
    const auto index = static_cast<std::size_t>(wrong - set.labels.begin());
    const auto file = std::ranges::find_if(set.files.rbegin(), set.files.rend(),
                                           [&](const ImageFile& f) { return f.first <= index; });
    const int needed = *std::ranges::max_element(set.labels) + 1;
    throw Error(ErrorKind::input,
                fmt::format("{} has the label {} (sample {}), but model.num_classes is {}", file->path, *wrong,
                            index - file->first, classes),
                {file->path, 0, 0, ""}, fmt::format("--set model.num_classes={}", needed));
}

void check_images(const TrainingSpec& spec, const ImageFolder& folder) {
    const ImageSet& set = folder.train;
    if (spec.model.input_channels != set.channels)
        refuse_field(
            "model.input_channels",
            fmt::format("model.input_channels is {}, but the images in {} have {} channel{}", spec.model.input_channels,
                        spec.data.dataset_path, set.channels, set.channels == 1 ? "" : "s"),
            fmt::format("--set model.input_channels={}", set.channels));
    if (set.height < 4 || set.width < 4)
        refuse_field("data.dataset_path",
                     fmt::format("the images in {} are {}x{} pixels; simple_cnn needs 4x4 at least",
                                 spec.data.dataset_path, set.height, set.width),
                     "use larger images");
    check_labels(set, spec.model.num_classes);
    if (folder.test) check_labels(*folder.test, spec.model.num_classes);
}

const std::vector<double>& given_or_known(const std::vector<double>& given, const std::vector<double>& known,
                                          std::string_view field) {
    if (given.empty()) return known;
    if (given.size() != known.size())
        refuse_field(fmt::format("data.{}", field),
                     fmt::format("data.{} has {} values, but the images have {} channel{}", field, given.size(),
                                 known.size(), known.size() == 1 ? "" : "s"),
                     "give one value for each channel");
    return given;
}

// The folder with the normalisation of the spec where it gives one.
ImageFolder open_data(const TrainingSpec& spec) {
    ImageFolder folder = open_image_folder(real_files(), spec.data.dataset_path, spec.data.dataset);
    folder.mean = given_or_known(spec.data.normalize_mean, folder.mean, "normalize_mean");
    folder.deviation = given_or_known(spec.data.normalize_std, folder.deviation, "normalize_std");
    return folder;
}

bool wants(const TrainingSpec& spec, std::string_view augmentation) {
    return std::ranges::find(spec.data.augment, augmentation) != spec.data.augment.end();
}

Order all_of(const ImageSet& set) {
    Order order(set.size());
    std::iota(order.begin(), order.end(), 0U);
    return order;
}

MicroBatch micro_batch(const SimpleCnn& model, Batch batch, bool trains) {
    const std::int64_t samples = batch.labels.size(0);
    return {samples, samples, 0, [&model, trains, batch = std::move(batch)](double scale) -> Tally {
                const c10::AutoGradMode records(trains);
                const Score score = classify(model.forward(batch.images), batch.labels);
                if (trains) score.loss.mul(scale).backward();
                return {score.loss.item<double>(), score.correct, score.samples};
            }};
}

// The batches as a pass of the loop.
Pass pass_over(const SimpleCnn& model, std::shared_ptr<Batches> batches, bool trains) {
    return [&model, batches = std::move(batches), trains]() -> std::optional<MicroBatch> {
        auto batch = batches->next();
        if (!batch) return std::nullopt;
        return micro_batch(model, std::move(*batch), trains);
    };
}

}  // namespace

ImageData::ImageData(const TrainingSpec& spec)
    : spec_(spec),
      folder_(open_data(spec)),
      split_(split_samples(folder_.train.size(), spec.data.validation_split,
                           static_cast<std::uint64_t>(spec.training.seed))),
      training_(folder_.mean, folder_.deviation),
      plain_(training_) {
    check_images(spec, folder_);
    if (split_.train.empty())
        refuse_field("data.validation_split",
                     fmt::format("data.validation_split {} leaves none of the {} samples to train on",
                                 spec.data.validation_split, folder_.train.size()),
                     "use a smaller share");
    training_.random_crop = wants(spec, "random_crop");
    training_.horizontal_flip = wants(spec, "horizontal_flip");
}

Pass ImageData::evaluation(const SimpleCnn& model, const ImageSet& set, Order order) const {
    BatchPlan plan{.order = std::move(order),
                   .size = static_cast<std::size_t>(spec_.training.per_device_eval_batch_size),
                   .workers = static_cast<std::size_t>(spec_.training.dataloader_num_workers)};
    return pass_over(model, std::make_shared<Batches>(set, plain_, std::move(plan)), false);
}

BatchPlan ImageData::training_plan(std::int64_t epoch, std::int64_t first) const {
    const auto seed = static_cast<std::uint64_t>(spec_.training.seed);
    BatchPlan plan{.order = split_.train,
                   .first = static_cast<std::size_t>(first),
                   .size = static_cast<std::size_t>(spec_.training.per_device_train_batch_size),
                   .workers = static_cast<std::size_t>(spec_.training.dataloader_num_workers),
                   .seed = seed,
                   .epoch = static_cast<std::uint64_t>(epoch)};
    if (spec_.data.shuffle) plan.order = shuffled(plan.order, seed, plan.epoch);
    return plan;
}

Json ImageData::first_batch() const {
    BatchPlan plan = training_plan(0, 0);
    plan.workers = 0;
    const auto batch = Batches(folder_.train, training_, std::move(plan)).next();
    const Json classes = info().at("classes");
    Json labels = Json::array(), names = Json::array();
    for (std::int64_t i = 0; i < batch->labels.numel(); ++i) {
        const auto label = static_cast<std::size_t>(batch->labels.const_data_ptr<std::int64_t>()[i]);
        labels.push_back(label);
        names.push_back(classes.at(label));
    }
    return {{"shape", batch->images.sizes().vec()}, {"labels", labels}, {"classes", names}};
}

Task ImageData::task(Parameters& parameters, const SimpleCnn& model) const {
    Task task{.parameters = parameters, .weights = parameters.values(false)};
    task.decays = [](const TensorDecl&) { return true; };  // as torch.optim by itself
    task.train_samples = static_cast<std::int64_t>(split_.train.size());
    task.train = [this, &model](std::int64_t epoch, std::int64_t first) -> Pass {
        auto batches = std::make_shared<Batches>(folder_.train, training_, training_plan(epoch, first));
        return pass_over(model, std::move(batches), true);
    };
    if (!split_.validation.empty())
        task.evaluate = [this, &model] { return evaluation(model, folder_.train, split_.validation); };
    else if (folder_.test)
        task.evaluate = [this, &model] { return evaluation(model, *folder_.test, all_of(*folder_.test)); };
    return task;
}

std::optional<Pass> ImageData::test(const SimpleCnn& model) const {
    if (!folder_.test) return std::nullopt;
    return evaluation(model, *folder_.test, all_of(*folder_.test));
}

Json ImageData::info() const {
    Json classes = Json::array();
    for (std::int64_t i = 0; i < spec_.model.num_classes; ++i) {
        const auto index = static_cast<std::size_t>(i);
        classes.push_back(index < folder_.class_names.size() ? folder_.class_names[index] : std::to_string(i));
    }
    return {{"dataset", folder_.dataset},
            {"train_size", split_.train.size()},
            {"val_size", split_.validation.size()},
            {"test_size", folder_.test ? folder_.test->size() : 0},
            {"num_classes", spec_.model.num_classes},
            {"classes", classes}};
}

Json ImageData::identity() const {
    const ImageSet& set = folder_.train;
    Json augment = Json::array();
    if (training_.horizontal_flip) augment.push_back("horizontal_flip");
    if (training_.random_crop) augment.push_back("random_crop");
    return {{order_member, order_version},
            {"data.dataset", folder_.dataset},
            {"data.dataset_path", fmt::format("{} images of {}x{}x{} with SHA-256 {}", set.size(), set.channels,
                                              set.height, set.width, content_digest(set))},
            {"data.validation_split", spec_.data.validation_split},
            {"data.augment", augment},
            {"data.normalize_mean", folder_.mean},
            {"data.normalize_std", folder_.deviation},
            {"data.shuffle", spec_.data.shuffle},
            {"training.seed", spec_.training.seed},
            {"training.per_device_train_batch_size", spec_.training.per_device_train_batch_size},
            {"training.gradient_accumulation_steps", spec_.training.gradient_accumulation_steps}};
}

}  // namespace ktrain::trainer
