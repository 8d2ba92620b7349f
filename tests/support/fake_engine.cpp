// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fake_engine.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <thread>

#include "backend/types/catalogue.h"
#include "backend/types/random.h"

namespace limbeck::test {

void FakeSettings::throw_at(const std::string& call) {
    const std::lock_guard lock(mutex_);
    throw_at_ = call;
}

void FakeSettings::maybe_throw(const char* call) const {
    const std::lock_guard lock(mutex_);
    if (throw_at_ == call) throw std::runtime_error(std::string("the fake engine throws at ") + call);
}

std::vector<SeenTask> FakeSettings::tasks() const {
    const std::lock_guard lock(mutex_);
    return tasks_;
}

namespace {

template <class T, std::size_t N>
TensorData tensor_of(DType dtype, const std::array<T, N>& values) {
    TensorData tensor{dtype, {static_cast<std::int64_t>(N)}, std::vector<std::byte>(sizeof(T) * N)};
    std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
    return tensor;
}

template <class T, std::size_t N>
bool read_tensor(const TensorMap& map, const char* name, std::array<T, N>& values) {
    const auto found = map.tensors.find(name);
    if (found == map.tensors.end() || found->second.bytes.size() != sizeof(T) * N) return false;
    std::memcpy(values.data(), found->second.bytes.data(), sizeof(T) * N);
    return true;
}

double unit(std::uint64_t seed, std::string_view stream, std::uint64_t counter) {
    return static_cast<double>(stream_seed(seed, stream, counter) >> 11) * 0x1.0p-53;
}

void rest(int microseconds) {
    if (microseconds > 0) std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
}

std::array<float, 4> average_of_teachers(const TrainingTask& task) {
    std::array<float, 4> sum{};
    read_tensor(task.teacher_weights, "weight", sum);
    for (const TeacherSource& more : task.more_teachers) {
        std::array<float, 4> one{};
        read_tensor(more.weights, "weight", one);
        for (std::size_t i = 0; i < sum.size(); ++i)
            sum[i] += one[i];
    }
    for (float& value : sum)
        value /= static_cast<float>(1 + task.more_teachers.size());
    return sum;
}

/// As the real engine has it: the longest initial stage of a term with weight.
std::int64_t initial_epochs_of(const TrainingTask& task) {
    std::int64_t longest = 0;
    for (const TermSpec& term : task.terms) {
        const auto found = term.options.find(std::string(initial_epochs_option));
        if (found != term.options.end() && term.weight > 0)
            longest = std::max(longest, static_cast<std::int64_t>(found->second));
    }
    return longest;
}

float first_number(const TensorMap& weights) {
    std::array<float, 4> values{};
    return read_tensor(weights, "weight", values) ? values[0] : 0;
}

enum Live { temperature, hard_weight, soft_weight, learning_rate };

constexpr std::array<const char*, 4> live_keys{"distillation.temperature", "distillation.hard_weight",
                                               "distillation.soft_weight", "training.learning_rate"};

class FakeJob final : public TrainingJob {
  public:
    FakeJob(const TrainingTask& task, std::shared_ptr<const Dataset> data,
            std::shared_ptr<FakeSettings> settings)
        : role_(task.role), seed_(task.seed), data_(std::move(data)), settings_(std::move(settings)) {
        const auto samples = static_cast<std::int64_t>(data_->train.size());
        batch_ = task.optimization.batch_size;
        per_epoch_ = (samples + batch_ - 1) / batch_;
        total_ = per_epoch_ * (task.optimization.epochs + initial_epochs_of(task));
        live_ = {1, task.hard_weight, 0, task.optimization.learning_rate};
        if (!task.terms.empty()) {
            live_[temperature] = task.terms[0].options.at("temperature");
            live_[soft_weight] = task.terms[0].weight;
        }
        for (std::size_t i = 0; i < weights_.size(); ++i) {
            weights_[i] = static_cast<float>(1 + unit(seed_, "initialisation", i));
        }
        if (task.initial_weights) read_tensor(*task.initial_weights, "weight", weights_);
        teacher_ = average_of_teachers(task);
        peers_learn_ = !task.peers.empty();
        names_ = {"train/loss", "train/hard", "train/hard_weighted", "train/accuracy", "train/learning_rate"};
        if (!is_taught(role_)) return;
        for (const char* name : {"train/soft", "train/soft_weighted", "train/agreement",
                                 "train/teacher_accuracy", "train/predictive_kl"}) {
            names_.emplace_back(name);
        }
    }

