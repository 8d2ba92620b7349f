// SPDX-License-Identifier: GPL-3.0-or-later
// The pieces of the loss are differentiated one by one towards the logits: their sum is what goes on into the
// network, and the length of each is what the plots of shares show, without a further pass.
#include "backend/engine/training/step_loss.h"

#include <torch/torch.h>

#include "backend/engine/training/small_answers.h"

namespace limbeck {
namespace {

using torch::autograd::grad;
using Tensors = std::vector<torch::Tensor>;

torch::Tensor norm_of(const Tensors& gradients, const torch::Tensor& like) {
    torch::Tensor square = torch::zeros({}, like.options().requires_grad(false));
    for (const auto& gradient : gradients)
        if (gradient.defined()) square += gradient.square().sum();
    return square.sqrt();
}

class Backward {
  public:
    explicit Backward(const StepLossRequest& request) : request_(request), on_leaf_(request.inputs) {
        leaf_ = request.inputs.student.logits.detach().requires_grad_();
        on_leaf_.student.logits = leaf_;
        for (const LossTerm& term : request.settings.terms)
            features_count_ |= term.on_features() && request.settings.weight_at(term, request.time) != 0;
    }

    LossValues run() {
        const LossSettings& settings = request_.settings;
        const Factor hard_weight = request_.hard_weight();
        values_.hard_weight = hard_weight.value;
        values_.hard =
            piece(hard_weight, {}, [&] { return torch::cross_entropy_loss(leaf_, request_.inputs.labels); });
        values_.total = values_.hard * hard_weight;
        for (std::size_t i = 0; i < settings.terms.size(); ++i) {
            const LossTerm& term = settings.terms[i];
            const Factor weight = request_.weight(i);
            values_.weights.push_back(weight.value);
            values_.terms.push_back(term.on_features() ? on_features(term, weight) : on_logits(term, weight));
            if (weight.value != 0) values_.total = plus(values_.total, values_.terms.back(), weight);
        }
        go_back();
        finish_shares();
        return std::move(values_);
    }

  private:
    bool measures_parameters() const { return features_count_ && !request_.measured_on.empty(); }

    void add_norm(const torch::Tensor& norm) { norms_.push_back(norm); }

    /// One piece that depends on the logits; `own` are parameters of the term itself.
    template <class Value>
    torch::Tensor piece(const Factor& weight, const Tensors& own, Value value_of) {
        if (weight.value == 0) {
            const torch::NoGradGuard no_grad;
            add_norm(torch::zeros({}, leaf_.options().requires_grad(false)));
            return value_of();
        }
        const torch::Tensor value = value_of();
        Tensors wanted{leaf_};
        wanted.insert(wanted.end(), own.begin(), own.end());
        const Tensors found = grad({value * weight}, wanted, {}, {}, false, /*allow_unused=*/true);
        for (std::size_t i = 0; i < own.size(); ++i) {
            if (!found[i + 1].defined()) continue;
            torch::Tensor& sum = torch::Tensor(own[i]).mutable_grad();
            sum = sum.defined() ? sum + found[i + 1] : found[i + 1];
        }
        const torch::Tensor& gradient = found[0];
        if (!gradient.defined()) {
            add_norm(torch::zeros({}, leaf_.options().requires_grad(false)));
            return value.detach();
        }
        on_logits_ = on_logits_.defined() ? on_logits_ + gradient : gradient;
        if (measures_parameters() && request_.inputs.student.logits.requires_grad())
            add_norm(norm_of(grad({request_.inputs.student.logits}, request_.measured_on, {gradient},
                                  /*retain_graph=*/true, false, /*allow_unused=*/true),
                             leaf_));
        else
            add_norm(gradient.norm());
        return value.detach();
    }

    torch::Tensor on_logits(const LossTerm& term, const Factor& weight) {
        return piece(weight, term.objective->parameters(),
                     [&] { return term_value(term, on_leaf_, request_.time); });
    }

    torch::Tensor on_features(const LossTerm& term, const Factor& weight) {
        const auto zero = [&] { return torch::zeros({}, leaf_.options().requires_grad(false)); };
        if (weight.value == 0) {
            add_norm(zero());
            if (!term.objective->can_be_evaluated()) return zero(); // would have to write its memory
            const torch::NoGradGuard no_grad;
            LossTime main = request_.time;
            main.initial = false;
            LossInputs looking = request_.inputs;
            looking.training = false;
            return term_value(term, looking, main);
        }
        const torch::Tensor value = term_value(term, request_.inputs, request_.time);
        if (measures_parameters())
            add_norm(norm_of(grad({value * weight}, request_.measured_on, {}, /*retain_graph=*/true, false,
                                  /*allow_unused=*/true),
                             leaf_));
        beside_ = beside_.defined() ? plus(beside_, value, weight) : value * weight;
        return value.detach();
    }

    void go_back() {
        if (request_.beside.defined())
            beside_ = beside_.defined() ? beside_ + request_.beside : request_.beside;
        Tensors roots, gradients;
        const torch::Tensor& logits = request_.inputs.student.logits;
        if (on_logits_.defined() && logits.requires_grad()) {
            roots.push_back(logits);
            gradients.push_back(on_logits_);
        }
        if (beside_.defined() && beside_.requires_grad()) {
            roots.push_back(beside_);
            gradients.push_back(torch::ones_like(beside_));
        }
        if (!roots.empty()) torch::autograd::backward(roots, gradients);
    }

    /// Shares exist where every piece was measured in the same place.
    void finish_shares() {
        const bool whole = norms_.size() == request_.settings.terms.size() + 1;
        if (!whole || (features_count_ && !measures_parameters())) return;
        const torch::Tensor all = torch::stack(norms_);
        values_.shares = (all / all.sum().clamp_min(1e-30)).unbind();
    }

    const StepLossRequest& request_;
    LossInputs on_leaf_;
    torch::Tensor leaf_;      ///< the logits, cut off from the network
    torch::Tensor on_logits_; ///< the sum of all gradients there
    torch::Tensor beside_;    ///< what goes into the network by other ways
    Tensors norms_;
    bool features_count_ = false;
    LossValues values_;
};

} // namespace

LossValues backpropagate(const StepLossRequest& request) {
    if (auto small = small_answers(request)) {
        torch::autograd::backward({request.inputs.student.logits}, {small->gradient});
        return std::move(small->values);
    }
    return Backward(request).run();
}

torch::Tensor loss_of_peer(const StepLossRequest& request, const LossInputs& inputs) {
    torch::Tensor total =
        torch::cross_entropy_loss(inputs.student.logits, inputs.labels) * request.hard_weight();
    for (std::size_t i = 0; i < request.settings.terms.size(); ++i)
        if (const Factor weight = request.weight(i); weight.value != 0)
            total = plus(total, term_value(request.settings.terms[i], inputs, request.time), weight);
    return total;
}

} // namespace limbeck
