// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "tests/backend/engine/training/toys.h"

namespace limbeck {
namespace {

using toys::distilled;
using toys::moons;

/// Logits of a network for some samples, through the engine's other door (`limbeck-cli forward`), with the
/// normalisation done by hand.
std::vector<std::vector<double>> answers(const NetworkSpec& network, const TensorMap& weights,
                                         const Dataset& data, const std::vector<std::int64_t>& ids) {
    const auto width = static_cast<std::size_t>(data.input.values());
    std::vector<double> input;
    for (const auto id : ids) {
        for (std::size_t i = 0; i < width; ++i) {
            const double raw = data.values[static_cast<std::size_t>(id) * width + i];
            input.push_back((raw - data.mean[i]) / data.stddev[i]);
        }
    }
    TensorMap in;
    auto& tensor = in.tensors["input"];
    tensor.dtype = DType::f64;
    tensor.shape = {static_cast<std::int64_t>(ids.size()), data.input.values()};
    tensor.bytes.resize(input.size() * sizeof(double));
    std::copy_n(reinterpret_cast<const std::byte*>(input.data()), tensor.bytes.size(), tensor.bytes.begin());
    const auto out = toys::engine().forward(network, weights, in);
    EXPECT_TRUE(out) << out.error().message;
    const auto& logits = out->tensors.at("logits");
    const auto classes = static_cast<std::size_t>(data.classes());
    std::vector<std::vector<double>> rows(ids.size(), std::vector<double>(classes));
    const auto* values = reinterpret_cast<const double*>(logits.bytes.data());
    for (auto& row : rows) {
        for (auto& value : row)
            value = *values++;
    }
    return rows;
}

std::vector<double> softmax(const std::vector<double>& logits, double temperature) {
    std::vector<double> p;
    double sum = 0;
    for (const double z : logits) {
        p.push_back(std::exp(z / temperature));
        sum += p.back();
    }
    for (auto& value : p)
        value /= sum;
    return p;
}

double kl(const std::vector<double>& p, const std::vector<double>& q) {
    double sum = 0;
    for (std::size_t c = 0; c < p.size(); ++c)
        sum += p[c] * std::log(p[c] / q[c]);
    return sum;
}

std::size_t argmax(const std::vector<double>& row) {
    return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

struct Expected {
    double hard = 0, soft = 0, accuracy = 0, agreement = 0, teacher_accuracy = 0, predictive_kl = 0;
};

/// The definitions, sample by sample.
Expected by_hand(const TrainingTask& task, const TensorMap& weights, const Dataset& data,
                 const std::vector<std::int64_t>& ids) {
    const auto student = answers(task.network, weights, data, ids);
    const auto teacher = answers(*task.teacher, task.teacher_weights, data, ids);
    const double t = task.terms.front().options.at("temperature");
    Expected sum;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto label = static_cast<std::size_t>(data.labels[static_cast<std::size_t>(ids[i])]);
        sum.hard -= std::log(softmax(student[i], 1)[label]);
        sum.soft += t * t * kl(softmax(teacher[i], t), softmax(student[i], t));
        sum.accuracy += argmax(student[i]) == label;
        sum.agreement += argmax(student[i]) == argmax(teacher[i]);
        sum.teacher_accuracy += argmax(teacher[i]) == label;
        sum.predictive_kl += kl(softmax(teacher[i], 1), softmax(student[i], 1));
    }
    const auto n = static_cast<double>(ids.size());
    return {sum.hard / n,         sum.soft / n, sum.accuracy / n, sum.agreement / n, sum.teacher_accuracy / n,
            sum.predictive_kl / n};
}

TEST(Evaluation, EqualsPlainLoopsOverTheSamples) {
    const auto data = moons(700); // more than one batch of evaluation in the test part
    const auto task = distilled(data);
    auto job = toys::start(task, data);
    toys::run(*job, 5);
    const auto weights = *job->weights();
    for (const auto part : {Part::train, Part::validation, Part::test}) {
        const auto expected = by_hand(task, weights, *data, data->part(part));
        const auto found = *job->evaluate(part, {});
        EXPECT_NEAR(toys::value(found, "hard"), expected.hard, 1e-6);
        EXPECT_NEAR(toys::value(found, "soft"), expected.soft, 1e-6);
        EXPECT_DOUBLE_EQ(toys::value(found, "hard_weighted"), 0.3 * toys::value(found, "hard"));
        EXPECT_DOUBLE_EQ(toys::value(found, "soft_weighted"), 0.7 * toys::value(found, "soft"));
        EXPECT_NEAR(toys::value(found, "loss"), 0.3 * expected.hard + 0.7 * expected.soft, 1e-6);
        EXPECT_DOUBLE_EQ(toys::value(found, "accuracy"), expected.accuracy);
        EXPECT_DOUBLE_EQ(toys::value(found, "agreement"), expected.agreement);
        EXPECT_DOUBLE_EQ(toys::value(found, "teacher_accuracy"), expected.teacher_accuracy);
        EXPECT_NEAR(toys::value(found, "predictive_kl"), expected.predictive_kl, 1e-6);
    }
}

TEST(Evaluation, TheMetricsOfAStepAreThoseOfItsBatchBeforeTheUpdate) {
    const auto data = moons();
    auto task = distilled(data);
    task.optimization.batch_size = 64; // the whole training part
    auto job = toys::start(task, data);
    toys::run(*job, 2);
    const auto expected = by_hand(task, *job->weights(), *data, data->train);
    const auto rows = toys::run(*job, 1);
    const auto get = [&](const char* name) { return toys::column(*job, rows, name).front(); };
    EXPECT_NEAR(get("train/hard"), expected.hard, 1e-5);
    EXPECT_NEAR(get("train/soft"), expected.soft, 1e-5);
    EXPECT_NEAR(get("train/loss"), 0.3 * expected.hard + 0.7 * expected.soft, 1e-5);
    EXPECT_DOUBLE_EQ(get("train/accuracy"), expected.accuracy);
    EXPECT_DOUBLE_EQ(get("train/agreement"), expected.agreement);
    EXPECT_DOUBLE_EQ(get("train/teacher_accuracy"), expected.teacher_accuracy);
    EXPECT_NEAR(get("train/predictive_kl"), expected.predictive_kl, 1e-5);
}

TEST(Evaluation, GivesTheValidationAnswersInHalfPrecision) {
    const auto data = moons();
    const auto task = distilled(data);
    auto job = toys::start(task, data);
    toys::run(*job, 8);
    const auto found = *job->evaluate(Part::validation, {});
    ASSERT_TRUE(found.answers);
    EXPECT_EQ(found.answers->step, 8);
    EXPECT_EQ(found.answers->epoch, 1);
    EXPECT_EQ(found.answers->classes, 2);
    EXPECT_EQ(found.answers->sample_ids, data->validation);
    ASSERT_EQ(found.answers->student_logits.size(), 2 * data->validation.size());
    ASSERT_EQ(found.answers->teacher_logits.size(), 2 * data->validation.size());
    const auto half = [](std::uint16_t bits) { // no infinities or subnormals among these answers
        const double sign = bits & 0x8000 ? -1 : 1;
        const int exponent = (bits >> 10 & 31) - 15;
        return sign * std::ldexp(1 + (bits & 1023) / 1024.0, exponent);
    };
    const auto expected = answers(task.network, *job->weights(), *data, data->validation);
    for (std::size_t i = 0; i < data->validation.size(); ++i) {
        EXPECT_EQ(found.answers->labels[i], data->labels[static_cast<std::size_t>(data->validation[i])]);
        for (std::size_t c = 0; c < 2; ++c) {
            EXPECT_NEAR(half(found.answers->student_logits[2 * i + c]), expected[i][c],
                        1e-3 * std::max(1.0, std::abs(expected[i][c])));
        }
    }
    EXPECT_FALSE(job->evaluate(Part::test, {})->answers);
}

TEST(Evaluation, StopsBetweenBatchesWhenAsked) {
    const auto data = moons(1300);
    auto job = toys::start(distilled(data), data);
    int asked = 0;
    const auto stopped = job->evaluate(Part::test, [&] { return ++asked < 2; });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
    EXPECT_EQ(asked, 2);
}

TEST(Evaluation, AnEmptyPartGivesNoValues) {
    auto data = moons();
    data->test.clear();
    auto job = toys::start(toys::alone(), data);
    const auto found = job->evaluate(Part::test, {});
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->values.empty());
}

TEST(Evaluation, ANetworkAloneHasNoValuesOfATeacher) {
    const auto data = moons();
    auto job = toys::start(toys::alone(), data);
    const auto found = *job->evaluate(Part::validation, {});
    EXPECT_TRUE(found.answers->teacher_logits.empty());
    std::vector<std::string> names;
    for (const auto& item : found.values)
        names.push_back(item.first);
    EXPECT_EQ(names, (std::vector<std::string>{"loss", "hard", "hard_weighted", "accuracy"}));
}

} // namespace
} // namespace limbeck
