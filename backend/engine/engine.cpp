// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/engine.h"

#include <ATen/Version.h>
#include <torch/torch.h>

#include "backend/engine/device/device.h"
#include "backend/engine/guard.h"
#include "backend/engine/models/cost.h"
#include "backend/engine/models/forward.h"
#include "backend/engine/models/network.h"
#include "backend/engine/objectives/objective.h"
#include "backend/engine/training/job.h"
#include "backend/engine/training/needs.h"

namespace limbeck {
namespace {

class TorchEngine final : public Engine {
  public:
    explicit TorchEngine(const EngineOptions& options) {
        info_.threads = set_up_runtime(options.threads);
        info_.libtorch_version = std::to_string(TORCH_VERSION_MAJOR) + "." +
                                 std::to_string(TORCH_VERSION_MINOR) + "." +
                                 std::to_string(TORCH_VERSION_PATCH);
        info_.flavour = has_cuda_flavour() ? "cuda" : "cpu";
        info_.instruction_set = at::get_cpu_capability();
    }

    EngineInfo info() const override { return info_; }

    std::vector<DeviceInfo> devices() const override {
        auto found = guarded("looking for devices",
                             []() -> Result<std::vector<DeviceInfo>> { return list_devices(); });
        if (found) return *found;
        // The CPU is there whatever the driver says.
        return {{.id = "cpu", .name = "CPU", .memory_bytes = 0, .available = true, .reason = {}},
                {.id = "cuda:0",
                 .name = "NVIDIA GPU",
                 .memory_bytes = 0,
                 .available = false,
                 .reason = found.error().message}};
    }

    std::vector<std::string> model_names() const override { return limbeck::model_names(); }

    std::vector<std::string> objective_ids() const override { return limbeck::objective_ids(); }

    Result<NetworkCost> cost(const NetworkSpec& network, const InputSpec& input, std::int64_t classes,
                             bool measure_latency) override {
        return guarded("measuring a network",
                       [&] { return network_cost(network, input, classes, measure_latency); });
    }

    Result<std::vector<TermNeeds>> term_needs(const TermsQuestion& question) override {
        return guarded("looking at the terms of the loss", [&] { return needs_of_terms(question); });
    }

    Result<std::unique_ptr<TrainingJob>> prepare(const TrainingTask& task,
                                                 std::shared_ptr<const Dataset> data) override {
        return prepare_job(task, std::move(data));
    }

    Result<TensorMap> objective(std::string_view id, const TensorMap& inputs,
                                const std::map<std::string, std::string>& options) override {
        return guarded("computing an objective", [&] { return run_objective(id, inputs, options); });
    }

    Result<TensorMap> forward(const NetworkSpec& network, const TensorMap& weights,
                              const TensorMap& inputs) override {
        return guarded("running a network", [&] { return run_forward(network, weights, inputs); });
    }

  private:
    EngineInfo info_;
};

} // namespace
} // namespace limbeck

extern "C" __attribute__((visibility("default"))) limbeck::Engine*
limbeck_create_engine(const limbeck::EngineOptions& options, std::string* error) {
    auto engine = limbeck::guarded("starting LibTorch", [&]() -> limbeck::Result<limbeck::Engine*> {
        return new limbeck::TorchEngine(options);
    });
    if (engine) return *engine;
    if (error) *error = engine.error().message;
    return nullptr;
}
