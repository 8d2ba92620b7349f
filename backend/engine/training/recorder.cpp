// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/recorder.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/torch.h>

#include "backend/engine/evaluation/counts.h"

namespace limbeck {
namespace {

/// Rows that travel together. At 0.2 ms a step a block is 3 ms old when it leaves: soon enough for eyes.
constexpr std::int64_t block_size = 16;

/// Columns of a device row: total, hard, terms…, shares (labels, terms…), readings, the counts, the flag.
enum Column : std::int64_t { column_total, column_hard, column_terms };

} // namespace

Recorder::Recorder(torch::Device device, const LossSettings& loss, bool has_teacher)
    : device_(device)
    , terms_(loss.terms.size())
    , shares_(terms_ == 0 ? 0 : terms_ + 1) // of one piece it would always be all
    , readings_(0)
    , has_teacher_(has_teacher) {
    const auto add = [&](std::string_view name) {
        series_.push_back(std::string(series::train) + std::string(name));
    };
    add(series::loss);
    add(series::hard);
    add(series::hard_weighted);
    for (const auto& term : loss.terms) {
        add(term.name);
        add(term.name + "_weighted");
    }
    if (shares_ > 0) add(std::string(series::hard) + "_share");
    for (const auto& term : loss.terms)
        add(term.name + "_share");
    for (const auto& term : loss.terms) {
        for (const auto& [name, value] : term.objective->readings()) {
            add(term.name + "_" + name);
            ++readings_;
        }
    }
    columns_ = column_terms + static_cast<std::int64_t>(terms_ + shares_ + readings_) + count_columns + 1;
    unknown_ = torch::full({1}, std::numeric_limits<float>::quiet_NaN(),
                           torch::TensorOptions(torch::kFloat32).device(device_));
    add(series::accuracy);
    if (has_teacher_) {
        add(series::agreement);
        add(series::teacher_accuracy);
        add(series::predictive_kl);
    }
    add(series::learning_rate);
}

torch::Tensor Recorder::empty_row() const {
    return torch::empty({columns_}, torch::TensorOptions(torch::kFloat32).device(device_));
}

torch::Tensor Recorder::next_row() {
    if (!open_.rows.defined()) {
        open_.rows =
            torch::empty({block_size, columns_}, torch::TensorOptions(torch::kFloat32).device(device_));
    }
    return open_.rows.select(0, static_cast<std::int64_t>(open_.steps.size()));
}

void Recorder::close_row(const Step& step) {
    open_.steps.push_back(
        {step.number, step.samples, step.learning_rate, step.values.hard_weight, step.values.weights});
    if (static_cast<std::int64_t>(open_.steps.size()) == block_size) send();
}

void Recorder::write(const Step& step) {
    auto row = next_row();
    put(step, row);
    close_row(step);
}

void Recorder::write(const Step& step, const torch::Tensor& row) {
    next_row().copy_(row);
    close_row(step);
}

void Recorder::put(const Step& step, torch::Tensor& row) const {
    torch::NoGradGuard no_grad;
    if (step.values.row.defined()) {
        auto* to = row.data_ptr<float>();
        std::copy_n(step.values.row.const_data_ptr<float>(), columns_ - 1, to);
        to[columns_ - 1] = *step.bad.const_data_ptr<float>();
        return;
    }
    std::vector<torch::Tensor> parts{step.values.total.detach().view({1}),
                                     step.values.hard.detach().view({1})};
    for (const auto& term : step.values.terms)
        parts.push_back(term.detach().to(torch::kFloat32).view({1}));
    for (std::size_t i = 0; i < shares_; ++i)
        parts.push_back(step.values.shares.empty() ? unknown_ : step.values.shares[i].view({1}));
    for (std::size_t i = 0; i < readings_; ++i) {
        const bool known = i < step.readings.size() && step.readings[i].defined();
        parts.push_back(known ? step.readings[i].detach().to(torch::kFloat32).view({1}) : unknown_);
    }
    parts.push_back(step.counts);
    parts.push_back(step.bad.view({1}));
    torch::cat_out(row, parts);
}

void Recorder::send() {
    if (open_.steps.empty()) return;
    Block block = std::exchange(open_, {});
    if (device_.is_cuda()) {
        auto host =
            torch::empty(block.rows.sizes(), torch::TensorOptions(torch::kFloat32).pinned_memory(true));
        host.copy_(block.rows, /*non_blocking=*/true);
        block.rows = host;
        block.arrived.emplace(device_.type());
        block.arrived->record(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));
    }
    on_the_way_.push_back(std::move(block));
}

void Recorder::collect(bool wait) {
    if (wait || device_.is_cpu()) send();
    while (!on_the_way_.empty()) {
        auto& block = on_the_way_.front();
        if (block.arrived && !block.arrived->query()) {
            if (!wait) return;
            block.arrived->synchronize();
        }
        const auto* values = block.rows.const_data_ptr<float>();
        for (std::size_t i = 0; i < block.steps.size(); ++i) {
            append(values + static_cast<std::int64_t>(i) * columns_, block.steps[i]);
        }
        on_the_way_.pop_front();
    }
}

void Recorder::append(const float* row, const HostSide& step) {
    const auto add = [&](double value) { ready_.values.push_back(value); };
    const float* shares = row + column_terms + terms_;
    const float* counts = shares + shares_ + readings_;
    const auto share = [&](Count which) {
        return static_cast<double>(counts[which]) / static_cast<double>(step.samples);
    };
    ready_.steps.push_back(step.number);
    add(row[column_total]);
    add(row[column_hard]);
    add(step.hard_weight * row[column_hard]);
    for (std::size_t i = 0; i < terms_; ++i) {
        const double raw = row[column_terms + i];
        add(raw);
        add(step.weights[i] * raw);
    }
    for (std::size_t i = 0; i < shares_ + readings_; ++i)
        add(shares[i]);
    add(share(count_correct));
    if (has_teacher_) {
        add(share(count_agreeing));
        add(share(count_teacher_correct));
        add(share(count_kl));
    }
    add(step.learning_rate);
    if (!first_bad_ && counts[count_columns] != 0) first_bad_ = step.number;
}

StepRows Recorder::take(bool wait) {
    collect(wait);
    auto rows = std::exchange(ready_, {});
    rows.first_bad_step = first_bad_;
    return rows;
}

std::optional<std::int64_t> Recorder::first_bad_step() {
    collect(true);
    return first_bad_;
}

void Recorder::clear() {
    open_ = {};
    on_the_way_.clear();
    ready_ = {};
    first_bad_.reset();
}

} // namespace limbeck