    std::string device() const override {
        settings_->maybe_throw("device");
        return "cpu";
    }

    std::int64_t steps_per_epoch() const override { return per_epoch_; }

    std::int64_t total_steps() const override { return total_; }

    std::int64_t steps_done() const override { return done_; }

    std::span<const std::string> step_series() const override {
        settings_->maybe_throw("step_series");
        return names_;
    }

    Result<StepOutcome> step() override {
        settings_->maybe_throw("step");
        rest(settings_->step_microseconds);
        while (role_ == settings_->hold_role && settings_->hold_before_step == done_ + 1) {
            settings_->held = true;
            rest(200);
        }
        settings_->held = false;
        if (mischief() && done_ + 1 == settings_->fail_at_step) {
            return failure(ErrorKind::device, "The fake device was lost. Start Limbeck again.");
        }
        ++settings_->steps;
        ++done_;
        if (mischief() && done_ == settings_->nan_at_step && !first_bad_) first_bad_ = done_;
        if (!first_bad_) move();
        add_row();
        StepOutcome outcome;
        outcome.step = done_;
        outcome.epoch = done_ / per_epoch_;
        outcome.epoch_finished = done_ % per_epoch_ == 0;
        outcome.finished = done_ == total_;
        outcome.samples = batch_;
        return outcome;
    }

    Result<StepRows> drain(bool wait) override {
        settings_->maybe_throw("drain");
        if (!wait && static_cast<int>(rows_.steps.size()) < settings_->report_every) return StepRows{};
        rows_.first_bad_step = first_bad_;
        return std::exchange(rows_, {});
    }

    Result<Evaluation> evaluate(Part part, const std::function<bool()>& keep_going) override {
        settings_->maybe_throw("evaluate");
        rest(settings_->evaluation_microseconds);
        if (keep_going && !keep_going()) return failure(ErrorKind::cancelled, "The evaluation was stopped.");
        const double shift = part == Part::test ? 0.02 : 0;
        Evaluation evaluation;
        evaluation.values = {
            {"loss", loss() + shift}, {"hard", distance()}, {"accuracy", accuracy() - shift}};
        if (is_taught(role_)) {
            const double drift =
                mischief() && settings_->teacher_drifts ? 1e-3 * static_cast<double>(done_) : 0;
            evaluation.values.emplace_back("agreement", 0.9 * accuracy());
            const double learnt = peers_learn_ ? 1e-3 * static_cast<double>(done_) : 0;
            evaluation.values.emplace_back("teacher_accuracy", 0.9 + 0.01 * teacher_[0] + drift + learnt);
            evaluation.values.emplace_back("predictive_kl", distance());
        }
        if (part == Part::validation) evaluation.answers = answers();
        return evaluation;
    }

    Result<void> set_live(std::string_view key, double value) override {
        settings_->maybe_throw("set_live");
        const auto found = std::find(live_keys.begin(), live_keys.end(), key);
        if (found == live_keys.end() || (!is_taught(role_) && key != live_keys[learning_rate])) {
            return failure(ErrorKind::usage, std::string(key) + " has no effect on this run.");
        }
        live_[static_cast<std::size_t>(found - live_keys.begin())] = value;
        return {};
    }

    Result<double> live(std::string_view key) const override {
        settings_->maybe_throw("live");
        const auto found = std::find(live_keys.begin(), live_keys.end(), key);
        if (found == live_keys.end()) return failure(ErrorKind::usage, std::string(key) + " is not live.");
        return live_[static_cast<std::size_t>(found - live_keys.begin())];
    }

    Result<TensorMap> weights() const override {
        settings_->maybe_throw("weights");
        TensorMap map;
        map.tensors["weight"] = tensor_of(DType::f32, weights_);
        return map;
    }

    Result<TensorMap> state() const override {
        settings_->maybe_throw("state");
        TensorMap map;
        map.tensors["live"] = tensor_of(DType::f64, live_);
        map.tensors["position"] = tensor_of(DType::i64, std::array{first_bad_ ? *first_bad_ - 1 : done_});
        map.metadata["kind"] = "fake";
        return map;
    }

