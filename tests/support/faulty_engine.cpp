// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/faulty_engine.h"

#include <new>
#include <stdexcept>
#include <utility>

#include "backend/engine/engine.h"

namespace limbeck::test {

namespace {

class LibraryError : public std::exception {
  public:
    const char* what() const noexcept override {
        return "CUDA error: an illegal memory access was encountered\nException raised from c10_cuda_check";
    }
};

tl::unexpected<Error> given_back(const char* method) {
    return failure(ErrorKind::device, std::string("The faulty engine fails at ") + method + ".");
}

class FaultyJob final : public TrainingJob {
  public:
    FaultyJob(std::unique_ptr<TrainingJob> sound, std::shared_ptr<EngineFault> fault)
        : sound_(std::move(sound)), fault_(std::move(fault)) {}

    std::string device() const override {
        fault_->at("device");
        return sound_->device();
    }

    std::int64_t steps_per_epoch() const override {
        fault_->at("steps_per_epoch");
        return sound_->steps_per_epoch();
    }

    std::int64_t total_steps() const override {
        fault_->at("total_steps");
        return sound_->total_steps();
    }

    std::int64_t steps_done() const override {
        fault_->at("steps_done");
        return sound_->steps_done();
    }

    std::span<const std::string> step_series() const override {
        fault_->at("step_series");
        return sound_->step_series();
    }

    Result<StepOutcome> step() override {
        if (fault_->at("step")) return given_back("step");
        return sound_->step();
    }

    Result<StepRows> drain(bool wait) override {
        if (fault_->at("drain")) return given_back("drain");
        return sound_->drain(wait);
    }

    Result<Evaluation> evaluate(Part part, const std::function<bool()>& keep_going) override {
        if (fault_->at("evaluate")) return given_back("evaluate");
        return sound_->evaluate(part, keep_going);
    }

    Result<void> set_live(std::string_view key, double value) override {
        if (fault_->at("set_live")) return given_back("set_live");
        return sound_->set_live(key, value);
    }

    Result<double> live(std::string_view key) const override {
        if (fault_->at("live")) return given_back("live");
        return sound_->live(key);
    }

    Result<TensorMap> weights() const override {
        if (fault_->at("weights")) return given_back("weights");
        return sound_->weights();
    }

    Result<TensorMap> state() const override {
        if (fault_->at("state")) return given_back("state");
        return sound_->state();
    }

    Result<void> restore(const TensorMap& weights, const TensorMap& state) override {
        if (fault_->at("restore")) return given_back("restore");
        return sound_->restore(weights, state);
    }

    std::vector<std::string> take_notes() override {
        fault_->at("take_notes");
        return sound_->take_notes();
    }

  private:
    std::unique_ptr<TrainingJob> sound_;
    std::shared_ptr<EngineFault> fault_;
};

class FaultyEngine final : public Engine {
  public:
    FaultyEngine(std::unique_ptr<Engine> sound, std::shared_ptr<EngineFault> fault)
        : sound_(std::move(sound)), fault_(std::move(fault)) {}

    EngineInfo info() const override {
        fault_->at("info");
        return sound_->info();
    }

    std::vector<DeviceInfo> devices() const override {
        fault_->at("devices");
        return sound_->devices();
    }

    std::vector<std::string> model_names() const override {
        fault_->at("model_names");
        return sound_->model_names();
    }

    std::vector<std::string> objective_ids() const override {
        fault_->at("objective_ids");
        return sound_->objective_ids();
    }

    Result<NetworkCost> cost(const NetworkSpec& network, const InputSpec& input, std::int64_t classes,
                             bool measure_latency) override {
        if (fault_->at("cost")) return given_back("cost");
        return sound_->cost(network, input, classes, measure_latency);
    }

    Result<std::vector<LayerCost>> layer_costs(const NetworkSpec& network, const InputSpec& input,
                                               std::int64_t classes) override {
        if (fault_->at("layer_costs")) return given_back("layer_costs");
        return sound_->layer_costs(network, input, classes);
    }

    Result<WeightsReport> compare_weights(const NetworkSpec& network, const TensorMap& weights,
                                          const InputSpec& input, std::int64_t classes) override {
        if (fault_->at("compare_weights")) return given_back("compare_weights");
        return sound_->compare_weights(network, weights, input, classes);
    }

    Result<std::vector<TermNeeds>> term_needs(const TermsQuestion& question) override {
        if (fault_->at("term_needs")) return given_back("term_needs");
        return sound_->term_needs(question);
    }

    Result<std::unique_ptr<TrainingJob>> prepare(const TrainingTask& task,
                                                 std::shared_ptr<const Dataset> data) override {
        if (fault_->at("prepare")) return given_back("prepare");
        auto job = sound_->prepare(task, std::move(data));
        if (!job) return job;
        return std::unique_ptr<TrainingJob>(std::make_unique<FaultyJob>(std::move(*job), fault_));
    }

    Result<TensorMap> objective(std::string_view id, const TensorMap& inputs,
                                const std::map<std::string, std::string>& options) override {
        if (fault_->at("objective")) return given_back("objective");
        return sound_->objective(id, inputs, options);
    }

    Result<TensorMap> forward(const NetworkSpec& network, const TensorMap& weights,
                              const TensorMap& inputs) override {
        if (fault_->at("forward")) return given_back("forward");
        return sound_->forward(network, weights, inputs);
    }

  private:
    std::unique_ptr<Engine> sound_;
    std::shared_ptr<EngineFault> fault_;
};

} // namespace

void EngineFault::set(const std::string& method, int nth, FaultKind kind) {
    const std::lock_guard lock(mutex_);
    method_ = method;
    nth_ = nth;
    kind_ = kind;
    calls_ = 0;
    met_ = false;
}

void EngineFault::clear() {
    const std::lock_guard lock(mutex_);
    method_.clear();
}

bool EngineFault::met() const {
    const std::lock_guard lock(mutex_);
    return met_;
}

bool EngineFault::at(const char* method) {
    {
        const std::lock_guard lock(mutex_);
        if (method_ != method || calls_++ != nth_) return false;
        met_ = true;
    }
    switch (kind_) {
    case FaultKind::no_memory:
        throw std::bad_alloc();
    case FaultKind::standard:
        throw std::runtime_error(std::string("the faulty engine throws at ") + method);
    case FaultKind::library:
        throw LibraryError();
    case FaultKind::no_exception:
        throw 42; // NOLINT(hicpp-exception-baseclass): that is the point
    case FaultKind::error:
        return true;
    }
    return false;
}

const std::vector<std::string>& methods_of_a_run() {
    static const std::vector<std::string> methods{
        "info",        "prepare", "device",  "steps_per_epoch", "total_steps", "steps_done",
        "step_series", "step",    "drain",   "evaluate",        "set_live",    "live",
        "weights",     "state",   "restore", "take_notes"};
    return methods;
}

EngineMaker faulty_engine(EngineMaker sound, std::shared_ptr<EngineFault> fault) {
    return [sound = std::move(sound), fault = std::move(fault)]() -> Result<std::unique_ptr<Engine>> {
        auto engine = sound();
        if (!engine) return engine;
        return std::unique_ptr<Engine>(std::make_unique<FaultyEngine>(std::move(*engine), fault));
    };
}

} // namespace limbeck::test
