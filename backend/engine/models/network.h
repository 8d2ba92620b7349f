// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <torch/nn/module.h>

#include "backend/types/config.h"
#include "backend/types/dataset.h"
#include "backend/types/error.h"

namespace torch::nn {
class Conv2dImpl;
} // namespace torch::nn

namespace limbeck {

class BatchNormImpl;

/// Option of every network, 0 or 1: weights from a file need not be complete.
inline constexpr std::string_view partial_option = "partial";

/// Buffers of a network with dropout: where its draws come from and how far they are, so that a run that goes
/// on from its state draws as if it had never stopped.
inline constexpr const char *dropout_seed_name = "dropout_seed", *dropout_steps_name = "dropout_steps";

/// What a network answers for a batch [B, …].
struct Answers {
    torch::Tensor logits;                ///< [B, classes]
    std::vector<torch::Tensor> features; ///< [B, C, H, W] or [B, D]: the stem, each stage, the pooled vector
    /// The same before their activation, index for index; a stage that ends without one stands here as it is.
    /// Those of wrn_N_K and ShuffleV2 are RepDistiller's: before the next stage's first activation, and not
    /// yet shuffled. Shorter than `features`: the last taps may have none.
    std::vector<torch::Tensor> preactivations;
};

/// How the published code of a family draws its first weights.
enum class Initialisation {
    pytorch,         ///< uniform in ±1/√fan_in, weights and biases
    kaiming_fan_out, ///< convolutions normal with σ² = 2/fan_out (He 2015), biases 0, linear as above
    kaiming_narrow_classifier, ///< the same with linear layers normal with σ = 0.01, biases 0
    narrow_normal ///< convolutions, linear layers and learned positions normal with σ = 0.02, biases 0
                  ///< (Dosovitskiy 2021)
};

/// A network of the zoo. One body serves training and tapping, so that the two cannot drift apart. The last
/// layer to be registered is linear and gives the logits from the last tap: its weight and bias are the last
/// two parameters.
class Network : public torch::nn::Module {
  public:
    explicit Network(Initialisation initialisation = Initialisation::pytorch)
        : initialisation_(initialisation) {}

    /// Logits [B, classes] of a batch [B, …input shape].
    torch::Tensor forward(const torch::Tensor& x) { return run(x, nullptr); }

    /// The same with everything on the way.
    Answers forward_taps(const torch::Tensor& x) {
        Answers answers;
        answers.logits = run(x, &answers);
        return answers;
    }

    Initialisation initialisation() const { return initialisation_; }

  protected:
    /// Fills the taps where `taps` is given; returns the logits.
    virtual torch::Tensor run(const torch::Tensor& x, Answers* taps) = 0;

    /// ReLU of a value that nothing else needs: in place, unless it is to be tapped on both sides.
    static torch::Tensor activate(torch::Tensor x, Answers* taps) {
        if (!taps) return x.relu_();
        taps->preactivations.push_back(x);
        taps->features.push_back(x.relu());
        return taps->features.back();
    }

    /// ReLU of a normalised convolution, in one with it unless it is to be tapped on both sides.
    static torch::Tensor activate(torch::nn::Conv2dImpl& convolution, BatchNormImpl& norm,
                                  const torch::Tensor& x, Answers* taps);

    /// A stage that ends without an activation.
    static void tap_linear(const torch::Tensor& x, Answers* taps) {
        if (!taps) return;
        taps->preactivations.push_back(x);
        taps->features.push_back(x);
    }

  private:
    Initialisation initialisation_;
};

/// A network on the CPU in training mode, its values not yet worth anything: call initialise() or
/// load_state_dict(). Ignores spec.weights. Refuses in words what is unknown or does not fit (field: empty;
/// the caller knows whose network it is). Leaves torch's global generator as it found it.
Result<std::shared_ptr<Network>> build_network(const NetworkSpec& spec, const InputSpec& input,
                                               std::int64_t classes);

/// Draws the weights from the run's stream "initialisation" on the CPU, so that a seed gives the same network
/// on every device; batch norm's statistics and dropout (stream "dropout") start anew.
void initialise(Network& network, std::uint64_t seed);

/// The same for any module's layers (adapters), from a stream of that name: PyTorch's own distributions, or
/// with `kaiming` those of Initialisation::kaiming_fan_out. Parameters that are no layer's stay as they are.
void initialise_layers(torch::nn::Module& module, std::uint64_t seed, std::string_view stream,
                       bool kaiming = false);

/// Every name that build_network knows, in the order of the catalogue.
std::vector<std::string> model_names();

} // namespace limbeck
