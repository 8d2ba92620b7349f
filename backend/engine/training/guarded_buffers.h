// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <torch/nn/module.h>

namespace limbeck {

/// The buffers of a network (batch norm's running statistics) with a copy of their last good values. The
/// forward pass has already written into them when a step turns out not to be finite; settle() takes that
/// back on the device, without waiting. The network's buffers become views into one flat tensor per element
/// type, so that it costs a few calls however many layers there are.
class GuardedBuffers {
  public:
    /// The network must stay on its device from here on.
    explicit GuardedBuffers(torch::nn::Module& network);
    /// Where `bad` (float scalar on the device) is 0 the present values become the good ones, else the good
    /// ones come back.
    void settle(const torch::Tensor& bad);
    /// The present values are good, whatever they are: after loading weights.
    void accept();
    /// The good values come back: a step broke off before it was known whether they are good.
    void revert();

  private:
    struct Flat {
        torch::Tensor present, good;
    };

    std::vector<Flat> flats_;
};

} // namespace limbeck
