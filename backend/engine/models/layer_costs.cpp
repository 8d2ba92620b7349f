// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/layer_costs.h"

#include <unordered_map>

#include <torch/torch.h>

#include "backend/engine/guard.h"
#include "backend/engine/models/multiply_adds.h"
#include "backend/engine/models/network.h"

namespace limbeck {

namespace {

constexpr std::int64_t float_bytes = sizeof(float);

std::string convolution_kind(const torch::nn::Conv2dImpl& layer) {
    const auto& options = layer.options;
    const auto in = options.in_channels(), groups = options.groups();
    const std::string side =
        std::to_string(layer.weight.size(2)) + "×" + std::to_string(layer.weight.size(3));
    return (groups == 1 ? "conv " : groups == in ? "depthwise conv " : "grouped conv ") + side;
}

/// Empty where the module is no layer but holds some.
std::string kind_of(const torch::nn::Module& module) {
    if (const auto* conv = module.as<torch::nn::Conv2dImpl>()) return convolution_kind(*conv);
    if (module.as<torch::nn::LinearImpl>()) return "linear";
    if (module.as<torch::nn::BatchNorm2dImpl>() || module.as<torch::nn::BatchNorm1dImpl>())
        return "batch norm";
    if (module.as<torch::nn::LayerNormImpl>()) return "layer norm";
    return {};
}

std::string joined(const std::string& module, const std::string& name) {
    return module.empty() ? name : module + "." + name;
}

/// A row a layer. An operator belongs to the layer whose parameter it reads; one that reads none (the
/// products of attention) to the module around the layer before it.
class Table final : public MultiplyAdds::Listener {
  public:
    explicit Table(const Network& network) {
        for (const auto& item : network.named_modules()) {
            const std::string kind = kind_of(*item.value());
            const bool layer = !kind.empty();
            if (layer) add_row(item.key(), kind);
            for (const auto& own : item.value()->named_parameters(/*recurse=*/false)) {
                if (!layer) add_row(joined(item.key(), own.key()), "parameter");
                LayerCost& row = rows_.back();
                row.parameters += own.value().numel();
                row.bytes += own.value().numel() * float_bytes;
                owner_[own.value().data_ptr()] = rows_.size() - 1;
            }
            for (const auto& own : item.value()->named_buffers(/*recurse=*/false)) {
                if (!layer) add_row(joined(item.key(), own.key()), "state");
                rows_.back().bytes += static_cast<std::int64_t>(own.value().nbytes());
            }
        }
    }

    std::int64_t begins(c10::ArrayRef<const c10::IValue> inputs) override {
        const auto row = row_of(inputs);
        if (!row) return -1;
        last_ = *row;
        if (!seen_[*row]) order_.push_back(*row);
        seen_[*row] = true;
        return static_cast<std::int64_t>(*row);
    }

    /// The outermost operator ends last, and its output stays. A view of a parameter is no output where there
    /// is another.
    void ends(std::int64_t number, const torch::Tensor& output) override {
        LayerCost& row = rows_[static_cast<std::size_t>(number)];
        if (output.dim() == 0 || (owner_.contains(output.data_ptr()) && !row.output.empty())) return;
        gives(row, output.sizes().slice(1).vec());
    }

    void counts(c10::ArrayRef<const c10::IValue> inputs, std::int64_t multiply_adds,
                const torch::Tensor& output) override {
        if (const auto row = row_of(inputs)) {
            rows_[*row].multiply_adds += multiply_adds;
            return;
        }
        LayerCost& row = rows_[attention()];
        row.multiply_adds += multiply_adds;
        gives(row, output.sizes().vec()); // the heads come before, where the batch was
    }

    /// In the order of the computation; what took no part in it comes last.
    std::vector<LayerCost> rows() const {
        std::vector<LayerCost> all;
        for (const std::size_t row : order_)
            all.push_back(rows_[row]);
        for (std::size_t row = 0; row < rows_.size(); ++row)
            if (!seen_[row]) all.push_back(rows_[row]);
        return all;
    }

  private:
    void add_row(std::string name, std::string kind) {
        LayerCost row;
        row.name = std::move(name);
        row.kind = std::move(kind);
        rows_.push_back(std::move(row));
        seen_.push_back(false);
    }

    std::optional<std::size_t> row_of(c10::ArrayRef<const c10::IValue> inputs) const {
        for (const c10::IValue& input : inputs) {
            if (!input.isTensor() || !input.toTensor().defined()) continue;
            const auto found = owner_.find(input.toTensor().data_ptr());
            if (found != owner_.end()) return found->second;
        }
        return std::nullopt;
    }

    std::size_t attention() {
        const std::string& before = rows_[last_].name;
        const std::size_t dot = before.rfind('.');
        const std::string around = dot == std::string::npos ? "attention" : before.substr(0, dot);
        const auto [found, added] = attentions_.try_emplace(around, rows_.size());
        if (added) {
            add_row(around, "attention");
            seen_.back() = true;
            order_.push_back(found->second);
        }
        return found->second;
    }

    static void gives(LayerCost& row, std::vector<std::int64_t> shape) {
        row.output = std::move(shape);
        row.activation_bytes = float_bytes;
        for (const std::int64_t n : row.output)
            row.activation_bytes *= n;
    }

    std::vector<LayerCost> rows_;
    std::vector<bool> seen_;
    std::vector<std::size_t> order_;
    std::unordered_map<const void*, std::size_t> owner_;
    std::unordered_map<std::string, std::size_t> attentions_;
    std::size_t last_ = 0;
};

} // namespace

Result<std::vector<LayerCost>> layer_costs(const NetworkSpec& spec, const InputSpec& input,
                                           std::int64_t classes) {
    return guarded("measuring the layers of " + spec.model, [&]() -> Result<std::vector<LayerCost>> {
        const auto network = build_network(spec, input, classes);
        if (!network) return tl::unexpected<Error>(network.error());
        (*network)->eval();
        const torch::NoGradGuard no_grad;
        std::vector<std::int64_t> shape{1};
        shape.insert(shape.end(), input.shape.begin(), input.shape.end());
        Table table(**network);
        {
            const MultiplyAdds multiply_adds(&table);
            (*network)->forward(torch::zeros(shape));
        }
        return table.rows();
    });
}

} // namespace limbeck
