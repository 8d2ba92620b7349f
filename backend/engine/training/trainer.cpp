// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/trainer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <ATen/ops/_amp_foreach_non_finite_check_and_unscale.h>
#include <c10/util/Exception.h>
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

bool all_capturable(const LossSettings& loss) {
    return std::all_of(loss.terms.begin(), loss.terms.end(),
                       [](const LossTerm& term) { return term.objective->capturable(); });
}

/// Whether a step that broke off can be begun anew: what it has written by then can be taken back.
bool remembers_nothing(const LossSettings& loss) {
    return std::all_of(loss.terms.begin(), loss.terms.end(),
                       [](const LossTerm& term) { return term.objective->bank_bytes() == 0; });
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
    , graph_(parts_.data->device(), std::move(parts_.graphs))
    , holds_(parts_.data->device().is_cuda() || graph_.possible())
    , capturable_(!parts_.task.mixup && all_capturable(parts_.loss))
    , initial_steps_(parts_.loss.initial_epochs() * batches_.steps_per_epoch())
    , taps_(parts_.loss.needs_taps())
    , small_(parts_.is_small()) {
    const auto scalar = torch::TensorOptions(torch::kFloat32).device(parts_.data->device());
    bad_ = torch::zeros({}, scalar);
    no_scale_ = torch::ones({}, scalar);
    for (const auto& parameter : parts_.network->parameters())
        if (parameter.requires_grad()) learning_.push_back(parameter);
    if (!holds_) return;
    const bool gpu = parts_.data->device().is_cuda();
    held_rate_ = HeldNumber(base_rate_, scalar.dtype(gpu ? torch::kFloat32 : torch::kFloat64));
    for (std::size_t i = 0; i <= parts_.loss.terms.size(); ++i)
        held_weights_.emplace_back(0, scalar);
    for (const LossTerm& term : parts_.loss.terms)
        term.objective->hold_temperature(parts_.data->device());
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
    if (parts_.answers) notes = parts_.answers->take_notes();
    if (std::string note = graph_.take_note(); !note.empty()) notes.push_back(std::move(note));
    if (!parts_.answers) return notes;
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

Trainer::Plan Trainer::plan_of(std::int64_t step) const {
    Plan plan;
    plan.time = time_of(step);
    plan.loss = &parts_.loss;
    // The schedule is that of the main stage; the initial stage has the base rate throughout.
    plan.learning_rate = plan.time.initial
                             ? base_rate_
                             : base_rate_ * schedule_factor(parts_.task.optimization, step - initial_steps_,
                                                            steps_per_epoch());
    plan.frozen = plan.time.initial && !parts_.loss.initial_stage_trains_student();
    plan.measures = taps_ && !plan.frozen && step % share_every == 0;
    plan.restarts = initial_steps_ > 0 && step == initial_steps_;
    return plan;
}

StepKey Trainer::key_of(const Plan& plan, std::int64_t samples) const {
    StepKey key{samples, plan.time.initial, {plan.loss->hard_weight_at(plan.time) != 0}};
    for (const LossTerm& term : plan.loss->terms)
        key.not_zero.push_back(plan.loss->weight_at(term, plan.time) != 0);
    return key;
}

/// Only steps that are all alike but for numbers on the device. The last batch of an epoch, smaller than the
/// others, comes too seldom to be worth a graph.
bool Trainer::may_replay(const Plan& plan, const Batch& ids) const {
    return graph_.possible() && capturable_ && !plan.measures && !plan.restarts &&
           ids.sample_ids.size(0) == batches_.batch_size() &&
           (!parts_.answers || parts_.answers->can_replay(ids));
}

/// Copies what changed to the device.
void Trainer::hold(const Plan& plan) {
    if (!holds_) return;
    held_rate_.set(plan.learning_rate);
    held_weights_[0].set(plan.loss->hard_weight_at(plan.time));
    for (std::size_t i = 0; i < plan.loss->terms.size(); ++i)
        held_weights_[i + 1].set(plan.loss->weight_at(plan.loss->terms[i], plan.time));
    for (const LossTerm& term : plan.loss->terms)
        term.objective->refresh_temperature();
}

Factor Trainer::learning_rate(const Plan& plan) const {
    return {plan.learning_rate, held_rate_.factor().held};
}

/// Forward and backward. `inputs` comes back with the answers that were compared.
LossValues Trainer::learn(const Batch& batch, const Plan& plan, LossInputs& inputs) {
    const LossTime& time = plan.time;
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
    if (plan.frozen) {
        const torch::NoGradGuard no_grad;
        const EvaluationMode mode(*parts_.network);
        inputs.student = answers_of(*parts_.network);
    } else {
        inputs.student = answers_of(*parts_.network);
    }
    inputs.labels = batch.labels;
    inputs.sample_ids = batch.sample_ids;
    StepLossRequest request{*plan.loss, inputs, time, {}, {}};
    for (const HeldNumber& weight : held_weights_)
        request.held_weights.push_back(weight.factor().held);
    if (!parts_.teachers.empty()) {
        inputs.others.push_back(plan.replayed ? parts_.answers->replayable_answer(batch)
                                              : parts_.answers->answer(batch));
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
            const auto loss = loss_of_peer(request, peer);
            request.beside = request.beside.defined() ? request.beside + loss : loss;
        }
    }
    if (plan.measures) request.measured_on = learning_;
    return backpropagate(request);
}

/// Checks on the device, without waiting, whether all is finite, and steps where it is.
void Trainer::update(const Plan& plan, const LossValues& values) {
    updating_ = true;
    auto checked = parts_.optimizer->gradients();
    for (auto& gradient : companions_.gradients())
        checked.push_back(std::move(gradient));
    checked.push_back(values.total.detach().clone());
    at::_amp_foreach_non_finite_check_and_unscale_(checked, bad_, no_scale_);
    buffers_.settle(bad_);
    companions_.settle(bad_);
    // The main stage begins with a rest: momentum towards another loss would carry on into it.
    if (plan.restarts) {
        parts_.optimizer->reset();
        companions_.reset_optimizer();
    }
    const Factor rate = learning_rate(plan);
    parts_.optimizer->step(rate, bad_);
    companions_.step(rate, bad_);
}

void Trainer::work(const Batch& ids, const Plan& plan, Recorder::Step& record) {
    updating_ = false;
    auto batch = batches_.filled(ids);
    if (parts_.task.mixup) mix(batch, parts_.task.seed, plan.time.step);
    LossInputs inputs;
    record.values = learn(batch, plan, inputs);
    update(plan, record.values);
    if (!record.values.row.defined()) {
        std::vector<torch::Tensor> heard;
        for (const Answers& other : inputs.others)
            heard.push_back(other.logits);
        record.counts =
            count_answers(inputs.student.logits.detach(),
                          heard.empty() ? torch::Tensor() : average_answers(heard, false), batch.labels);
    }
    for (const LossTerm& term : plan.loss->terms)
        for (auto& [name, value] : term.objective->readings())
            record.readings.push_back(value);
    record.bad = bad_;
}

/// Memory that a graph or the cache of an allocator holds may be what a step lacks. One that has not come as
/// far as its update is begun anew, once.
void Trainer::work_again_without_graph(const Batch& ids, const Plan& plan, Recorder::Step& record) {
    graph_.drop();
    record.values = {};
    record.readings.clear();
    parts_.optimizer->free_gradients();
    companions_.forget_gradients();
    release_device_memory(parts_.data->device());
    buffers_.revert();
    companions_.revert();
    work(ids, plan, record);
}

bool Trainer::replay(const StepKey& key, const Plan& plan, const Batch& ids) {
    if (!fixed_row_.defined()) {
        fixed_ids_.sample_ids = torch::empty_like(ids.sample_ids);
        if (ids.view_ids.defined()) fixed_ids_.view_ids = torch::empty_like(ids.view_ids);
        fixed_row_ = recorder_.empty_row();
    }
    fixed_ids_.sample_ids.copy_(ids.sample_ids);
    if (ids.view_ids.defined()) fixed_ids_.view_ids.copy_(ids.view_ids);
    // With the settings as they are when it is recorded: what changes later comes over the device.
    const bool done = graph_.replay(key, [&]() -> StepGraph::Work {
        return [this, recorded = plan, loss = parts_.loss]() mutable {
            recorded.loss = &loss;
            recorded.replayed = true;
            Recorder::Step record;
            work(fixed_ids_, recorded, record);
            recorder_.put(record, fixed_row_);
        };
    });
    if (done) {
        if (parts_.answers) parts_.answers->count_replay();
    } else { // what a broken recording has left on the host
        parts_.optimizer->free_gradients();
        companions_.forget_gradients();
    }
    return done;
}

StepOutcome Trainer::train_step() {
    const torch::AutoGradMode grad(true);
    const SingleThread threads(small_);
    const Plan plan = plan_of(steps_);
    const Batch ids = batches_.ids_at(steps_);
    Recorder::Step record;
    record.number = steps_ + 1;
    record.samples = ids.sample_ids.size(0);
    record.learning_rate = plan.learning_rate;
    hold(plan);
    const bool may = may_replay(plan, ids);
    const StepKey key = may ? key_of(plan, record.samples) : StepKey{};
    if (may && replay(key, plan, ids)) {
        record.values.hard_weight = plan.loss->hard_weight_at(plan.time);
        for (const LossTerm& term : plan.loss->terms)
            record.values.weights.push_back(plan.loss->weight_at(term, plan.time));
        recorder_.write(record, fixed_row_);
    } else {
        bool again = false;
        try {
            work(ids, plan, record);
        } catch (const c10::OutOfMemoryError&) {
            if (!holds_ || updating_ || !remembers_nothing(parts_.loss)) throw;
            again = true; // after this block: the exception keeps memory alive
        }
        if (again) work_again_without_graph(ids, plan, record);
        if (may) graph_.seen(key);
        recorder_.write(record);
    }
    ++steps_;
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
        const auto answer = [&] { return evaluate_part(subject, *parts_.data, part, keep_going); };
        auto result = [&]() -> Result<Evaluation> {
            try {
                return answer();
            } catch (const c10::OutOfMemoryError&) {
                if (!graph_.drop()) throw;
            }
            release_device_memory(parts_.data->device());
            return answer();
        }();
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
    return guarded("changing a setting", [&]() -> Result<void> {
        for (const LossTerm& term : parts_.loss.terms)
            term.objective->refresh_temperature(); // an evaluation may come before the next step
        return {};
    });
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
        for (const LossTerm& term : parts_.loss.terms)
            term.objective->refresh_temperature();
        buffers_.accept();
        recorder_.clear();
        bad_.zero_();
        steps_ = *step;
        return {};
    });
}

} // namespace limbeck
