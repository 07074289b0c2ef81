// Makes the tables of a bundle side by side, and frees its trees so.
#include "core/lint/bundle_tables.h"

#include <algorithm>
#include <utility>

#include "core/base/parallel.h"
#include "core/lint/label_index.h"
#include "core/lint/spaces.h"

namespace ktrain::lint {
namespace {

std::size_t hash_of(const std::string& identity) {
    return std::hash<std::string>()(identity);
}

void name_objects(Bundle& bundle) {
    bundle.named.reserve(bundle.objects.size());
    for (std::uint32_t i = 0; i < bundle.objects.size(); ++i)
        bundle.named.emplace_back(hash_of(bundle.objects[i].identity()), i);
    std::ranges::sort(bundle.named);
}

}  // namespace

const Object* Bundle::first(const std::string& identity) const {
    const std::size_t hash = hash_of(identity);
    for (auto row = std::ranges::lower_bound(named, std::pair(hash, 0u)); row != named.end() && row->first == hash;
         ++row)
        if (objects[row->second].identity() == identity) return &objects[row->second];
    return nullptr;
}

void make_tables(Bundle& bundle, unsigned threads) {
    constexpr std::size_t few = 64;  // are there before a thread is
    in_parallel(2, bundle.objects.size() < few ? 1 : threads, [&](std::size_t part) {
        if (part == 0) return name_objects(bundle);
        bundle.index = Index(bundle.objects);
        bundle.labels = std::make_shared<LabelIndex>(bundle);
    });
    bundle.spaces = std::make_shared<Spaces>(bundle);
}

void give_back(Bundle& bundle, unsigned threads) {
    std::vector<yaml::Node*> documents;
    for (yaml::Stream& stream : bundle.streams)
        for (yaml::Node& document : stream.documents) documents.push_back(&document);
    constexpr std::size_t group = 64;
    const std::size_t groups = (documents.size() + group - 1) / group;
    in_parallel(groups + 1, groups > 1 ? threads : 1, [&](std::size_t index) {
        if (index == 0) {  // as much as many groups
            bundle.labels.reset();
            bundle.spaces.reset();
            bundle.index = {};
            bundle.objects = {};
            return;
        }
        const std::size_t end = std::min(documents.size(), index * group);
        for (std::size_t i = (index - 1) * group; i < end; ++i) *documents[i] = {};
    });
    bundle = {};
}

}  // namespace ktrain::lint
