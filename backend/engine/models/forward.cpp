// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/forward.h"

#include <torch/torch.h>

#include "backend/engine/guard.h"
#include "backend/engine/models/from_weights.h"
#include "backend/engine/models/network.h"
#include "backend/engine/models/weights.h"
#include "backend/engine/tensor_files.h"
#include "backend/engine/tensors.h"

namespace limbeck {

namespace {

Result<torch::Tensor> read_input(const TensorMap& inputs) {
    const auto found = inputs.tensors.find("input");
    if (found == inputs.tensors.end())
        return failure(ErrorKind::usage,
                       "A forward pass needs a tensor named \"input\" [B, …]; the file has none.");
    auto input = to_tensor(found->second);
    if (!input) return input;
    if (input->dim() < 2 || input->numel() == 0 || !input->is_floating_point())
        return failure(ErrorKind::usage,
                       "\"input\" must be a batch [B, C, H, W] or [B, D] of real numbers; it is " +
                           shape_text(input->sizes()) + " of " + to_string(input->scalar_type()) + ".");
    return input;
}

} // namespace

Result<TensorMap> run_forward(const NetworkSpec& spec, const TensorMap& weights, const TensorMap& inputs) {
    return guarded("running " + spec.model, [&]() -> Result<TensorMap> {
        const auto x = read_input(inputs);
        if (!x) return tl::unexpected<Error>(x.error());
        const InputSpec input{x->sizes().slice(1).vec()};
        const auto classes = classes_from(spec, input, weights);
        if (!classes) return tl::unexpected<Error>(classes.error());
        const auto network = build_network(spec, input, *classes);
        if (!network) return tl::unexpected<Error>(network.error());
        convert(**network, x->scalar_type());
        if (auto loaded = load_weights(**network, spec, weights, 0); !loaded)
            return tl::unexpected<Error>(std::move(loaded.error()));

        (*network)->eval();
        const torch::NoGradGuard no_grad;
        const Answers answers = (*network)->forward_taps(*x);
        TensorMap outputs;
        outputs.metadata["model"] = to_string(spec);
        Result<void> done = put(outputs, "logits", answers.logits);
        for (std::size_t i = 0; done && i < answers.features.size(); ++i)
            done = put(outputs, "feature." + std::to_string(i), answers.features[i]);
        for (std::size_t i = 0; done && i < answers.preactivations.size(); ++i)
            done = put(outputs, "preactivation." + std::to_string(i), answers.preactivations[i]);
        if (!done) return tl::unexpected<Error>(std::move(done.error()));
        return outputs;
    });
}

} // namespace limbeck
