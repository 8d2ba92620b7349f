// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/trainer.h"

#include <array>
#include <charconv>
#include <utility>

#include <ATen/ops/_amp_foreach_non_finite_check_and_unscale.h>
#include <torch/torch.h>

#include "backend/engine/evaluation/counts.h"
#include "backend/engine/evaluation/evaluate.h"
#include "backend/engine/guard.h"
#include "backend/engine/models/weights.h"
#include "backend/engine/tensors.h"
#include "backend/engine/training/checks.h"
#include "backend/engine/training/schedule.h"
#include "backend/engine/training/step_loss.h"

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

/// Steps between two measurements of the shares of the gradient, where they take a pass of their own.
constexpr std::int64_t share_every = 32;

/// What learns along with the network: the terms' own layers and memories, and the peers.
std::vector<Companions::Member> companions_of(const TrainerParts& parts) {
    std::vector<Companions::Member> members;
    for (std::size_t i = 0; i < parts.loss.terms.size(); ++i) {
        const auto& objective = parts.loss.terms[i].objective;
        members.push_back({"term." + std::to_string(i), objective, objective->bank_bytes() == 0});
    }
    for (std::size_t i = 0; i < parts.peers.size(); ++i)
        members.push_back({"peer." + std::to_string(i), parts.peers[i], true});
    return members;
}

} // namespace

Trainer::Trainer(TrainerParts parts)
    : parts_(std::move(parts))
    , device_name_(parts_.data->device().str())
    , base_rate_(parts_.task.optimization.learning_rate)
    , batches_(parts_.data, parts_.task.optimization.batch_size, parts_.task.crop_padding, parts_.task.flip,
               parts_.task.seed)
    , buffers_(*parts_.network)
    , companions_(companions_of(parts_), parts_.task.optimization)
    , recorder_(parts_.data->device(), parts_.loss, has_others())
    , initial_steps_(parts_.loss.initial_epochs() * batches_.steps_per_epoch())
    , taps_(parts_.loss.needs_taps())
    , small_(parts_.is_small()) {
    const auto scalar = torch::TensorOptions(torch::kFloat32).device(parts_.data->device());
    bad_ = torch::zeros({}, scalar);
    no_scale_ = torch::ones({}, scalar);
    for (const auto& parameter : parts_.network->parameters())
        if (parameter.requires_grad()) learning_.push_back(parameter);
}

Result<StepOutcome> Trainer::step() {
    return guarded(doing(parts_.task), [&]() -> Result<StepOutcome> {
        if (steps_ >= total_steps()) {
            return failure(ErrorKind::usage, "All " + std::to_string(total_steps()) +
                                                 " steps of this run are done; there is none left to do.");
        }
        const StepOutcome outcome = train_step();
        if (outcome.epoch_finished && parts_.answers)
            if (auto settled = parts_.answers->settle(); !settled) return tl::unexpected(settled.error());
        return outcome;
    });
}

std::vector<std::string> Trainer::take_notes() {
    std::vector<std::string> notes;
    if (!parts_.answers) return notes;
    notes = parts_.answers->take_notes();
    if (steps_ < total_steps() || std::exchange(summed_up_, true)) return notes;
    if (std::string summary = parts_.answers->summary(); !summary.empty())
        notes.push_back(std::move(summary));
    return notes;
}

LossTime Trainer::time_of(std::int64_t step) const {
    LossTime time;
    time.initial = step < initial_steps_;
    const std::int64_t in_stage = time.initial ? step : step - initial_steps_;
    time.epoch = in_stage / steps_per_epoch();
    if (!time.initial) time.progress = static_cast<double>(in_stage) / static_cast<double>(steps_per_epoch());
    time.step = step;
    return time;
}

