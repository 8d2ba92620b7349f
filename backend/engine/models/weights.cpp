// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/weights.h"

#include <algorithm>
#include <set>
#include <string_view>

#include <torch/torch.h>

#include "backend/engine/guard.h"
#include "backend/engine/tensors.h"

namespace limbeck {

namespace {

/// Parameters first, then buffers; the tensors are the network's own.
std::vector<std::pair<std::string, torch::Tensor>> state(const torch::nn::Module& network) {
    std::vector<std::pair<std::string, torch::Tensor>> all;
    for (const auto& item : network.named_parameters())
        all.emplace_back(item.key(), item.value());
    for (const auto& item : network.named_buffers())
        all.emplace_back(item.key(), item.value());
    return all;
}

/// What a network counts beside what it learns.
bool is_counter(std::string_view name) {
    return name.ends_with("num_batches_tracked") || name == dropout_seed_name || name == dropout_steps_name;
}

/// A network's tensors beside those of a file.
struct Match {
    WeightsReport report;
    std::vector<std::pair<torch::Tensor, torch::Tensor>> copies; ///< the network's tensor, its value
};

/// Why this value is none for that tensor; empty: it is.
std::string mismatch(const Result<torch::Tensor>& source, const torch::Tensor& target) {
    if (!source) return ": " + source.error().message;
    if (source->sizes() != target.sizes())
        return " is " + shape_text(source->sizes()) + " where the network has " + shape_text(target.sizes());
    if (source->is_floating_point() != target.is_floating_point())
        return " is of type " + to_string(source->scalar_type()) + " where the network has " +
               to_string(target.scalar_type());
    return {};
}

Match match_up(const torch::nn::Module& network, const TensorMap& weights) {
    Match match;
    std::set<std::string> unexpected;
    for (const auto& item : weights.tensors)
        unexpected.insert(item.first);
    for (const auto& [name, target] : state(network)) {
        const auto found = weights.tensors.find(name);
        if (found == weights.tensors.end()) {
            if (is_counter(name))
                match.copies.emplace_back(target, torch::zeros_like(target));
            else
                match.report.missing.push_back(name);
            continue;
        }
        unexpected.erase(name);
        const auto source = to_tensor(found->second);
        if (const std::string problem = mismatch(source, target); !problem.empty()) {
            match.report.mismatched.push_back(name + problem);
        } else {
            match.report.fitting.push_back(name);
            match.copies.emplace_back(target, *source);
        }
    }
    match.report.unexpected.assign(unexpected.begin(), unexpected.end());
    return match;
}

void set(const Match& match) {
    const torch::NoGradGuard no_grad;
    for (const auto& [target, source] : match.copies)
        torch::Tensor(target).copy_(source);
}

/// The first few of all that does not fit.
Result<void> complaints(const WeightsReport& report) {
    constexpr std::size_t shown = 4;
    std::vector<std::string> all = report.mismatched;
    for (const std::string& name : report.missing)
        all.push_back(name + " is missing");
    for (const std::string& name : report.unexpected)
        all.push_back(name + " is unknown to the network");
    if (all.empty()) return {};
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, all.size()); ++i)
        text += (i > 0 ? "; " : "") + all[i];
    if (all.size() > shown) text += "; and " + std::to_string(all.size() - shown) + " more";
    return failure(ErrorKind::data, "The weights do not fit the network: " + text +
                                        ". They must come from the same network with the same input and "
                                        "number of classes.");
}

} // namespace

Result<TensorMap> state_dict(const Network& network) {
    return guarded("copying a network's weights", [&]() -> Result<TensorMap> {
        TensorMap map;
        for (const auto& [name, tensor] : state(network)) {
            auto data = to_data(tensor);
            if (!data) return tl::unexpected<Error>(std::move(data.error()));
            map.tensors.emplace(name, std::move(*data));
        }
        return map;
    });
}

Result<void> load_state_dict(Network& network, const TensorMap& weights) {
    return guarded("loading a network's weights", [&]() -> Result<void> {
        const Match match = match_up(network, weights);
        if (auto result = complaints(match.report); !result) return result;
        set(match);
        return {};
    });
}

WeightsReport compare_with(const Network& network, const TensorMap& weights) {
    return match_up(network, weights).report;
}

bool wants_partial(const NetworkSpec& spec) {
    const auto found = spec.options.find(std::string(partial_option));
    return found != spec.options.end() && found->second == "1";
}

Result<WeightsReport> load_weights(Network& network, const NetworkSpec& spec, const TensorMap& weights,
                                   std::uint64_t seed) {
    return guarded("loading the weights of " + spec.model, [&]() -> Result<WeightsReport> {
        Match match = match_up(network, weights);
        if (wants_partial(spec))
            initialise(network, seed);
        else if (auto result = complaints(match.report); !result)
            return tl::unexpected<Error>(std::move(result.error()));
        set(match);
        return std::move(match.report);
    });
}

} // namespace limbeck