    Result<void> restore(const TensorMap& weights, const TensorMap& state) override {
        settings_->maybe_throw("restore");
        std::array<std::int64_t, 1> position{};
        if (!read_tensor(weights, "weight", weights_) || !read_tensor(state, "live", live_) ||
            !read_tensor(state, "position", position) || state.metadata.size() != 1) {
            return failure(ErrorKind::document, "This is not a fake engine's state.");
        }
        done_ = position[0];
        return {};
    }

  private:
    bool mischief() const { return role_ == Role::student || !settings_->only_students; }

    double distance() const {
        double sum = 0;
        for (std::size_t i = 0; i < weights_.size(); ++i)
            sum += std::abs(weights_[i] - 0.1 * teacher_[i]);
        return sum / static_cast<double>(weights_.size());
    }

    double accuracy() const { return 1 - 0.45 * std::min(2.0, distance()); }

    double soft() const { return distance() / live_[temperature]; }

    /// Falls to half over the planned steps: a run with more epochs is another one from its first step.
    double rate() const {
        return live_[learning_rate] * (1 - 0.5 * static_cast<double>(done_) / static_cast<double>(total_));
    }

    double loss() const { return live_[hard_weight] * distance() + live_[soft_weight] * soft(); }

    void move() {
        for (std::size_t i = 0; i < weights_.size(); ++i) {
            const double noise = unit(seed_, "order", static_cast<std::uint64_t>(done_) * 4 + i) - 0.5;
            const double pull = live_[hard_weight] + live_[soft_weight] / live_[temperature];
            const double target = 0.1 * teacher_[i];
            weights_[i] += static_cast<float>(live_[learning_rate] *
                                              (0.2 * pull * (target - weights_[i]) + 0.3 * noise));
        }
    }

    void add_row() {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        rows_.steps.push_back(done_);
        const double noise = 0.02 * (unit(seed_, "batch", static_cast<std::uint64_t>(done_)) - 0.5);
        const double hard = first_bad_ ? nan : distance() + noise;
        auto& out = rows_.values;
        out.insert(out.end(), {first_bad_ ? nan : loss() + noise, hard, live_[hard_weight] * hard,
                               accuracy() + noise, rate()});
        if (is_taught(role_)) {
            out.insert(out.end(),
                       {soft(), live_[soft_weight] * soft(), 0.9 * accuracy() + noise, 0.9, distance()});
        }
    }

    AnswersSnapshotPtr answers() const {
        auto made = std::make_shared<AnswersSnapshot>();
        made->classes = data_->classes();
        made->sample_ids = data_->validation;
        for (const std::int64_t id : made->sample_ids) {
            made->labels.push_back(data_->labels[static_cast<std::size_t>(id)]);
            for (std::int64_t c = 0; c < made->classes; ++c) {
                const auto bits =
                    static_cast<std::uint16_t>(mix(seed_ ^ static_cast<std::uint64_t>(id + c)) & 0x3FFF);
                made->student_logits.push_back(bits);
                if (is_taught(role_)) made->teacher_logits.push_back(static_cast<std::uint16_t>(bits / 2));
            }
        }
        return made;
    }

    Role role_;
    std::uint64_t seed_;
    std::shared_ptr<const Dataset> data_;
    std::shared_ptr<FakeSettings> settings_;
    std::int64_t batch_ = 1, per_epoch_ = 1, total_ = 0, done_ = 0;
    std::array<double, 4> live_{};
    std::array<float, 4> weights_{}, teacher_{};
    bool peers_learn_ = false;
    std::vector<std::string> names_;
    StepRows rows_;
    std::optional<std::int64_t> first_bad_;
};

class FakeEngine final : public Engine {
  public:
    explicit FakeEngine(std::shared_ptr<FakeSettings> settings) : settings_(std::move(settings)) {}

    EngineInfo info() const override {
        settings_->maybe_throw("info");
        return {"none", "fake", "none", 1};
    }

    std::vector<DeviceInfo> devices() const override {
        settings_->maybe_throw("devices");
        return {{"cpu", "CPU · fake", 0, true, ""}};
    }

    std::vector<std::string> model_names() const override { return {"mlp", "lenet"}; }

    std::vector<std::string> objective_ids() const override { return {"kd"}; }

