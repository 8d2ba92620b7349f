// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

namespace limbeck {

/// Torch's layers draw default values from the global generator when they are made; nobody else shall notice.
class GlobalGeneratorKept {
  public:
    GlobalGeneratorKept()
        : generator_(at::detail::getDefaultCPUGenerator()), state_(generator_.get_state()) {}

    ~GlobalGeneratorKept() { generator_.set_state(state_); }

    GlobalGeneratorKept(const GlobalGeneratorKept&) = delete;
    GlobalGeneratorKept& operator=(const GlobalGeneratorKept&) = delete;

  private:
    torch::Generator generator_; ///< a handle to the global one
    torch::Tensor state_;
};

} // namespace limbeck
