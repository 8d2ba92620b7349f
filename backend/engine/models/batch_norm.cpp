// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/batch_norm.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/autocast_mode.h>
#include <torch/torch.h>

#include "backend/engine/device/threads.h"
#include "backend/engine/kernels/row_kernels.h"
#include "backend/engine/switches.h"

namespace limbeck {
namespace {

using torch::Tensor;
namespace k = kernels;

/// Pictures as the matrix [rows, channels] that the kernels work on.
struct Rows {
    explicit Rows(const Tensor& x)
        : channels(x.size(1))
        , count(x.numel() / channels)
        , element(x.scalar_type() == torch::kFloat32 ? k::Element::f32 : k::Element::bf16)
        , bytes(static_cast<std::int64_t>(x.element_size())) {}

    /// Small enough that what a pass reads twice is still in the first cache, and the same however many
    /// threads there are: the sums of the chunks are added in their order.
    std::int64_t chunk() const { return std::max<std::int64_t>(1, 4096 / channels); }

    std::int64_t chunks() const { return (count + chunk() - 1) / chunk(); }

    /// f(chunk, first row, rows) for all chunks, spread over the threads.
    template <class Function>
    void for_chunks(const Function& f) const {
        const std::int64_t size = chunk();
        // A thread is woken for 64 KiB of work, not for less.
        const std::int64_t grain = std::max<std::int64_t>(1, 16384 / (size * channels));
        share_among_threads(chunks(), grain, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                f(i, i * size, std::min(size, count - i * size));
        });
    }

    template <class Pointer>
    Pointer at(Pointer base, std::int64_t row) const {
        using Byte = std::conditional_t<std::is_const_v<std::remove_pointer_t<Pointer>>, const char, char>;
        return base ? static_cast<Byte*>(base) + row * channels * bytes : nullptr;
    }

