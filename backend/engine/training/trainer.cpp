// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/trainer.h"

#include <array>
#include <charconv>
#include <utility>

#include <ATen/ops/_amp_foreach_non_finite_check_and_unscale.h>
#include <torch/torch.h>

#include "backend/engine/device/threads.h"
#include "backend/engine/evaluation/counts.h"
#include "backend/engine/evaluation/evaluate.h"
#include "backend/engine/guard.h"
#include "backend/engine/models/weights.h"
#include "backend/engine/tensors.h"
#include "backend/engine/training/checks.h"
#include "backend/engine/training/schedule.h"

namespace limbeck {
namespace {

constexpr std::array<std::string_view, 4> live_keys{"training.learning_rate", "distillation.hard_weight",
                                                    "distillation.soft_weight", "distillation.temperature"};

/// The shortest text that reads back as the same number.
template <class Number>
std::string exact(Number value) {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

template <class Number>
Result<Number> read_exact(const TensorMap& map, const std::string& key) {
    const auto found = map.metadata.find(key);
    Number value{};
    if (found != map.metadata.end()) {
        const auto& text = found->second;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc{} && end == text.data() + text.size()) return value;
    }
    return failure(ErrorKind::document,
                   "The training state that was saved has no number \"" + key + "\"" +
                       (found == map.metadata.end() ? "." : ", but \"" + found->second + "\"."));
}

std::string doing(const TrainingTask& task) {
    return "training the " + std::string(to_string(task.role));
}

} // namespace

Trainer::Trainer(TrainerParts parts)
    : parts_(std::move(parts))
    , device_name_(parts_.data->device().str())
    , base_rate_(parts_.task.optimization.learning_rate)
    , batches_(parts_.data, parts_.task.optimization.batch_size, parts_.task.crop_padding, parts_.task.flip,
               parts_.task.seed)
    , buffers_(*parts_.network)
    , recorder_(parts_.data->device(), parts_.loss, parts_.teacher != nullptr)
    , small_(parts_.flops_per_sample * static_cast<double>(parts_.task.optimization.batch_size) <
             single_thread_flops) {
    const auto scalar = torch::TensorOptions(torch::kFloat32).device(parts_.data->device());
    bad_ = torch::zeros({}, scalar);
    no_scale_ = torch::ones({}, scalar);
}

Result<StepOutcome> Trainer::step() {
    return guarded(doing(parts_.task), [&]() -> Result<StepOutcome> {
        if (steps_ >= total_steps()) {
            return failure(ErrorKind::usage, "All " + std::to_string(total_steps()) +
                                                 " steps of this run are done; there is none left to do.");
        }
        return train_step();
    });
}

StepOutcome Trainer::train_step() {
    const torch::AutoGradMode grad(true);
    const SingleThread threads(small_);
    const auto batch = batches_.at(steps_);
    Recorder::Step record;
    torch::Tensor student, teacher;
    {
        const AutocastScope autocast(parts_.data->device(), parts_.precision);
        student = parts_.network->forward(batch.inputs);
    }
    if (parts_.teacher) {
        const torch::NoGradGuard no_grad;
        const AutocastScope autocast(parts_.data->device(), parts_.precision);
        teacher = parts_.teacher->forward(batch.inputs).to(torch::kFloat32);
    }
    student = student.to(torch::kFloat32);
    record.values = compute_loss(parts_.loss, student, teacher, batch.labels);
    record.values.total.backward();

    auto checked = parts_.optimizer->gradients();
    checked.push_back(record.values.total.detach());
    at::_amp_foreach_non_finite_check_and_unscale_(checked, bad_, no_scale_);
    buffers_.settle(bad_);
    record.learning_rate = base_rate_ * schedule_factor(parts_.task.optimization, steps_, steps_per_epoch());
    parts_.optimizer->step(record.learning_rate, bad_);

    record.number = ++steps_;
    record.samples = batch.labels.size(0);
    record.loss = &parts_.loss;
    record.counts = count_answers(student.detach(), teacher, batch.labels);
    record.bad = bad_;
    recorder_.write(record);
    return {.step = steps_,
            .epoch = steps_ / steps_per_epoch(),
            .epoch_finished = steps_ % steps_per_epoch() == 0,
            .finished = steps_ == total_steps(),
            .samples = record.samples};
}

Result<StepRows> Trainer::drain(bool wait) {
    return guarded("reading the metrics of the training",
                   [&]() -> Result<StepRows> { return recorder_.take(wait); });
}

Result<Evaluation> Trainer::evaluate(Part part, const std::function<bool()>& keep_going) {
    return guarded("evaluating the " + std::string(to_string(parts_.task.role)), [&]() -> Result<Evaluation> {
        auto result = evaluate_part({*parts_.network, parts_.teacher.get(), parts_.loss, parts_.precision},
                                    *parts_.data, part, keep_going);
        if (result && result->answers) {
            auto answers = std::make_shared<AnswersSnapshot>(*result->answers);
            answers->step = steps_;
            answers->epoch = steps_ / steps_per_epoch();
            result->answers = std::move(answers);
        }
        return result;
    });
}

double* Trainer::live_value(std::string_view key) {
    if (key == live_keys[0]) return &base_rate_;
    if (key == live_keys[1]) return &parts_.loss.hard_weight;
    if (parts_.loss.terms.empty()) return nullptr;
    if (key == live_keys[2]) return &parts_.loss.terms.front().weight;
    if (key == live_keys[3]) return parts_.loss.terms.front().objective->option_address("temperature");
    return nullptr;
}

Result<void> Trainer::set_live(std::string_view key, double value) {
    auto* target = live_value(key);
    if (!target) {
        return failure(ErrorKind::usage,
                       "The setting " + std::string(key) + " has no part in the training of this " +
                           std::string(to_string(parts_.task.role)) +
                           "; the learning rate and, with a teacher, the temperature and both weights can be "
                           "changed while it runs.",
                       std::string(key));
    }
    if (auto fits = check_live_value(key, value); !fits) return fits;
    *target = value;
    return {};
}

Result<double> Trainer::live(std::string_view key) const {
    if (const auto* value = const_cast<Trainer*>(this)->live_value(key)) return *value;
    return failure(ErrorKind::usage,
                   "The setting " + std::string(key) + " has no part in the training of this " +
                       std::string(to_string(parts_.task.role)) + ".",
                   std::string(key));
}

Result<TensorMap> Trainer::weights() const {
    return guarded("reading the weights", [&] { return state_dict(*parts_.network); });
}

Result<TensorMap> Trainer::state() const {
    // Rows that are still on the device must come in to know whether a step went wrong; what they say stays.
    return guarded("reading the state of the training",
                   [&] { return const_cast<Trainer*>(this)->collect_state(); });
}

Result<TensorMap> Trainer::collect_state() {
    TensorMap map;
    for (const auto& [name, tensor] : parts_.optimizer->state()) {
        auto data = to_data(tensor);
        if (!data) return tl::unexpected(data.error());
        map.tensors.emplace(name, std::move(*data));
    }
    // After a bad step nothing has changed any more: the state is that of the step before it.
    const auto bad = recorder_.first_bad_step();
    map.metadata["step"] = exact(bad ? *bad - 1 : steps_);
    map.metadata["optimizer"] = parts_.task.optimization.optimizer;
    for (const auto key : live_keys) {
        if (const auto* value = live_value(key)) map.metadata[std::string(key)] = exact(*value);
    }
    return map;
}

Result<void> Trainer::restore(const TensorMap& weights, const TensorMap& state) {
    return guarded("going on from a checkpoint", [&]() -> Result<void> {
        const auto step = read_exact<std::int64_t>(state, "step");
        if (!step) return tl::unexpected(step.error());
        if (*step < 0 || *step > total_steps()) {
            return failure(ErrorKind::document, "The checkpoint was made after " + std::to_string(*step) +
                                                    " steps; this run has " + std::to_string(total_steps()) +
                                                    ".");
        }
        const auto optimizer = state.metadata.find("optimizer");
        if (optimizer == state.metadata.end() || optimizer->second != parts_.task.optimization.optimizer) {
            return failure(ErrorKind::document,
                           "The checkpoint was not made with the optimiser " +
                               parts_.task.optimization.optimizer +
                               ": a run can only go on with the one it began with.",
                           "training.optimizer");
        }
        std::array<double, live_keys.size()> values{};
        for (std::size_t i = 0; i < live_keys.size(); ++i) {
            if (!live_value(live_keys[i])) continue;
            const auto value = read_exact<double>(state, std::string(live_keys[i]));
            if (!value) return tl::unexpected(value.error());
            if (auto fits = check_live_value(live_keys[i], *value); !fits) return fits;
            values[i] = *value;
        }
        // Both loaders leave everything as it is when they refuse, so the state goes last of what can fail.
        if (auto loaded = load_state_dict(*parts_.network, weights); !loaded) return loaded;
        if (auto loaded = parts_.optimizer->load(state); !loaded) return loaded;
        for (std::size_t i = 0; i < live_keys.size(); ++i) {
            if (auto* target = live_value(live_keys[i])) *target = values[i];
        }
        buffers_.accept();
        recorder_.clear();
        bad_.zero_();
        steps_ = *step;
        return {};
    });
}

} // namespace limbeck
