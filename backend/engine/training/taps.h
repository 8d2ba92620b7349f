// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "backend/engine/models/network.h"
#include "backend/types/catalogue.h"

namespace limbeck {

/// One place of a network where its values can be read.
struct Tap {
    bool before_activation = false; ///< preactivation.N, else feature.N
    std::size_t index = 0;

    const torch::Tensor& of(const Answers& answers) const {
        return (before_activation ? answers.preactivations : answers.features)[index];
    }

    std::string name() const;
};

/// What a feature term compares: a place of the student with one of the teacher.
struct TapPair {
    Tap student, teacher;
};

/// The shapes of a network's taps, without the batch.
struct TapShapes {
    std::vector<std::vector<std::int64_t>> features, preactivations;

    const std::vector<std::int64_t>& of(const Tap& tap) const {
        return (tap.before_activation ? preactivations : features)[tap.index];
    }
};

/// Measured with one sample of zeros in evaluation mode: nothing is disturbed, batch norm's statistics least
/// of all. The network must be on the CPU.
TapShapes tap_shapes(Network& network, const InputSpec& input);

/// The taps of a term: those named ("feature.2", "feature.2/feature.3"), else the catalogue's. Where the
/// networks have different numbers of stages, they are matched from the last one backwards. Refuses, in
/// words, taps that a network does not have.
Result<std::vector<TapPair>> resolve_taps(const ObjectiveEntry& entry, std::span<const std::string> names,
                                          const TapShapes& student, const TapShapes& teacher);

} // namespace limbeck
