// What expressions in CEL may name in policies, webhooks and claims on devices, and of what types that is.
#pragma once

#include "core/cel/environment.h"
#include "core/lint/crd_typing.h"

namespace ktrain::lint {

// Of the variables' schemas, which are as those of CRDs; theirs alone say "format: quantity", any and dyn.
class PlaceTyping final : public SchemaTyping {
public:
    cel::Declared of(cel::SchemaId schema) const override;
    std::string_view name_of(cel::SchemaId schema) const override;
};

cel::Environment admission_places(bool params);  // of policies and of webhooks' conditions
cel::Environment device_places();                // of selectors of devices

}  // namespace ktrain::lint
