// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/steps/work.h"

namespace limbeck::bench {

namespace {

constexpr std::int64_t crop_padding = 4, endless_epochs = 1'000'000;
constexpr std::int64_t teacher_batch = 64;
constexpr double teacher_rate = 0.05;
constexpr std::uint64_t student_seed = 0, teacher_seed = 1;

/// Plain momentum and a rate that stays: what torch.optim.SGD does without further words.
OptimizationConfig optimization(std::int64_t batch, double learning_rate) {
    OptimizationConfig config;
    config.epochs = endless_epochs;
    config.batch_size = batch;
    config.learning_rate = learning_rate;
    config.nesterov = false;
    config.schedule = "constant";
    return config;
}

Result<TensorMap> trained_weights(Engine& engine, const TrainingTask& task,
                                  std::shared_ptr<const Dataset> data, std::int64_t steps) {
    auto job = engine.prepare(task, std::move(data));
    if (!job) return tl::unexpected(job.error());
    for (std::int64_t i = 0; i < steps; ++i)
        if (const auto done = (*job)->step(); !done) return tl::unexpected(done.error());
    return (*job)->weights();
}

Result<TensorMap> teacher_weights(Engine& engine, const Pair& pair, std::shared_ptr<const Dataset> data,
                                  const std::string& device) {
    TrainingTask task;
    task.device = device;
    task.role = Role::teacher;
    task.network = pair.teacher;
    task.optimization = optimization(teacher_batch, teacher_rate);
    task.optimization.epochs = 1;
    task.optimization.schedule = "cosine";
    task.seed = teacher_seed;
    return trained_weights(engine, task, std::move(data), data_samples / teacher_batch);
}

} // namespace

TrainingTask task_of(const Work& work, bool augment) {
    TrainingTask task;
    task.role = Role::student;
    task.network = work.pair.student;
    if (!work.student.tensors.empty()) task.initial_weights = work.student;
    task.teacher = work.pair.teacher;
    task.teacher_weights = work.teacher;
    task.hard_weight = 0.1;
    TermSpec soft;
    soft.id = "kd";
    soft.weight = 0.9;
    soft.options = {{"temperature", 4}, {"t_squared", 1}};
    task.terms = {soft};
    task.optimization = optimization(work.batch, work.pair.learning_rate);
    task.crop_padding = augment ? crop_padding : 0;
    task.flip = augment;
    task.seed = student_seed;
    return task;
}

Result<Work> make_work(Engine& engine, const Pair& pair, std::int64_t batch, const std::string& device) {
    if (batch < 1 || data_samples % batch != 0)
        return failure(ErrorKind::usage, "The batch is " + std::to_string(batch) + "; it must divide " +
                                             std::to_string(data_samples) + ".");
    const auto data = make_data(pair);
    if (!data) return tl::unexpected(data.error());
    Work work{pair, batch, *data, {}, {}};
    auto teacher = teacher_weights(engine, pair, *data, device);
    if (!teacher) return tl::unexpected(teacher.error());
    work.teacher = std::move(*teacher);
    auto student = trained_weights(engine, task_of(work, false), *data, 0);
    if (!student) return tl::unexpected(student.error());
    work.student = std::move(*student);
    return work;
}

} // namespace limbeck::bench
