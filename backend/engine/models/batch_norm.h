// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>
#include <optional>

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>

/// Batch norm together with what stands before and after it. On the CPU, over pictures in channels-last
/// order, the addition and the ReLU that follow a normalisation cost no pass over memory of their own,
/// forwards and backwards; anywhere else the same is done by LibTorch's own operators. Inner to
/// backend/engine/models.
namespace limbeck {

enum class Then { nothing, relu };

/// A convolution with the batch norm behind it folded in: w·γ/σ and (b − mean)·γ/σ + β.
struct FoldedConvolution {
    torch::Tensor weight, bias;
    torch::ScalarType computed_in = torch::kFloat32;
};

/// torch::nn::BatchNorm2d, with the same parameters and buffers.
class BatchNormImpl : public torch::nn::BatchNorm2dImpl {
  public:
    using torch::nn::BatchNorm2dImpl::BatchNorm2dImpl;

    /// Promises that neither this layer nor the convolution before it will change any more: they are computed
    /// as one from now on, in evaluation mode.
    void freeze() { frozen_ = true; }

    bool frozen() const { return frozen_ && !is_training(); }

    /// Made at the first call; threads may call it at once. `type`: what the convolution computes in.
    const FoldedConvolution& folded_into(const torch::nn::Conv2dImpl& convolution, torch::ScalarType type);

  private:
    bool frozen_ = false;
    std::mutex folding_;
    std::optional<FoldedConvolution> folded_;
};

TORCH_MODULE(BatchNorm);

/// norm(x), plus `added` where given, then ReLU where asked for; in memory of its own.
torch::Tensor normalised(BatchNormImpl& norm, const torch::Tensor& x, Then then = Then::nothing,
                         const torch::Tensor& added = {});

/// A sum and the normalised sum.
struct AddedUp {
    torch::Tensor sum, normalised;
};

/// x + added and its normalised(…), where a block begins with a batch norm of what the one before leaves
/// unadded: forwards the addition, backwards that of both gradients cost no pass over memory of their own. In
/// float32 the same to the bit as one after the other. x, in memory of its own, may be written over; without
/// `added` the sum is x.
AddedUp added_up(BatchNormImpl& norm, const torch::Tensor& x, const torch::Tensor& added,
                 Then then = Then::nothing);

/// The same as normalised() of convolution(x).
torch::Tensor convolved(torch::nn::Conv2dImpl& convolution, BatchNormImpl& norm, const torch::Tensor& x,
                        Then then = Then::nothing, const torch::Tensor& added = {});

/// The same of two layers of a Sequential that stand side by side, the first at `place`.
torch::Tensor convolved(torch::nn::Sequential& layers, std::size_t place, const torch::Tensor& x,
                        Then then = Then::nothing, const torch::Tensor& added = {});

/// Freezes all batch norms of a network that will not change any more, neither in its values nor in its
/// place.
void freeze_norms(torch::nn::Module& network);

} // namespace limbeck
