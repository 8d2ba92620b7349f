// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/types.h>

namespace limbeck {

/// A number that may change between two steps. Where steps are recorded and replayed (see StepGraph) it is
/// also kept in memory of the device, which a recorded operation reads anew each time; a plain number would
/// be fixed when it is recorded. Both give the same bits in float32.
struct Factor {
    double value = 1;
    torch::Tensor held = {}; ///< scalar on the device; undefined: `value` is what counts
};

inline torch::Tensor operator*(const torch::Tensor& x, const Factor& factor) {
    return factor.held.defined() ? x.mul(factor.held) : x.mul(factor.value);
}

/// a + b · factor
inline torch::Tensor plus(const torch::Tensor& a, const torch::Tensor& b, const Factor& factor) {
    return factor.held.defined() ? a.addcmul(b, factor.held) : a.add(b, factor.value);
}

/// A number with its copy on the device, which is written only where the number changes.
class HeldNumber {
  public:
    HeldNumber() = default;

    HeldNumber(double value, const torch::TensorOptions& options)
        : number_{value, torch::full({}, value, options)} {}

    void set(double value) {
        if (value == number_.value) return;
        number_.value = value;
        if (number_.held.defined()) number_.held.fill_(value);
    }

    const Factor& factor() const { return number_; }

  private:
    Factor number_;
};

} // namespace limbeck
