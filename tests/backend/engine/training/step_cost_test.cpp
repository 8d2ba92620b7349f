// SPDX-License-Identifier: GPL-3.0-or-later
// What a step costs, in things that can be counted on any machine: calls of LibTorch's operators and pieces
// of memory asked for. A step that grows dearer fails here, whatever the clock says. Where a change makes
// steps dearer for a good reason, raise the number and say why in the commit; where it makes them cheaper,
// lower it.
#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <ATen/record_function.h>
#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include "tests/backend/engine/training/toys.h"

namespace limbeck {
namespace {

/// Calls of operators on this thread, by their names. A callback is a plain function: it has no other place
/// for them.
thread_local std::map<std::string, std::int64_t> calls;

/// Counts LibTorch's reports of memory that it hands out.
class Allocations final : public c10::MemoryReportingInfoBase {
  public:
    void reportMemoryUsage(void*, std::int64_t bytes, std::size_t, std::size_t, c10::Device) override {
        if (bytes > 0) ++count;
    }

    bool memoryProfilingEnabled() const override { return true; }

    std::int64_t count = 0;
};

struct Cost {
    std::int64_t calls = 0, allocations = 0;
    std::string by_name; ///< for whoever has to find out what grew
};

Cost cost_of_a_step(TrainingJob& job) {
    const auto allocations = std::make_shared<Allocations>();
    const auto handle =
        at::addThreadLocalCallback(at::RecordFunctionCallback([](const at::RecordFunction& call)
                                                                  -> std::unique_ptr<at::ObserverContext> {
                                       ++calls[call.name()];
                                       return nullptr;
                                   }).scopes({at::RecordScope::FUNCTION}));
    calls.clear();
    {
        const c10::DebugInfoGuard listening(c10::DebugInfoKind::PROFILER_STATE, allocations);
        EXPECT_TRUE(job.step());
        EXPECT_TRUE(job.drain(false));
    }
    at::removeCallback(handle);
    Cost cost{0, allocations->count, {}};
    for (const auto& [name, count] : calls) {
        cost.calls += count;
        cost.by_name += "\n  " + std::to_string(count) + " " + name;
    }
    return cost;
}

/// Of the third step: the first may prepare what later ones use.
Cost settled_cost(TrainingJob& job) {
    cost_of_a_step(job);
    cost_of_a_step(job);
    return cost_of_a_step(job);
}

struct Limit {
    std::int64_t calls, allocations;
};

void expect_at_most(const Cost& cost, const Limit& limit) {
    EXPECT_LE(cost.calls, limit.calls) << "calls of operators in a step:" << cost.by_name;
    EXPECT_LE(cost.allocations, limit.allocations) << "pieces of memory in a step";
    // A limit far above the cost would guard nothing.
    EXPECT_GE(cost.calls, limit.calls * 2 / 3) << "the step is cheaper now: lower the limit";
    EXPECT_GE(cost.allocations, limit.allocations * 2 / 3) << "the step is cheaper now: lower the limit";
}

TEST(StepCost, OfASmallPairOnPointsDoesNotGrow) {
    const auto data = toys::moons();
    auto task = toys::distilled(data);
    task.optimization.batch_size = 16;
    task.optimization.epochs = 10;
    const auto job = toys::start(task, data);
    expect_at_most(settled_cost(*job), {125, 16});
}

TEST(StepCost, OfAPairOfResNetsDoesNotGrow) {
    const auto data = toys::bars(3, 16);
    const NetworkSpec resnet{"resnet8", {}, {}};
    auto task = toys::distilled(data, resnet, resnet);
    task.optimization.batch_size = 16;
    task.optimization.epochs = 10;
    const auto job = toys::start(task, data);
    expect_at_most(settled_cost(*job), {640, 240});
}

} // namespace
} // namespace limbeck
