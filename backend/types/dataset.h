// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

namespace limbeck {

/// What a network is fed with: [C, H, W] for pictures, [D] for plain vectors.
struct InputSpec {
    std::vector<std::int64_t> shape;

    bool is_image() const { return shape.size() == 3; }

    /// Number of values of one sample.
    std::int64_t values() const {
        return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
    }

    /// Channels of a picture, else the length of the vector: the unit of normalisation.
    std::int64_t channels() const { return shape.empty() ? 0 : shape.front(); }

    bool operator==(const InputSpec&) const = default;
};

/// "1x28x28" or "2".
std::string to_string(const InputSpec& input);

/// The three parts of a data set. "Best" is chosen on validation and reported on test.
enum class Part { train, validation, test };

/// A labelled data set as plain arrays on the host. Sample i has `input.values()` values at
/// i·values(), in `bytes` (pictures, 0..255, C-major: [N, C, H, W]) or in `values` (everything
/// else, [N, D]); exactly one of the two is filled.
struct Dataset {
    std::string name; ///< short spec, e.g. "glyphs" or "idx:/data/fashion-mnist"
    InputSpec input;
    std::vector<std::string> class_names; ///< size = number of classes

    std::vector<std::uint8_t> bytes;
    std::vector<float> values;
    std::vector<std::int64_t> labels; ///< [N], each in [0, classes)

    /// Indices of the samples of each part, in a fixed order; disjoint.
    std::vector<std::int64_t> train, validation, test;

    /// Per channel (pictures: of value/255) or per feature (vectors), from the training part only:
    /// normalised = (x − mean) / stddev, stddev never 0.
    std::vector<float> mean, stddev;

    /// SHA-256 (hex) over shape, content, labels and split: checked on resume.
    std::string fingerprint;

    std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }

    std::int64_t classes() const { return static_cast<std::int64_t>(class_names.size()); }

    const std::vector<std::int64_t>& part(Part which) const {
        return which == Part::train ? train : which == Part::validation ? validation : test;
    }
};

} // namespace limbeck