/// Forward and backward. `inputs` comes back with the answers that were compared.
LossValues Trainer::learn(const Batch& batch, const LossTime& time, LossInputs& inputs) {
    const auto device = parts_.data->device();
    const auto answers_of = [&](Network& network) {
        const AutocastScope autocast(device, parts_.precision);
        Answers answers;
        if (taps_)
            answers = network.forward_taps(batch.inputs);
        else
            answers.logits = network.forward(batch.inputs);
        answers.logits = answers.logits.to(torch::kFloat32);
        return answers;
    };
    // While the terms' own layers learn alone, the network is only looked at.
    const bool frozen = time.initial && !parts_.loss.initial_stage_trains_student();
    if (frozen) {
        const torch::NoGradGuard no_grad;
        const EvaluationMode mode(*parts_.network);
        inputs.student = answers_of(*parts_.network);
    } else {
        inputs.student = answers_of(*parts_.network);
    }
    inputs.labels = batch.labels;
    inputs.sample_ids = batch.sample_ids;
    StepLossRequest request{parts_.loss, inputs, time, {}, {}};
    if (!parts_.teachers.empty()) {
        inputs.others.push_back(parts_.answers->answer(batch));
    } else if (!parts_.peers.empty()) {
        std::vector<Answers> all{inputs.student};
        for (const auto& peer : parts_.peers)
            all.push_back(answers_of(*peer));
        const auto others_of = [&](std::size_t who) {
            std::vector<Answers> others;
            for (std::size_t i = 0; i < all.size(); ++i)
                if (i != who) others.push_back({all[i].logits.detach(), {}, {}});
            return others;
        };
        inputs.others = others_of(0);
        for (std::size_t who = 1; who < all.size(); ++who) {
            LossInputs peer = inputs;
            peer.student = all[who];
            peer.others = others_of(who);
            const auto loss = loss_of_peer(parts_.loss, peer, time);
            request.beside = request.beside.defined() ? request.beside + loss : loss;
        }
    }
    if (taps_ && !frozen && steps_ % share_every == 0) request.measured_on = learning_;
    return backpropagate(request);
}

/// Checks on the device, without waiting, whether all is finite, and steps where it is.
void Trainer::update(const LossTime& time, const LossValues& values, double learning_rate) {
    auto checked = parts_.optimizer->gradients();
    for (auto& gradient : companions_.gradients())
        checked.push_back(std::move(gradient));
    checked.push_back(values.total.detach().clone());
    at::_amp_foreach_non_finite_check_and_unscale_(checked, bad_, no_scale_);
    buffers_.settle(bad_);
    companions_.settle(bad_);
    // The main stage begins with a rest: momentum towards another loss would carry on into it.
    if (initial_steps_ > 0 && time.step == initial_steps_) {
        parts_.optimizer->reset();
        companions_.reset_optimizer();
    }
    parts_.optimizer->step(learning_rate, bad_);
    companions_.step(learning_rate, bad_);
}

StepOutcome Trainer::train_step() {
    const torch::AutoGradMode grad(true);
    const SingleThread threads(small_);
    auto batch = batches_.at(steps_);
    if (parts_.task.mixup) mix(batch, parts_.task.seed, steps_);
    const LossTime time = time_of(steps_);
    LossInputs inputs;
    Recorder::Step record;
    record.values = learn(batch, time, inputs);
    // The schedule is that of the main stage; the initial stage has the base rate throughout.
    record.learning_rate = time.initial
                               ? base_rate_
                               : base_rate_ * schedule_factor(parts_.task.optimization,
                                                              steps_ - initial_steps_, steps_per_epoch());
    update(time, record.values, record.learning_rate);

    record.number = ++steps_;
    record.samples = batch.labels.size(0);
    if (!record.values.row.defined()) {
        std::vector<torch::Tensor> heard;
        for (const Answers& other : inputs.others)
            heard.push_back(other.logits);
        record.counts =
            count_answers(inputs.student.logits.detach(),
                          heard.empty() ? torch::Tensor() : average_answers(heard, false), batch.labels);
    }
    for (const LossTerm& term : parts_.loss.terms)
        for (auto& [name, value] : term.objective->readings())
            record.readings.push_back(value);
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
        const Subject subject{*parts_.network, parts_.teachers,  parts_.peers,
                              parts_.loss,     parts_.precision, parts_.task.optimization.batch_size};
        auto result = evaluate_part(subject, *parts_.data, part, keep_going);
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
    // Whatever it says ends the next epoch; this checkpoint is sound.
    if (parts_.answers) (void)parts_.answers->settle();
    for (const auto& [name, tensor] : parts_.optimizer->state()) {
        auto data = to_data(tensor);
        if (!data) return tl::unexpected(data.error());
        map.tensors.emplace(name, std::move(*data));
    }
    if (auto saved = companions_.save(map); !saved) return tl::unexpected(saved.error());
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
        if (auto loaded = companions_.load(state); !loaded) return loaded;
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
