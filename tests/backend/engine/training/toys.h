// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "backend/engine/engine.h"
#include "backend/types/random.h"

extern "C" limbeck::Engine* limbeck_create_engine(const limbeck::EngineOptions& options, std::string* error);

/// Data sets and tasks small enough that a test trains in milliseconds.
namespace limbeck::toys {

/// One engine for a whole test program, as in the real ones; gone before main() returns.
struct EngineHolder : testing::Environment {
    std::unique_ptr<Engine> engine;

    void SetUp() override {
        std::string error;
        engine.reset(limbeck_create_engine({.threads = 2}, &error));
        ASSERT_TRUE(engine) << error;
    }

    void TearDown() override { engine.reset(); }
};

inline EngineHolder* const holder =
    static_cast<EngineHolder*>(testing::AddGlobalTestEnvironment(new EngineHolder));

inline Engine& engine() {
    return *holder->engine;
}

inline void split(Dataset& data, std::int64_t train, std::int64_t validation) {
    for (std::int64_t i = 0; i < data.size(); ++i) {
        (i < train ? data.train : i < train + validation ? data.validation : data.test).push_back(i);
    }
}

/// Two interleaved half circles, [2], 64 for training, 32 for validation, the rest for test.
inline std::shared_ptr<Dataset> moons(std::int64_t count = 128) {
    auto data = std::make_shared<Dataset>();
    data->name = "moons";
    data->input.shape = {2};
    data->class_names = {"upper", "lower"};
    Random random(7);
    for (std::int64_t i = 0; i < count; ++i) {
        const auto label = i % 2;
        const double angle = std::numbers::pi * random.uniform();
        const double x = label ? 1 - std::cos(angle) : std::cos(angle);
        const double y = label ? 0.5 - std::sin(angle) : std::sin(angle);
        data->values.push_back(static_cast<float>(x + 0.05 * random.uniform(-1, 1)));
        data->values.push_back(static_cast<float>(y + 0.05 * random.uniform(-1, 1)));
        data->labels.push_back(label);
    }
    data->mean = {0.5f, 0.25f};
    data->stddev = {0.8f, 0.5f};
    split(*data, 64, 32);
    return data;
}

/// Pictures [channels, side, side] of noise with a bright bar whose row band tells the class, three classes;
/// 48 for training, 24 for validation, 24 for test.
inline std::shared_ptr<Dataset> bars(std::int64_t channels = 1, std::int64_t side = 12) {
    auto data = std::make_shared<Dataset>();
    data->name = "bars";
    data->input.shape = {channels, side, side};
    data->class_names = {"top", "middle", "bottom"};
    Random random(11);
    for (std::int64_t i = 0; i < 96; ++i) {
        const auto label = i % 3;
        const auto row =
            label * side / 3 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(side / 3)));
        for (std::int64_t c = 0; c < channels; ++c) {
            for (std::int64_t y = 0; y < side; ++y) {
                for (std::int64_t x = 0; x < side; ++x) {
                    data->bytes.push_back(
                        static_cast<std::uint8_t>((y == row ? 150 : 0) + random.below(100)));
                }
            }
        }
        data->labels.push_back(label);
    }
    data->mean.assign(static_cast<std::size_t>(channels), 0.25f);
    data->stddev.assign(static_cast<std::size_t>(channels), 0.2f);
    split(*data, 48, 24);
    return data;
}

inline NetworkSpec mlp(const std::string& hidden = "16") {
    return {"mlp", {{"hidden", hidden}}, {}};
}

/// A network trained alone.
inline TrainingTask alone(NetworkSpec network = mlp()) {
    TrainingTask task;
    task.role = Role::baseline;
    task.network = std::move(network);
    task.optimization.epochs = 3;
    task.optimization.batch_size = 10;
    task.optimization.learning_rate = 0.1;
    task.device = "cpu";
    return task;
}

/// The weights that a network starts from with a seed.
inline TensorMap fresh_weights(const NetworkSpec& network, std::shared_ptr<const Dataset> data,
                               std::uint64_t seed) {
    auto task = alone(network);
    task.seed = seed;
    auto job = engine().prepare(task, std::move(data));
    return job ? (*job)->weights().value() : TensorMap{};
}

/// The same network with a teacher, whose weights come from seed 99.
inline TrainingTask distilled(std::shared_ptr<const Dataset> data, NetworkSpec network = mlp(),
                              NetworkSpec teacher = mlp("24")) {
    auto task = alone(std::move(network));
    task.role = Role::student;
    task.teacher = teacher;
    task.teacher_weights = fresh_weights(teacher, std::move(data), 99);
    task.hard_weight = 0.3;
    task.terms = {
        {.id = "kd", .weight = 0.7, .taps = {}, .options = {{"temperature", 3.0}, {"t_squared", 1.0}}}};
    return task;
}

/// A network that learns along with two others, without a teacher.
inline TrainingTask mutual() {
    auto task = alone();
    task.role = Role::student;
    task.peers = {mlp("8"), mlp("12")};
    task.hard_weight = 1;
    task.terms = {{"kd", 1.0, {}, {{"temperature", 1}}}};
    return task;
}

inline std::unique_ptr<TrainingJob> start(const TrainingTask& task, std::shared_ptr<const Dataset> data) {
    auto job = engine().prepare(task, std::move(data));
    EXPECT_TRUE(job) << job.error().message << job.error().detail;
    return job ? std::move(*job) : nullptr;
}

/// Does `count` steps (all that are left without a number) and gives their metrics.
inline StepRows run(TrainingJob& job, std::optional<std::int64_t> count = {}) {
    const auto end = count ? job.steps_done() + *count : job.total_steps();
    StepRows all;
    while (job.steps_done() < end) {
        auto outcome = job.step();
        EXPECT_TRUE(outcome) << outcome.error().message << outcome.error().detail;
        if (!outcome) break;
        auto rows = job.drain(true).value();
        all.steps.insert(all.steps.end(), rows.steps.begin(), rows.steps.end());
        all.values.insert(all.values.end(), rows.values.begin(), rows.values.end());
        all.first_bad_step = rows.first_bad_step;
    }
    return all;
}

/// One column of the rows.
inline std::vector<double> column(const TrainingJob& job, const StepRows& rows, std::string_view name) {
    const auto names = job.step_series();
    std::vector<double> values;
    for (std::size_t c = 0; c < names.size(); ++c) {
        if (names[c] != name) continue;
        for (std::size_t r = 0; r < rows.steps.size(); ++r)
            values.push_back(rows.values[r * names.size() + c]);
    }
    EXPECT_EQ(values.size(), rows.steps.size()) << "no column " << name;
    return values;
}

inline double value(const Evaluation& evaluation, std::string_view name) {
    for (const auto& [key, number] : evaluation.values) {
        if (key == name) return number;
    }
    ADD_FAILURE() << "no value " << name;
    return std::nan("");
}

/// The name of a test that takes one objective.
inline std::string name_of_objective(const testing::TestParamInfo<std::string>& info) {
    std::string name = info.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

/// The floats of a tensor.
inline std::vector<float> floats(const TensorMap& map, const std::string& name) {
    const auto& data = map.tensors.at(name);
    EXPECT_EQ(data.dtype, DType::f32);
    std::vector<float> values(data.bytes.size() / sizeof(float));
    std::copy(data.bytes.begin(), data.bytes.end(), reinterpret_cast<std::byte*>(values.data()));
    return values;
}

} // namespace limbeck::toys
