// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/network.h"

#include <algorithm>

#include <torch/torch.h>

#include "backend/engine/global_generator.h"
#include "backend/engine/guard.h"
#include "backend/engine/models/batch_norm.h"
#include "backend/engine/models/registry.h"
#include "backend/engine/tensors.h"
#include "backend/types/catalogue.h"

namespace limbeck {

namespace {

tl::unexpected<Error> refused(std::string message) {
    return failure(ErrorKind::configuration, std::move(message));
}

/// nullopt where the network can be made for these data.
std::optional<std::string> misfit(const NetworkSpec& spec, const ModelEntry& entry, const InputSpec& input,
                                  std::int64_t classes) {
    for (const auto& [key, value] : spec.options) {
        if (key == partial_option) {
            if (value == "0" || value == "1") continue;
            return "The option partial is \"" + value + "\"; 0 or 1 is right.";
        }
        if (std::find(entry.options.begin(), entry.options.end(), key) != entry.options.end()) continue;
        std::string known;
        for (const std::string_view option : entry.options)
            known += (known.empty() ? "" : ", ") + std::string(option);
        return spec.model + " has no option \"" + key + "\"; it takes " + (known.empty() ? "none" : known) +
               ".";
    }
    if (classes < 2)
        return "A classifier needs at least 2 classes; the data have " + std::to_string(classes) + ".";
    if (input.shape.empty() ||
        std::any_of(input.shape.begin(), input.shape.end(), [](auto n) { return n < 1; }))
        return "The data have the shape " + shape_text(input.shape) + ", which holds no values.";
    if (!entry.needs_image) return std::nullopt;
    const std::string side = std::to_string(entry.minimum_side);
    if (!input.is_image() || std::min(input.shape[1], input.shape[2]) < entry.minimum_side)
        return spec.model + " needs pictures [C, H, W] of at least " + side + "x" + side + "; the data are " +
               shape_text(input.shape) + ".";
    return std::nullopt;
}

} // namespace

torch::Tensor Network::activate(torch::nn::Conv2dImpl& convolution, BatchNormImpl& norm,
                                const torch::Tensor& x, Answers* taps) {
    if (!taps) return convolved(convolution, norm, x, Then::relu);
    return activate(convolved(convolution, norm, x), taps);
}

Result<std::shared_ptr<Network>> build_network(const NetworkSpec& spec, const InputSpec& input,
                                               std::int64_t classes) {
    return guarded("building " + spec.model, [&]() -> Result<std::shared_ptr<Network>> {
        const auto all = makers();
        const auto maker =
            std::find_if(all.begin(), all.end(), [&](const Maker& m) { return m.name == spec.model; });
        const ModelEntry* entry = find_model(spec.model);
        if (maker == all.end() || !entry) {
            std::string known;
            for (const Maker& m : all)
                known += (known.empty() ? "" : ", ") + std::string(m.name);
            return failure(ErrorKind::usage,
                           "There is no network \"" + spec.model + "\"; known are " + known + ".");
        }
        if (const auto problem = misfit(spec, *entry, input, classes)) return refused(*problem);
        const GlobalGeneratorKept kept;
        return maker->make(spec, input, classes);
    });
}

std::vector<std::string> model_names() {
    std::vector<std::string> names;
    for (const Maker& maker : makers())
        names.emplace_back(maker.name);
    return names;
}

} // namespace limbeck