    std::int64_t channels, count;
    k::Element element;
    std::int64_t bytes;
};

/// What the kernels can be given: pictures on the CPU whose channels lie side by side.
bool suits(const Tensor& x) {
    return !switched_off("LIMBECK_FUSED_NORM") && x.device().is_cpu() && x.dim() == 4 &&
           x.numel() > x.size(1) &&
           (x.scalar_type() == torch::kFloat32 || x.scalar_type() == torch::kBFloat16) &&
           x.is_contiguous(torch::MemoryFormat::ChannelsLast);
}

/// [count, channels] float, one row for each meaning.
Tensor channel_rows(std::int64_t meanings, std::int64_t channels) {
    return torch::empty({meanings, channels}, torch::kFloat32);
}

/// The first three rows are all that the kernels use.
k::Channels view(const Tensor& mean_scale_shift) {
    const auto channels = mean_scale_shift.size(1);
    const auto* values = mean_scale_shift.const_data_ptr<float>();
    return {channels, values, values + channels, values + 2 * channels};
}

/// Null for a tensor that is not there.
const void* data_of(const Tensor& x) {
    return x.defined() ? x.const_data_ptr() : nullptr;
}

void* writable_data_of(const Tensor& x) {
    return x.defined() ? x.mutable_data_ptr() : nullptr;
}

/// Mean and biased variance of every channel (Chan 1979, equation 2.1, chunk after chunk, in double): of x,
/// or of x + added, which goes to `sum` then.
void moments_of(const Tensor& x, const Tensor& added, const Tensor& sum, std::vector<double>& mean,
                std::vector<double>& variance) {
    const Rows rows(x);
    const auto channels = static_cast<std::size_t>(rows.channels);
    Tensor parts = torch::empty({rows.chunks(), 2, rows.channels}, torch::kFloat32);
    auto* found = parts.data_ptr<float>();
    const k::Measured all{x.const_data_ptr(), data_of(added), writable_data_of(sum)};
    rows.for_chunks([&](std::int64_t chunk, std::int64_t row, std::int64_t count) {
        float* to = found + chunk * 2 * rows.channels;
        k::row_kernels().moments(rows.element,
                                 {rows.at(all.x, row), rows.at(all.added, row), rows.at(all.sum, row)}, count,
                                 rows.channels, to, to + rows.channels);
    });
    mean.assign(channels, 0);
    variance.assign(channels, 0);
    double seen = 0;
    for (std::int64_t chunk = 0; chunk < rows.chunks(); ++chunk) {
        const double count = static_cast<double>(std::min(rows.chunk(), rows.count - chunk * rows.chunk()));
        const double all = seen + count, part = count / all, both = seen * part;
        const float* chunk_mean = found + chunk * 2 * rows.channels;
        const float* chunk_squares = chunk_mean + channels;
        for (std::size_t c = 0; c < channels; ++c) {
            const double away = static_cast<double>(chunk_mean[c]) - mean[c];
            mean[c] += away * part;
            variance[c] += static_cast<double>(chunk_squares[c]) + away * away * both;
        }
        seen = all;
    }
    for (double& value : variance)
        value /= seen;
}

/// Mean, scale, shift and 1/σ [4, channels] for normalising with these statistics.
Tensor coefficients(const double* mean, const double* variance, double eps, const Tensor& weight,
                    const Tensor& bias) {
    const auto channels = weight.numel();
    Tensor rows = channel_rows(4, channels);
    auto* to = rows.data_ptr<float>();
    const auto *gamma = weight.const_data_ptr<float>(), *beta = bias.const_data_ptr<float>();
    for (std::int64_t c = 0; c < channels; ++c) {
        const double deviation = std::sqrt(variance[c] + eps),
                     scale = static_cast<double>(gamma[c]) / deviation;
        to[c] = static_cast<float>(mean[c]);
        to[channels + c] = static_cast<float>(scale);
        to[2 * channels + c] = static_cast<float>(static_cast<double>(beta[c]) - mean[c] * scale);
        to[3 * channels + c] = static_cast<float>(1 / deviation);
    }
    return rows;
}

/// Into new memory, or `into`. With `sum` x + added goes there first, and is what is scaled.
Tensor scale_and_shift(const Tensor& x, const Tensor& mean_scale_shift, Then then, const Tensor& added,
                       Tensor into = {}, const Tensor& sum = {}) {
    const Rows rows(x);
    if (!into.defined()) into = torch::empty_like(x);
    const k::Channels channels = view(mean_scale_shift);
    const k::Forward all{x.const_data_ptr(), data_of(added), into.mutable_data_ptr(), then == Then::relu,
                         writable_data_of(sum)};
    rows.for_chunks([&](std::int64_t, std::int64_t row, std::int64_t count) {
        k::row_kernels().forward(rows.element,
                                 {rows.at(all.x, row), rows.at(all.added, row), rows.at(all.y, row), all.relu,
                                  rows.at(all.sum, row)},
                                 count, channels);
    });
    return into;
}

/// What is added: behind the normalisation, or before it, as a second answer.
enum class Added { behind, before };

/// In training mode, with its way back.
class TrainedNorm : public torch::autograd::Function<TrainedNorm> {
  public:
    static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context, const Tensor& in,
                                                  const Tensor& weight, const Tensor& bias,
                                                  const std::optional<Tensor>& addend, BatchNormImpl* norm,
                                                  bool relu, Added place) {
        const Tensor added = addend.value_or(Tensor());
        const bool before = added.defined() && place == Added::before;
        const bool behind = added.defined() && !before;
        const Tensor x = before ? torch::empty_like(in) : in;
        std::vector<double> mean, variance;
        moments_of(in, before ? added : Tensor(), before ? x : Tensor(), mean, variance);
        update(*norm, mean, variance, x);
        const Tensor channels = coefficients(mean.data(), variance.data(), norm->options.eps(), weight, bias);
        const Tensor y =
            scale_and_shift(x, channels, relu ? Then::relu : Then::nothing, behind ? added : Tensor());
        // Without an addition behind it the sign of y follows from x, which is there anyway.
        context->save_for_backward({x, channels, relu && behind ? y : Tensor()});
        context->saved_data["relu"] = relu;
        context->saved_data["behind"] = behind;
        context->saved_data["before"] = before;
        context->set_materialize_grads(false);
        if (before) return {y, x};
        return {y};
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const Tensor &x = saved[0], &channels = saved[1], &y = saved[2];
        const bool relu = context->saved_data["relu"].toBool(),
                   behind = context->saved_data["behind"].toBool(),
                   before = context->saved_data["before"].toBool();
        const Tensor of_sum = before ? gradients[1] : Tensor();
        if (!gradients[0].defined()) return {of_sum, {}, {}, of_sum, {}, {}, {}}; // only the sum was used
        const auto as_x = [&x](const Tensor& gradient) {
            return gradient.to(x.scalar_type()).contiguous(torch::MemoryFormat::ChannelsLast);
        };
        const Tensor dy = as_x(gradients[0]), more = of_sum.defined() ? as_x(of_sum) : of_sum;
        const Tensor masked = relu && behind ? torch::empty_like(x) : Tensor();
        const Tensor dx = torch::empty_like(x);

        const Rows rows(x);
        const k::Channels each = view(channels);
        const k::Backward all{dy.const_data_ptr(),
                              x.const_data_ptr(),
                              data_of(y),
                              writable_data_of(masked),
                              dx.mutable_data_ptr(),
                              relu,
                              data_of(more)};
        const auto from = [&](std::int64_t row) {
            return k::Backward{rows.at(all.dy, row),  rows.at(all.x, row),  rows.at(all.y, row),
                               rows.at(all.g, row),   rows.at(all.dx, row), all.relu,
                               rows.at(all.more, row)};
        };
        Tensor parts = torch::empty({rows.chunks(), 2, rows.channels}, torch::kFloat32);
        auto* found = parts.data_ptr<float>();
        rows.for_chunks([&](std::int64_t chunk, std::int64_t row, std::int64_t count) {
            float* to = found + chunk * 2 * rows.channels;
            k::row_kernels().gradient_sums(rows.element, from(row), count, each, to, to + rows.channels);
        });
        std::vector<double> sums(static_cast<std::size_t>(2 * rows.channels), 0);
        for (std::int64_t chunk = 0; chunk < rows.chunks(); ++chunk)
            for (std::size_t i = 0; i < sums.size(); ++i)
                sums[i] +=
                    static_cast<double>(found[chunk * 2 * rows.channels + static_cast<std::int64_t>(i)]);

        // With x̂ = (x − mean)/σ: dγ = Σ g·x̂, dβ = Σ g, dx = γ/σ · (g − dβ/n − x̂·dγ/n)  (Ioffe 2015, section
        // 3).
        Tensor of_weight = channel_rows(1, rows.channels).squeeze(0), of_bias = torch::empty_like(of_weight);
        Tensor lines = channel_rows(2, rows.channels);
        auto *slope = lines.data_ptr<float>(), *level = slope + rows.channels;
        const float* per_deviation = channels[3].const_data_ptr<float>();
        const double n = static_cast<double>(rows.count);
        for (std::int64_t c = 0; c < rows.channels; ++c) {
            const auto sum = sums[static_cast<std::size_t>(c)];
            const auto product = sums[static_cast<std::size_t>(rows.channels + c)];
            const double per_sigma = per_deviation[c], scale = each.scale[c];
            of_weight.data_ptr<float>()[c] = static_cast<float>(product * per_sigma);
            of_bias.data_ptr<float>()[c] = static_cast<float>(sum);
            slope[c] = static_cast<float>(scale * product * per_sigma * per_sigma / n);
            level[c] = static_cast<float>(scale * sum / n);
        }
        rows.for_chunks([&](std::int64_t, std::int64_t row, std::int64_t count) {
            k::row_kernels().gradient(rows.element, from(row), count, each, slope, level);
        });
        const Tensor of_added = before ? dx : !behind ? Tensor() : relu ? masked : dy;
        return {dx, of_weight, of_bias, of_added, {}, {}, {}};
    }

