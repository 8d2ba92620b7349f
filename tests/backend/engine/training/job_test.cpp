// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "tests/backend/engine/training/toys.h"

namespace limbeck {
namespace {

using toys::alone;
using toys::bars;
using toys::column;
using toys::distilled;
using toys::moons;
using toys::run;
using toys::start;

double mean(const std::vector<double>& values, std::size_t from, std::size_t count) {
    return std::accumulate(values.begin() + static_cast<long>(from),
                           values.begin() + static_cast<long>(from + count), 0.0) /
           static_cast<double>(count);
}

TEST(Training, LearnsToTellMoonsApart) {
    auto task = alone();
    task.optimization.epochs = 30;
    const auto data = moons();
    auto job = start(task, data);
    const auto rows = run(*job);
    const auto loss = column(*job, rows, "train/loss");
    EXPECT_LT(mean(loss, loss.size() - 7, 7), 0.3 * mean(loss, 0, 7));
    EXPECT_GT(toys::value(*job->evaluate(Part::test, {}), "accuracy"), 0.9);
}

TEST(Training, AdamwLearnsToTellMoonsApart) {
    auto task = alone();
    task.optimization.optimizer = "adamw";
    task.optimization.learning_rate = 0.02;
    task.optimization.epochs = 30;
    auto job = start(task, moons());
    run(*job);
    EXPECT_GT(toys::value(*job->evaluate(Part::test, {}), "accuracy"), 0.9);
}

TEST(Training, InTf32IsRefusedInWordsWhereThereIsNoSuchThing) {
    auto task = alone();
    task.precision = "tf32";
    const auto job = toys::engine().prepare(task, moons());
    ASSERT_FALSE(job);
    EXPECT_EQ(job.error().field, "training.precision");
    EXPECT_NE(job.error().message.find("NVIDIA"), std::string::npos) << job.error().message;
}

TEST(Training, AStudentComesToAgreeWithItsTeacher) {
    const auto data = moons();
    auto task = distilled(data);
    task.hard_weight = 0;
    task.terms.front().weight = 1;
    task.optimization.epochs = 40;
    auto job = start(task, data);
    const auto before = *job->evaluate(Part::train, {});
    run(*job);
    const auto after = *job->evaluate(Part::train, {});
    EXPECT_GT(toys::value(after, "agreement"), 0.9);
    EXPECT_LT(toys::value(after, "predictive_kl"), 0.2 * toys::value(before, "predictive_kl"));
}

TEST(Training, BfloatAutocastKeepsFloatWeightsAndLearns) {
    auto task = alone();
    task.precision = "bfloat16";
    task.optimization.epochs = 30;
    auto job = start(task, moons());
    run(*job);
    EXPECT_GT(toys::value(*job->evaluate(Part::test, {}), "accuracy"), 0.9);
    const auto weights = *job->weights();
    for (const auto& [name, tensor] : weights.tensors)
        EXPECT_EQ(tensor.dtype, DType::f32) << name;
}

TEST(Training, CountsItsSteps) {
    auto job = start(alone(), moons()); // 64 samples in batches of 10
    EXPECT_EQ(job->device(), "cpu");
    EXPECT_EQ(job->steps_per_epoch(), 7);
    EXPECT_EQ(job->total_steps(), 21);
    for (int i = 1; i <= 21; ++i) {
        const auto outcome = *job->step();
        EXPECT_EQ(outcome.step, i);
        EXPECT_EQ(outcome.epoch, i / 7);
        EXPECT_EQ(outcome.epoch_finished, i % 7 == 0);
        EXPECT_EQ(outcome.finished, i == 21);
        EXPECT_EQ(outcome.samples, i % 7 == 0 ? 4 : 10);
    }
    const auto rows = *job->drain(true);
    EXPECT_EQ(rows.steps.front(), 1);
    EXPECT_EQ(rows.steps.back(), 21);
    EXPECT_EQ(rows.values.size(), rows.steps.size() * job->step_series().size());
    const auto more = job->step();
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().kind, ErrorKind::usage);
}

TEST(Training, DropsALastBatchOfASingleSample) {
    auto task = alone();
    task.optimization.batch_size = 9; // 64 = 7 · 9 + 1
    EXPECT_EQ(start(task, moons())->steps_per_epoch(), 7);
}

TEST(Training, TheSameSeedGivesTheSameBits) {
    const auto data = bars();
    auto task = distilled(data, {"resnet8", {}, {}}, {"lenet", {}, {}});
    task.crop_padding = 2;
    task.flip = true;
    auto first = start(task, data), second = start(task, data);
    EXPECT_EQ(run(*first).values, run(*second).values);
    EXPECT_EQ(*first->weights(), *second->weights());
    task.seed = 1;
    auto third = start(task, data);
    run(*third);
    EXPECT_NE(*first->weights(), *third->weights());
}

TEST(Training, EvaluationLeavesTheTrainingUntouched) {
    const auto data = bars();
    auto task = distilled(data, {"resnet8", {}, {}}, {"lenet", {}, {}});
    auto watched = start(task, data), quiet = start(task, data);
    for (int i = 0; i < 5; ++i) {
        run(*watched, 2);
        for (const auto part : {Part::train, Part::validation, Part::test})
            ASSERT_TRUE(watched->evaluate(part, {}));
    }
    run(*quiet, 10);
    EXPECT_EQ(*watched->weights(), *quiet->weights());
    EXPECT_EQ(*watched->state(), *quiet->state());
}

TEST(Training, TheStudentAndItsBaselineSeeTheSameBatches) {
    // With the term's weight 0 a student is its own baseline, to the bit, although a teacher looks on.
    const auto data = bars();
    auto student = distilled(data, {"resnet8", {}, {}}, {"lenet", {}, {}});
    student.hard_weight = 1;
    student.terms.front().weight = 0;
    student.crop_padding = 1;
    student.flip = true;
    auto baseline = student;
    baseline.role = Role::baseline;
    baseline.teacher.reset();
    baseline.teacher_weights = {};
    baseline.terms.clear();
    auto with = start(student, data), without = start(baseline, data);
    const auto rows = run(*with), plain = run(*without);
    EXPECT_EQ(column(*with, rows, "train/hard"), column(*without, plain, "train/hard"));
    EXPECT_EQ(*with->weights(), *without->weights());
}

TEST(Training, TheTeacherIsTheSameAfterwards) {
    const auto data = bars();
    const NetworkSpec resnet{"resnet8", {}, {}};
    auto task = distilled(data, {"lenet", {}, {}}, resnet); // batch norm would drift in training mode
    auto job = start(task, data);
    const auto before = *job->evaluate(Part::validation, {});
    run(*job);
    const auto after = *job->evaluate(Part::validation, {});
    EXPECT_EQ(before.answers->teacher_logits, after.answers->teacher_logits);
    EXPECT_EQ(toys::value(before, "teacher_accuracy"), toys::value(after, "teacher_accuracy"));
    EXPECT_NE(before.answers->student_logits, after.answers->student_logits);
}

TEST(Live, ChangesTakeEffectWithTheNextStep) {
    const auto data = moons();
    auto job = start(distilled(data), data);
    run(*job, 1);
    ASSERT_TRUE(job->set_live("distillation.hard_weight", 0.25));
    ASSERT_TRUE(job->set_live("distillation.soft_weight", 2));
    ASSERT_TRUE(job->set_live("training.learning_rate", 0.5));
    const auto rows = run(*job, 1);
    const auto get = [&](const char* name) { return column(*job, rows, name).front(); };
    EXPECT_DOUBLE_EQ(get("train/hard_weighted"), 0.25 * get("train/hard"));
    EXPECT_DOUBLE_EQ(get("train/soft_weighted"), 2 * get("train/soft"));
    EXPECT_NEAR(get("train/loss"), get("train/hard_weighted") + get("train/soft_weighted"), 1e-5);
    EXPECT_NEAR(get("train/learning_rate"), 0.5, 0.01);
    EXPECT_EQ(*job->live("distillation.soft_weight"), 2);
}

TEST(Live, RefusesWhatIsOutOfRangeOrHasNoPart) {
    const auto data = moons();
    auto student = start(distilled(data), data);
    EXPECT_FALSE(student->set_live("distillation.temperature", 0));
    EXPECT_FALSE(student->set_live("training.learning_rate", -1));
    EXPECT_FALSE(student->set_live("distillation.hard_weight", std::nan("")));
    EXPECT_FALSE(student->set_live("training.epochs", 3));
    auto baseline = start(alone(), data);
    EXPECT_TRUE(baseline->set_live("distillation.hard_weight", 0.5));
    EXPECT_FALSE(baseline->set_live("distillation.temperature", 2));
    EXPECT_FALSE(baseline->live("distillation.temperature"));
}

/// Fails if a weight or statistic is not a finite number.
void expect_finite(const TensorMap& weights) {
    for (const auto& [name, tensor] : weights.tensors) {
        if (tensor.dtype != DType::f32) continue;
        for (const float value : toys::floats(weights, name))
            ASSERT_TRUE(std::isfinite(value)) << name;
    }
}

TEST(NotFinite, KeepsTheLastGoodWeightsAndStatisticsAndNamesTheStep) {
    // One sample of floats is infinite; with one batch an epoch the order does not matter, so the poison is
    // put where only the third step meets it: it is the learning rate that makes the weights overflow.
    for (const std::string optimizer : {"sgd", "adamw"}) {
        const auto data = bars();
        auto task = alone({"resnet8", {}, {}});
        task.optimization.optimizer = optimizer;
        task.optimization.schedule = "constant";
        auto job = start(task, data);
        run(*job, 2);
        ASSERT_TRUE(job->set_live("training.learning_rate", 1e30));
        TensorMap last_good_weights = *job->weights(), last_good_state = *job->state();
        std::optional<std::int64_t> bad;
        for (int i = 0; i < 10 && !bad; ++i) {
            last_good_weights = *job->weights();
            last_good_state = *job->state();
            bad = run(*job, 1).first_bad_step;
        }
        ASSERT_TRUE(bad) << optimizer;
        EXPECT_EQ(*bad, job->steps_done());
        EXPECT_EQ(*job->weights(), last_good_weights);
        expect_finite(*job->weights());
        run(*job, 3); // later steps change nothing either
        EXPECT_EQ(*job->weights(), last_good_weights);
        EXPECT_EQ(*job->state(), last_good_state);
        EXPECT_EQ(*job->drain(true)->first_bad_step, *bad);
    }
}

TEST(NotFinite, AnInfiniteInputIsFoundAndGoingOnIsPossible) {
    auto data = moons();
    auto task = alone();
    auto healthy = start(task, data);
    run(*healthy, 4);
    const auto weights = *healthy->weights(), state = *healthy->state();

    data->values[2 * 30] = INFINITY; // some step of the first epoch meets sample 30
    auto job = start(task, data);
    const auto rows = run(*job, 7);
    ASSERT_TRUE(rows.first_bad_step);
    expect_finite(*job->weights());
    EXPECT_EQ(job->state()->metadata.at("step"), std::to_string(*rows.first_bad_step - 1));

    data->values[2 * 30] = 0;
    ASSERT_TRUE(job->restore(weights, state));
    EXPECT_FALSE(run(*job).first_bad_step);
}

TEST(Refusals, SayWhatDoesNotFitBeforeAnyWork) {
    const auto data = moons();
    const auto refuse = [](const TrainingTask& task, std::shared_ptr<const Dataset> with, ErrorKind kind,
                           std::string_view field, std::string_view words) {
        const auto job = toys::engine().prepare(task, std::move(with));
        ASSERT_FALSE(job);
        EXPECT_EQ(job.error().kind, kind) << job.error().message;
        EXPECT_EQ(job.error().field, field) << job.error().message;
        EXPECT_NE(job.error().message.find(words), std::string::npos) << job.error().message;
    };
    auto task = alone();
    task.optimization.batch_size = 65;
    refuse(task, data, ErrorKind::configuration, "training.batch_size", "65 samples");
    task.role = Role::teacher;
    refuse(task, data, ErrorKind::configuration, "teacher.training.batch_size", "has 64");

    task = alone();
    task.device = "cuda:7";
    refuse(task, data, ErrorKind::device, "training.device", "cuda:7");
    task.device = "tpu";
    refuse(task, data, ErrorKind::configuration, "training.device", "tpu");
    task = alone();
    task.precision = "float8";
    refuse(task, data, ErrorKind::configuration, "training.precision", "float8");
    task = alone();
    task.flip = true;
    refuse(task, data, ErrorKind::configuration, "data.flip", "pictures");
    task = alone();
    task.optimization.optimizer = "lion";
    refuse(task, data, ErrorKind::configuration, "training.optimizer", "lion");
    task = alone();
    task.terms = {{.id = "kd", .weight = 1, .taps = {}, .options = {}}};
    refuse(task, data, ErrorKind::configuration, "teacher.model", "teacher");
    task = distilled(data);
    task.terms.front().id = "nonsense";
    refuse(task, data, ErrorKind::configuration, "distillation.objective", "nonsense");
    task = alone({"resnet20", {}, {}});
    refuse(task, data, ErrorKind::configuration, "student.model", "resnet20");
    refuse(alone(), nullptr, ErrorKind::data, "data.dataset", "no data set");

    auto broken = moons();
    broken->labels[5] = 2;
    refuse(alone(), broken, ErrorKind::data, "data.dataset", "Sample 5");
    broken = moons();
    broken->train.clear();
    refuse(alone(), broken, ErrorKind::data, "data.validation_fraction", "empty");
    broken = moons();
    broken->values.pop_back();
    refuse(alone(), broken, ErrorKind::data, "data.dataset", "255 values");
}

TEST(Refusals, ATeacherOfOtherClassesOrAnotherInputIsNamedWithBothNumbers) {
    const auto data = moons();
    auto many = moons();
    many->class_names = {"a", "b", "c", "d", "e"};
    auto task = distilled(data);
    task.teacher_weights = toys::fresh_weights(*task.teacher, many, 1);
    auto job = toys::engine().prepare(task, data);
    ASSERT_FALSE(job);
    EXPECT_NE(job.error().message.find("answer 5 classes"), std::string::npos) << job.error().message;
    EXPECT_NE(job.error().message.find("have 2 (upper, lower)"), std::string::npos) << job.error().message;
    EXPECT_EQ(job.error().field, "teacher.model");

    const auto pictures = bars(1, 12);
    task.teacher_weights = toys::fresh_weights(*task.teacher, pictures, 1);
    job = toys::engine().prepare(task, data);
    ASSERT_FALSE(job);
    task.teacher_weights = {};
    job = toys::engine().prepare(task, data);
    ASSERT_FALSE(job);
    EXPECT_NE(job.error().message.find("no weights"), std::string::npos) << job.error().message;

    auto colour = distilled(pictures, {"lenet", {}, {}}, {"resnet8", {}, {}});
    colour.teacher_weights = toys::fresh_weights({"resnet8", {}, {}}, bars(3, 12), 1);
    job = toys::engine().prepare(colour, pictures);
    ASSERT_FALSE(job);
    EXPECT_NE(job.error().message.find("3 channels"), std::string::npos) << job.error().message;
}

} // namespace
} // namespace limbeck
