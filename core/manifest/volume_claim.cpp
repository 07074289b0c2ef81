// PersistentVolumeClaims: data and results, which outlive the job.
#include "core/manifest/kinds.h"

namespace ktrain {

std::vector<Object> make_volume_claims(const Plan& plan) {
    std::vector<Object> objects;
    for (const VolumeSpec& volume : plan.spec.cluster.volumes) {
        if (volume.size.empty()) continue;
        Object object = make_object(plan, "v1", "PersistentVolumeClaim", volume.claim, Ownership::shared);
        Object& spec = object["spec"];
        spec["accessModes"] = Object::array({volume.access});
        spec["resources"]["requests"]["storage"] = volume.size;
        if (!volume.storage_class.empty()) spec["storageClassName"] = volume.storage_class;
        objects.push_back(std::move(object));
    }
    return objects;
}

}  // namespace ktrain
