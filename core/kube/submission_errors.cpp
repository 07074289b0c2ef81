// Why a submission is refused before anything is stored.
#include "core/kube/submission_errors.h"

#include <fmt/format.h>

#include "core/base/names.h"
#include "core/base/text.h"

namespace ktrain::kube {

Error combined(const std::vector<Error>& errors, std::size_t of) {
    if (errors.size() == 1) return errors.front();
    std::string message = fmt::format("the server refuses {} of {} objects:", errors.size(), of);
    for (const Error& error : errors) message += "\n  - " + error.message;
    return {errors.front().kind, message, {}, errors.front().hint};
}

Error other_job(const BundleObject& job, const Json& there) {
    constexpr std::size_t most = 3;
    std::vector<std::string> differences = wanted_changes(there, job.object);
    if (differences.size() > most) differences.resize(most), differences.push_back(fmt::format("and more"));
    const std::string what = differences.empty()
                                 ? ""
                                 : fmt::format(": {}; what a {} runs cannot be changed once it is there",
                                               join(differences, ", "), lower(job.resource.kind));
    return {ErrorKind::conflict,
            fmt::format("there is another {} \"{}\" in namespace \"{}\", made from another spec{}",
                        lower(job.resource.kind), job.name, job.namespace_, what),
            {},
            fmt::format("put this one in its place: ktrain submit --replace; or remove it: ktrain cancel {0} -n {1}; "
                        "or give this one another metadata.name; or see what it "
                        "does: ktrain status {0} -n {1}",
                        job.name, job.namespace_)};
}

Error not_ours(const BundleObject& object) {
    return {ErrorKind::conflict,
            fmt::format("{} exists in namespace \"{}\" and belongs to something else than job \"{}\"", object.label,
                        object.namespace_, object.owner),
            {},
            fmt::format("give the job another metadata.name; or, when nobody needs it: kubectl delete {} -n {}",
                        object.label, object.namespace_)};
}

Error going(const BundleObject& object) {
    return {ErrorKind::conflict,
            fmt::format("{} in namespace \"{}\" is still being deleted", object.label, object.namespace_),
            {},
            "try again in a moment"};
}

}  // namespace ktrain::kube