    Result<NetworkCost> cost(const NetworkSpec& network, const InputSpec& input, std::int64_t classes,
                             bool measure_latency) override {
        settings_->maybe_throw("cost");
        ++settings_->costs_asked;
        if (network.model == "resnet20" && !input.is_image()) {
            return failure(ErrorKind::configuration, "resnet20 needs pictures.");
        }
        const std::int64_t parameters = input.values() * classes;
        return NetworkCost{parameters, 4 * parameters, 2 * parameters, measure_latency ? 0.1 : 0};
    }

    Result<std::vector<LayerCost>> layer_costs(const NetworkSpec&, const InputSpec& input,
                                               std::int64_t classes) override {
        settings_->maybe_throw("layer_costs");
        ++settings_->layers_asked;
        LayerCost layer;
        layer.name = "fc";
        layer.kind = "linear";
        layer.output = {classes};
        layer.parameters = layer.multiply_adds = input.values() * classes;
        layer.bytes = 4 * layer.parameters;
        layer.activation_bytes = 4 * classes;
        return std::vector<LayerCost>{layer};
    }

    Result<WeightsReport> compare_weights(const NetworkSpec&, const TensorMap& weights, const InputSpec&,
                                          std::int64_t) override {
        settings_->maybe_throw("compare_weights");
        WeightsReport report;
        for (const auto& [name, tensor] : weights.tensors)
            (name == "weight" ? report.fitting : report.unexpected).push_back(name);
        if (report.fitting.empty()) report.missing.emplace_back("weight");
        return report;
    }

    Result<std::unique_ptr<TrainingJob>> prepare(const TrainingTask& task,
                                                 std::shared_ptr<const Dataset> data) override {
        settings_->maybe_throw("prepare");
        if (settings_->refuse_prepare && (task.role == Role::student || !settings_->only_students)) {
            return failure(ErrorKind::configuration, "The fake engine refuses this network.",
                           "student.model");
        }
        ++settings_->prepared;
        settings_->note(task);
        return std::unique_ptr<TrainingJob>(std::make_unique<FakeJob>(task, std::move(data), settings_));
    }

    Result<std::vector<TermNeeds>> term_needs(const TermsQuestion& question) override {
        ++settings_->needs_asked;
        std::vector<TermNeeds> needs;
        for (const TermSpec& term : question.terms)
            needs.push_back(
                {term.id,
                 {},
                 0,
                 0,
                 term.id == "nst" && question.student.model == "mlp" ? "nst compares pictures." : ""});
        return needs;
    }

    Result<TensorMap> objective(std::string_view id, const TensorMap&,
                                const std::map<std::string, std::string>&) override {
        return failure(ErrorKind::usage, "The fake engine has no objective " + std::string(id) + ".");
    }

    Result<TensorMap> forward(const NetworkSpec&, const TensorMap&, const TensorMap&) override {
        return failure(ErrorKind::usage, "The fake engine has no networks.");
    }

  private:
    std::shared_ptr<FakeSettings> settings_;
};

} // namespace

void FakeSettings::note(const TrainingTask& task) {
    SeenTask seen;
    seen.role = task.role;
    seen.network = to_string(task.network);
    seen.seed = task.seed;
    if (task.teacher) {
        seen.teachers.push_back(to_string(*task.teacher));
        seen.taught_by.push_back(first_number(task.teacher_weights));
    }
    for (const TeacherSource& more : task.more_teachers) {
        seen.teachers.push_back(to_string(more.network));
        seen.taught_by.push_back(first_number(more.weights));
    }
    for (const NetworkSpec& peer : task.peers)
        seen.peers.push_back(to_string(peer));
    seen.mixup = task.mixup;
    seen.average_logits = task.average_logits;
    seen.hard_weight = task.hard_weight;
    for (const TermSpec& term : task.terms)
        seen.terms.push_back(term.id);
    seen.cache = task.teacher_cache;
    seen.cache_key = task.cache_key;
    seen.cache_folder = task.cache_folder;
    seen.cache_budget = task.cache_budget;
    seen.cache_about = task.cache_about;
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(seen));
}

EngineMaker fake_engine(std::shared_ptr<FakeSettings> settings) {
    return [settings = std::move(settings)]() -> Result<std::unique_ptr<Engine>> {
        return std::unique_ptr<Engine>(std::make_unique<FakeEngine>(settings));
    };
}

} // namespace limbeck::test
