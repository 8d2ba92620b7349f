// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/network.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <torch/torch.h>

#include "backend/engine/global_generator.h"
#include "backend/engine/guard.h"
#include "backend/engine/models/families.h"
#include "backend/engine/tensors.h"
#include "backend/types/catalogue.h"

namespace limbeck {

namespace {

constexpr const char* default_hidden = "64x64";
constexpr std::int64_t widest_layer = 65536, most_layers = 64;
/// 4 GB of float32, times four with gradient and optimiser: a typing error, not a wish.
constexpr std::int64_t most_parameters = 1'000'000'000;

tl::unexpected<Error> refused(std::string message) {
    return failure(ErrorKind::configuration, std::move(message));
}

Result<std::vector<std::int64_t>> parse_widths(std::string_view text) {
    const auto wrong = [&] {
        return refused("The hidden widths of an mlp are numbers from 1 to " + std::to_string(widest_layer) +
                       " with x between them, at most " + std::to_string(most_layers) +
                       " of them (\"64x64\"); found \"" + std::string(text) + "\".");
    };
    std::vector<std::int64_t> widths;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (true) {
        std::int64_t width = 0;
        const auto [next, error] = std::from_chars(at, end, width);
        if (error != std::errc() || width < 1 || width > widest_layer) return wrong();
        widths.push_back(width);
        if (widths.size() > static_cast<std::size_t>(most_layers)) return wrong();
        if (next == end) return widths;
        if (*next != 'x') return wrong();
        at = next + 1;
    }
}

Result<std::shared_ptr<Network>> mlp(const NetworkSpec& spec, const InputSpec& input, std::int64_t classes) {
    const auto hidden = spec.options.find("hidden");
    const auto widths = parse_widths(hidden == spec.options.end() ? default_hidden : hidden->second);
    if (!widths) return tl::unexpected<Error>(widths.error());
    std::int64_t parameters = 0, before = input.values();
    for (const std::int64_t width : *widths) {
        parameters += (before + 1) * width;
        before = width;
    }
    parameters += (before + 1) * classes;
    if (parameters > most_parameters)
        return refused(to_string(spec) + " on " + shape_text(input.shape) + " would have " +
                       std::to_string(parameters) + " parameters; at most " +
                       std::to_string(most_parameters) + " are built.");
    return make_mlp(*widths, input.values(), classes);
}

Result<std::shared_ptr<Network>> lenet(const NetworkSpec&, const InputSpec& input, std::int64_t classes) {
    return make_lenet(input, classes);
}

template <int Depth>
Result<std::shared_ptr<Network>> resnet(const NetworkSpec&, const InputSpec& input, std::int64_t classes) {
    return make_cifar_resnet(Depth, input, classes);
}

struct Maker {
    std::string_view name;
    Result<std::shared_ptr<Network>> (*make)(const NetworkSpec&, const InputSpec&, std::int64_t classes);
};

/// In the catalogue's order. What a network takes (pictures, their smallest side, options) is said there,
/// once.
constexpr std::array makers{
    Maker{"mlp", mlp},
    Maker{"lenet", lenet},
    Maker{"resnet8", resnet<8>},
    Maker{"resnet14", resnet<14>},
    Maker{"resnet20", resnet<20>},
    Maker{"resnet32", resnet<32>},
    Maker{"resnet44", resnet<44>},
    Maker{"resnet56", resnet<56>},
    Maker{"resnet110", resnet<110>},
};

/// nullopt where the network can be made for these data.
std::optional<std::string> misfit(const NetworkSpec& spec, const ModelEntry& entry, const InputSpec& input,
                                  std::int64_t classes) {
    for (const auto& [key, value] : spec.options) {
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

Result<std::shared_ptr<Network>> build_network(const NetworkSpec& spec, const InputSpec& input,
                                               std::int64_t classes) {
    return guarded("building " + spec.model, [&]() -> Result<std::shared_ptr<Network>> {
        const auto maker =
            std::find_if(makers.begin(), makers.end(), [&](const Maker& m) { return m.name == spec.model; });
        const ModelEntry* entry = find_model(spec.model);
        if (maker == makers.end() || !entry) {
            std::string known;
            for (const Maker& m : makers)
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
    for (const Maker& maker : makers)
        names.emplace_back(maker.name);
    return names;
}

} // namespace limbeck
