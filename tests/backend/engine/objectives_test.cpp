// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "backend/engine/objectives/objective.h"
#include "backend/types/catalogue.h"
#include "tests/backend/engine/golden.h"

namespace limbeck {
namespace {

using Options = std::map<std::string, std::string>;

torch::Tensor logits(std::int64_t rows, std::int64_t classes, std::uint64_t seed, double spread = 3) {
    const auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    return torch::empty({rows, classes}, torch::kFloat64).normal_(0, spread, generator);
}

TensorMap inputs(const torch::Tensor& student, const torch::Tensor& teacher) {
    return {{{"student_logits", to_data(student).value()}, {"teacher_logits", to_data(teacher).value()}}, {}};
}

struct Outcome {
    double value = 0;
    torch::Tensor gradient;
};

Outcome run(const std::string& id, const torch::Tensor& student, const torch::Tensor& teacher,
            const Options& options = {}) {
    const auto result = run_objective(id, inputs(student, teacher), options);
    if (!result) throw std::runtime_error(result.error().message);
    return {golden::tensor(*result, "value").item<double>(), golden::tensor(*result, "grad.student_logits")};
}

std::string refusal(const std::string& id, const TensorMap& in, const Options& options = {}) {
    const auto result = run_objective(id, in, options);
    return result ? "was computed" : result.error().message;
}

TEST(ObjectiveIds, AreThoseOfTheCatalogueInItsOrder) {
    std::vector<std::string> catalogue;
    for (const ObjectiveEntry& entry : objective_catalogue()) {
        catalogue.emplace_back(entry.id);
    }
    EXPECT_EQ(objective_ids(), catalogue);
}

struct GoldenCase {
    const char* name;
    const char* file;
    torch::ScalarType precision;
    double tolerance;
};

class GoldenObjective : public ::testing::TestWithParam<GoldenCase> {};

TEST_P(GoldenObjective, ValueAndGradientAreThePublishedOnes) {
    LIMBECK_NEED_GOLDEN();
    TensorMap file =
        golden::read(golden::folder() / "objectives" / (std::string(GetParam().file) + ".safetensors"));
    Options options;
    const auto json = nlohmann::json::parse(file.metadata.at("options"));
    for (const auto& [key, value] : json.items())
        options[key] = value.dump();
    const auto expected_value = golden::tensor(file, "value"),
               expected = golden::tensor(file, "grad.student_logits");
    for (const char* name : {"student_logits", "teacher_logits"})
        file.tensors[name] = to_data(golden::tensor(file, name).to(GetParam().precision)).value();
    const auto found = run_objective(file.metadata.at("objective"), file, options);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(golden::tensor(*found, "value").scalar_type(), GetParam().precision);
    EXPECT_LT(golden::relative_error(golden::tensor(*found, "value"), expected_value), GetParam().tolerance);
    EXPECT_LT(golden::relative_error(golden::tensor(*found, "grad.student_logits"), expected),
              GetParam().tolerance);
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenObjective,
                         ::testing::Values(GoldenCase{"kd_a_double", "kd--a", torch::kFloat64, 1e-9},
                                           GoldenCase{"kd_b_double", "kd--b", torch::kFloat64, 1e-9},
                                           GoldenCase{"kd_a_float", "kd--a", torch::kFloat32, 1e-5},
                                           GoldenCase{"kd_b_float", "kd--b", torch::kFloat32, 1e-5}),
                         [](const auto& info) { return info.param.name; });

TEST(Kd, IsThePlainSumOverClassesAndMeanOverSamples) {
    const auto s = logits(5, 4, 1), t = logits(5, 4, 2);
    const double temperature = 3;
    double sum = 0;
    for (int b = 0; b < 5; ++b) {
        double zs = 0, zt = 0;
        for (int c = 0; c < 4; ++c) {
            zs += std::exp(s[b][c].item<double>() / temperature);
            zt += std::exp(t[b][c].item<double>() / temperature);
        }
        for (int c = 0; c < 4; ++c) {
            const double q = std::exp(s[b][c].item<double>() / temperature) / zs;
            const double p = std::exp(t[b][c].item<double>() / temperature) / zt;
            sum += p * std::log(p / q);
        }
    }
    EXPECT_NEAR(run("kd", s, t, {{"temperature", "3"}}).value, 9 * sum / 5, 1e-12);
    EXPECT_NEAR(run("kd", s, t, {{"temperature", "3"}, {"t_squared", "false"}}).value, sum / 5, 1e-12);
}

TEST(Kd, IsZeroWithoutGradientWhereTheStudentIsTheTeacher) {
    const auto t = logits(6, 7, 3);
    for (const char* temperature : {"1", "4", "20"}) {
        const Outcome found = run("kd", t + 5, t, {{"temperature", temperature}}); // softmax knows no offset
        EXPECT_NEAR(found.value, 0, 1e-12);
        EXPECT_LT(found.gradient.abs().max().item<double>(), 1e-12);
    }
}

TEST(Kd, MatchesCentredLogitsAsTheTemperatureGrows) {
    // Hinton 2015, section 2.1: T² KL → ½ mean over classes of the squared difference of centred logits.
    const auto s = logits(4, 6, 4), t = logits(4, 6, 5);
    const auto difference = (s - s.mean(1, true)) - (t - t.mean(1, true));
    const double limit = difference.square().mean().item<double>() / 2;
    EXPECT_NEAR(run("kd", s, t, {{"temperature", "10000"}}).value / limit, 1, 1e-3);
}

TEST(Kd, GradientIsTheDerivativeOfTheValue) {
    const auto s = logits(2, 3, 6), t = logits(2, 3, 7);
    for (const std::string id : {"kd", "soft-ce", "mse-logits"}) {
        const auto gradient = run(id, s, t).gradient;
        for (int c = 0; c < 3; ++c) {
            auto up = s.clone(), down = s.clone();
            up[1][c] += 1e-5;
            down[1][c] -= 1e-5;
            EXPECT_NEAR(gradient[1][c].item<double>(), (run(id, up, t).value - run(id, down, t).value) / 2e-5,
                        1e-7)
                << id;
        }
    }
}

TEST(SoftCe, HasTheGradientOfKdAndTheTeachersEntropyMore) {
    const auto s = logits(5, 4, 1), t = logits(5, 4, 2);
    for (const Options& options : {Options{}, Options{{"temperature", "2"}, {"t_squared", "0"}}}) {
        const Outcome kd = run("kd", s, t, options), ce = run("soft-ce", s, t, options);
        EXPECT_LT(golden::relative_error(ce.gradient, kd.gradient), 1e-12);
        EXPECT_NEAR(ce.value - kd.value, run("soft-ce", t, t, options).value, 1e-11);
    }
}

TEST(MseLogits, IsTheMeanSquaredDifferenceOfSoftenedLogits) {
    const auto s = logits(5, 4, 1), t = logits(5, 4, 2);
    double sum = 0;
    for (int b = 0; b < 5; ++b)
        for (int c = 0; c < 4; ++c)
            sum += std::pow((s[b][c].item<double>() - t[b][c].item<double>()), 2);
    EXPECT_NEAR(run("mse-logits", s, t).value, sum / 20, 1e-12) << "T is 1 by default";
    EXPECT_NEAR(run("mse-logits", s, t, {{"temperature", "2"}}).value, sum / 20 / 4, 1e-12);
    EXPECT_NEAR(run("mse-logits", s, t, {{"temperature", "2"}, {"t_squared", "1"}}).value, sum / 20, 1e-12);
    EXPECT_EQ(run("mse-logits", t, t).value, 0);
}

TEST(EveryTerm, StaysFiniteForLogitsOfTenThousand) {
    const auto s = torch::tensor({{1e4, -1e4, 0.0}, {-1e4, 1e4, 1e4}}),
               t = torch::tensor({{-1e4, 1e4, 0.0}, {1e4, -1e4, -1e4}});
    for (const std::string& id : objective_ids()) {
        if (find_objective(id)->group != ObjectiveGroup::answers) continue;
        for (const auto type : {torch::kFloat32, torch::kFloat64}) {
            const Outcome found = run(id, s.to(type), t.to(type), {{"temperature", "1"}});
            EXPECT_TRUE(std::isfinite(found.value)) << id;
            EXPECT_TRUE(found.gradient.isfinite().all().item<bool>()) << id;
        }
    }
}

TEST(EveryTerm, GivesTheTeacherNoGradient) {
    for (const std::string& id : objective_ids()) {
        if (find_objective(id)->group != ObjectiveGroup::answers) continue;
        TermInputs in;
        in.student_logits = logits(3, 4, 1).requires_grad_();
        in.teacher_logits = logits(3, 4, 2).requires_grad_();
        in.labels = torch::tensor({0, 1, 2});
        make_objective(id, {}, {}).value()->value(in).backward();
        EXPECT_TRUE(in.student_logits.grad().defined()) << id;
        EXPECT_FALSE(in.teacher_logits.grad().defined()) << id;
    }
}

TEST(RunObjective, SaysWhatIsWrongWithItsInputs) {
    const auto s = logits(5, 4, 1);
    EXPECT_NE(refusal("kdd", inputs(s, s)).find("known are kd, soft-ce"), std::string::npos);
    EXPECT_NE(refusal("kd", {}).find("needs \"student_logits\""), std::string::npos);
    EXPECT_NE(refusal("kd", inputs(s, logits(5, 3, 1))).find("[5, 4]; it is [5, 3]"), std::string::npos);
    EXPECT_NE(refusal("kd", inputs(s[0], s[0])).find("[B, C]; it is [4]"), std::string::npos);
    EXPECT_NE(refusal("kd", inputs(torch::ones({2, 2}, torch::kInt64), s)).find("int64"), std::string::npos);
    TensorMap labelled = inputs(s, s);
    labelled.tensors["labels"] = to_data(torch::tensor({0, 1, 2, 3, 4})).value();
    EXPECT_NE(refusal("kd", labelled).find("0 to 3; found 0 to 4"), std::string::npos);
    TensorMap torn = inputs(s, s);
    torn.tensors["teacher_logits"].bytes.pop_back();
    EXPECT_NE(refusal("kd", torn).find("\"teacher_logits\""), std::string::npos);
}

TEST(RunObjective, SaysWhatIsWrongWithItsOptions) {
    const auto in = inputs(logits(2, 3, 1), logits(2, 3, 2));
    EXPECT_NE(refusal("kd", in, {{"temprature", "4"}}).find("takes temperature and t_squared"),
              std::string::npos);
    for (const char* temperature : {"0", "-1", "nan", "inf"})
        EXPECT_NE(refusal("kd", in, {{"temperature", temperature}}).find("above 0"), std::string::npos)
            << temperature;
    for (const char* temperature : {"", "4x", "4,5", " 4"})
        EXPECT_NE(refusal("kd", in, {{"temperature", temperature}}).find("is a number"), std::string::npos)
            << temperature;
    EXPECT_NE(refusal("kd", in, {{"t_squared", "2"}}).find("0 or 1"), std::string::npos);
}

} // namespace
} // namespace limbeck