  private:
    /// PyTorch's running statistics: the variance there is the unbiased one.
    static void update(BatchNormImpl& norm, const std::vector<double>& mean,
                       const std::vector<double>& variance, const Tensor& x) {
        ++*norm.num_batches_tracked.data_ptr<std::int64_t>();
        const double n = static_cast<double>(x.numel()) / static_cast<double>(mean.size());
        const double part = *norm.options.momentum();
        const auto towards = [part](float& value, double now) {
            value = static_cast<float>((1 - part) * static_cast<double>(value) + part * now);
        };
        auto *to_mean = norm.running_mean.data_ptr<float>(),
             *to_variance = norm.running_var.data_ptr<float>();
        for (std::size_t c = 0; c < mean.size(); ++c) {
            towards(to_mean[c], mean[c]);
            towards(to_variance[c], variance[c] * n / (n - 1));
        }
    }
};

bool same_layout(const Tensor& x, const Tensor& added) {
    return !added.defined() ||
           (suits(added) && added.sizes() == x.sizes() && added.scalar_type() == x.scalar_type());
}

/// The rest of a layer whose normalisation is done: in place.
Tensor finished(const Tensor& y, Then then, const Tensor& added) {
    if (added.defined() && !torch::GradMode::is_enabled() && suits(y) && same_layout(y, added)) {
        Tensor plain = channel_rows(3, y.size(1)).zero_();
        plain[1].fill_(1);
        return scale_and_shift(y, plain, then, added, y);
    }
    if (added.defined()) y.add_(added);
    return then == Then::relu ? y.relu_() : y;
}

Tensor plainly(BatchNormImpl& norm, const Tensor& x, Then then, const Tensor& added) {
    return finished(norm.forward(x), then, added);
}

