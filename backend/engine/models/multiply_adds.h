// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include <ATen/record_function.h>
#include <torch/types.h>

namespace limbeck {

/// Listens to the operators of this thread while it lives and counts the multiply-adds of convolutions and
/// matrix products: whatever a network is built of, nothing has to be said about it twice. One at a time on a
/// thread.
class MultiplyAdds {
  public:
    /// Somebody else who wants to know, operator by operator; those that an operator is made of come between
    /// its beginning and its end.
    class Listener {
      public:
        virtual ~Listener() = default;
        /// A number from 0 to be told of the end of this operator, or -1.
        virtual std::int64_t begins(c10::ArrayRef<const c10::IValue> inputs) = 0;
        virtual void ends(std::int64_t number, const torch::Tensor& output) = 0;
        /// A convolution or matrix product of these inputs.
        virtual void counts(c10::ArrayRef<const c10::IValue> inputs, std::int64_t multiply_adds,
                            const torch::Tensor& output) = 0;
    };

    explicit MultiplyAdds(Listener* listener = nullptr);
    ~MultiplyAdds();
    MultiplyAdds(const MultiplyAdds&) = delete;
    MultiplyAdds& operator=(const MultiplyAdds&) = delete;

    std::int64_t count() const;

  private:
    at::CallbackHandle handle_;
};

} // namespace limbeck
