// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/taps.h"

#include <algorithm>

#include <torch/torch.h>

#include "backend/engine/evaluation/evaluate.h"
#include "backend/types/nearest.h"
#include "backend/types/numbers.h"

namespace limbeck {
namespace {

auto refused(std::string message) {
    return failure(ErrorKind::configuration, std::move(message), "distillation.terms");
}

Result<Tap> find_tap(std::string_view name, const TapShapes& shapes, std::string_view whose) {
    const std::size_t dot = name.find('.');
    const auto kind = name.substr(0, dot);
    const auto number = dot == std::string_view::npos ? std::nullopt : parse_integer(name.substr(dot + 1));
    const bool before = kind == "preactivation";
    const auto& known = before ? shapes.preactivations : shapes.features;
    if (number && (before || kind == "feature") && *number >= 0 &&
        static_cast<std::size_t>(*number) < known.size())
        return Tap{before, static_cast<std::size_t>(*number)};
    return refused(
        "The " + std::string(whose) + " has no tap " + in_quotes(name) + "; it has feature.0 to feature." +
        std::to_string(shapes.features.size() - 1) + " and " +
        (shapes.preactivations.empty()
             ? "no preactivations."
             : "preactivation.0 to preactivation." + std::to_string(shapes.preactivations.size() - 1) + "."));
}

/// Indices of what comes after each stage: pictures, but for the stem; in a network without pictures every
/// layer but the last.
std::vector<std::size_t> stages(const TapShapes& shapes) {
    std::vector<std::size_t> found;
    for (std::size_t i = 1; i < shapes.features.size(); ++i)
        if (shapes.features[i].size() == 3) found.push_back(i);
    const bool pictures = !found.empty() || (!shapes.features.empty() && shapes.features[0].size() == 3);
    if (found.empty() && pictures) found.push_back(0);
    if (found.empty())
        for (std::size_t i = 0; i + 1 < shapes.features.size(); ++i)
            found.push_back(i);
    if (found.empty() && !shapes.features.empty()) found.push_back(shapes.features.size() - 1);
    return found;
}

std::vector<std::size_t> default_taps(DefaultTaps which, const TapShapes& shapes) {
    if (shapes.features.empty()) return {};
    const std::vector<std::size_t> all = stages(shapes);
    switch (which) {
    case DefaultTaps::none:
        return {};
    case DefaultTaps::second_stage:
        return {all[std::min<std::size_t>(1, all.size() - 1)]};
    case DefaultTaps::stages:
        return all;
    case DefaultTaps::last_stage:
        return {all.back()};
    case DefaultTaps::pooled:
        return {shapes.features.size() - 1};
    case DefaultTaps::stem_to_last_stage: {
        std::vector<std::size_t> with_stem{0};
        std::copy_if(all.begin(), all.end(), std::back_inserter(with_stem), [](auto i) { return i > 0; });
        return with_stem;
    }
    case DefaultTaps::stages_and_pooled: {
        std::vector<std::size_t> with_pooled = all;
        if (with_pooled.back() + 1 < shapes.features.size())
            with_pooled.push_back(shapes.features.size() - 1);
        return with_pooled;
    }
    }
    return {};
}

} // namespace

std::string Tap::name() const {
    return (before_activation ? "preactivation." : "feature.") + std::to_string(index);
}

TapShapes tap_shapes(Network& network, const InputSpec& input) {
    const torch::NoGradGuard no_grad;
    const EvaluationMode mode(network);
    std::vector<std::int64_t> shape{1};
    shape.insert(shape.end(), input.shape.begin(), input.shape.end());
    const Answers answers = network.forward_taps(torch::zeros(shape));
    TapShapes shapes;
    for (const auto& feature : answers.features)
        shapes.features.push_back(feature.sizes().slice(1).vec());
    for (const auto& value : answers.preactivations)
        shapes.preactivations.push_back(value.sizes().slice(1).vec());
    return shapes;
}

Result<std::vector<TapPair>> resolve_taps(const ObjectiveEntry& entry, std::span<const std::string> names,
                                          const TapShapes& student, const TapShapes& teacher) {
    std::vector<TapPair> pairs;
    for (const std::string& name : names) {
        const std::size_t slash = name.find('/');
        const auto left = find_tap(std::string_view(name).substr(0, slash), student, "student");
        if (!left) return tl::unexpected(left.error());
        const auto right = find_tap(
            slash == std::string::npos ? name : std::string_view(name).substr(slash + 1), teacher, "teacher");
        if (!right) return tl::unexpected(right.error());
        pairs.push_back({*left, *right});
    }
    if (!names.empty()) return pairs;
    auto ours = default_taps(entry.taps, student), theirs = default_taps(entry.taps, teacher);
    const std::size_t count = std::min(ours.size(), theirs.size());
    if (entry.group == ObjectiveGroup::features && count == 0)
        return refused(std::string(entry.id) +
                       " compares features, and one of the networks has no tap for it.");
    ours.erase(ours.begin(), ours.end() - static_cast<std::ptrdiff_t>(count));
    theirs.erase(theirs.begin(), theirs.end() - static_cast<std::ptrdiff_t>(count));
    // The pooled vector has no activation of its own and is taken as it is.
    const bool pooled = entry.taps == DefaultTaps::stages_and_pooled;
    const auto before = [&](std::size_t index, const TapShapes& shapes, bool wanted) {
        return wanted && !(pooled && index + 1 == shapes.features.size());
    };
    for (std::size_t i = 0; i < count; ++i) {
        const Tap left{before(ours[i], student, entry.preactivations), ours[i]};
        const Tap right{before(theirs[i], teacher, entry.preactivations || entry.teacher_preactivations),
                        theirs[i]};
        for (const auto& [tap, shapes, whose] :
             {std::tuple(left, &student, "student"), std::tuple(right, &teacher, "teacher")})
            if (tap.before_activation && tap.index >= shapes->preactivations.size())
                return refused(std::string(entry.id) + " compares values before the activation; the " +
                               whose + " has none at its tap feature." + std::to_string(tap.index) + ".");
        pairs.push_back({left, right});
    }
    return pairs;
}

} // namespace limbeck