/// What is normalised with gradients, but not as training does.
bool needs_gradients_of(const BatchNormImpl& norm, const Tensor& x, const Tensor& added) {
    return torch::GradMode::is_enabled() &&
           (x.requires_grad() || norm.weight.requires_grad() || (added.defined() && added.requires_grad()));
}

torch::autograd::variable_list trained(BatchNormImpl& norm, const Tensor& x, Then then, const Tensor& added,
                                       Added place) {
    const std::optional<Tensor> addend = added.defined() ? std::optional(added) : std::nullopt;
    return TrainedNorm::apply(x, norm.weight, norm.bias, addend, &norm, then == Then::relu, place);
}

/// Of the running statistics.
Tensor running_coefficients(const BatchNormImpl& norm) {
    const auto to_double = [](const Tensor& t) {
        const auto* from = t.const_data_ptr<float>();
        return std::vector<double>(from, from + t.numel());
    };
    return coefficients(to_double(norm.running_mean).data(), to_double(norm.running_var).data(),
                        norm.options.eps(), norm.weight, norm.bias);
}

/// What a convolution computes in here and now.
torch::ScalarType computed_in(const Tensor& x) {
    const auto device = x.device().type();
    return at::autocast::is_autocast_enabled(device) ? at::autocast::get_autocast_dtype(device)
                                                     : x.scalar_type();
}

Tensor convolve(const torch::nn::Conv2dImpl& layer, const Tensor& x, const Tensor& weight,
                const Tensor& bias) {
    const auto& options = layer.options;
    const auto* padding = std::get_if<torch::ExpandingArray<2>>(&options.padding());
    TORCH_CHECK(padding, "a folded convolution needs its padding in numbers");
    return torch::conv2d(x, weight, bias, options.stride(), *padding, options.dilation(), options.groups());
}

} // namespace

const FoldedConvolution& BatchNormImpl::folded_into(const torch::nn::Conv2dImpl& convolution,
                                                    torch::ScalarType type) {
    const std::lock_guard lock(folding_);
    if (folded_ && folded_->computed_in == type) return *folded_;
    const torch::NoGradGuard no_grad;
    const auto in_double = [](const Tensor& x) { return x.to(torch::kFloat64); };
    const Tensor scale = in_double(weight) / (in_double(running_var) + options.eps()).sqrt();
    Tensor shift = in_double(bias) - in_double(running_mean) * scale;
    if (convolution.bias.defined()) shift += in_double(convolution.bias) * scale;
    const Tensor scaled = in_double(convolution.weight) * scale.view({-1, 1, 1, 1});
    folded_ = FoldedConvolution{scaled.to(type).contiguous(convolution.weight.suggest_memory_format()),
                                shift.to(type), type};
    return *folded_;
}

Tensor normalised(BatchNormImpl& norm, const Tensor& x, Then then, const Tensor& added) {
    if (!suits(x) || !same_layout(x, added)) return plainly(norm, x, then, added);
    if (norm.is_training()) return trained(norm, x, then, added, Added::behind)[0];
    if (needs_gradients_of(norm, x, added)) return plainly(norm, x, then, added);
    return scale_and_shift(x, running_coefficients(norm), then, added);
}

AddedUp added_up(BatchNormImpl& norm, const Tensor& x, const Tensor& added, Then then) {
    if (!added.defined()) return {x, normalised(norm, x, then)};
    if (suits(x) && same_layout(x, added)) {
        if (norm.is_training()) {
            const auto both = trained(norm, x, then, added, Added::before);
            return {both[1], both[0]};
        }
        if (!needs_gradients_of(norm, x, added))
            return {x, scale_and_shift(x, running_coefficients(norm), then, added, {}, x)};
    }
    const Tensor sum = x + added;
    return {sum, normalised(norm, sum, then)};
}

Tensor convolved(torch::nn::Conv2dImpl& convolution, BatchNormImpl& norm, const Tensor& x, Then then,
                 const Tensor& added) {
    if (!norm.frozen() || torch::GradMode::is_enabled())
        return normalised(norm, convolution.forward(x), then, added);
    const auto& folded = norm.folded_into(convolution, computed_in(x));
    return finished(convolve(convolution, x, folded.weight, folded.bias), then, added);
}

Tensor convolved(torch::nn::Sequential& layers, std::size_t place, const Tensor& x, Then then,
                 const Tensor& added) {
    return convolved(*layers[place]->as<torch::nn::Conv2dImpl>(), *layers[place + 1]->as<BatchNormImpl>(), x,
                     then, added);
}

void freeze_norms(torch::nn::Module& network) {
    for (const auto& module : network.modules())
        if (auto* norm = module->as<BatchNormImpl>()) norm->freeze();
}

} // namespace limbeck
