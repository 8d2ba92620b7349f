// SPDX-License-Identifier: GPL-3.0-or-later
// The objectives of the answers against second versions in plain loops, and against what is known of them.
#include <cmath>
#include <numeric>

#include "tests/backend/engine/objectives/support.h"

namespace limbeck {
namespace {

using namespace objectives;

constexpr std::int64_t batch = 6, classes = 5;

/// Σ a log(a/b) per row, averaged.
double kl(const Table& a, const Table& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t c = 0; c < a[i].size(); ++c)
            sum += a[i][c] * std::log(a[i][c] / b[i][c]);
    return sum / static_cast<double>(a.size());
}

class Slow : public testing::Test {
  protected:
    torch::Tensor s = random({batch, classes}, 1, 2), t = random({batch, classes}, 2, 2),
                  y = labels(batch, classes);
    TensorMap in = answers(s, t, y);

    Table p(double temperature = 1) const { return softmax(t, temperature); }

    Table q(double temperature = 1) const { return softmax(s, temperature); }
};

TEST_F(Slow, KdIsThePlainSum) {
    EXPECT_NEAR(run("kd", in, {{"temperature", "3"}}).value, 9 * kl(p(3), q(3)), 1e-10);
    EXPECT_NEAR(run("kd", in, {{"temperature", "3"}, {"t_squared", "false"}}).value, kl(p(3), q(3)), 1e-10);
}

TEST_F(Slow, SoftCeIsKdPlusTheTeachersEntropyWithTheSameGradient) {
    double entropy = 0;
    for (const auto& row : p(4))
        for (const double x : row)
            entropy -= x * std::log(x);
    const Outcome ce = run("soft-ce", in), kd = run("kd", in);
    EXPECT_NEAR(ce.value, kd.value + 16 * entropy / batch, 1e-9);
    EXPECT_LT(golden::relative_error(ce.gradients.at("student_logits"), kd.gradients.at("student_logits")),
              1e-12);
}

TEST_F(Slow, MseLogitsIsTheMeanSquaredDifference) {
    double sum = 0;
    const Table a = table(s), b = table(t);
    for (std::size_t i = 0; i < batch; ++i)
        for (std::size_t c = 0; c < classes; ++c)
            sum += std::pow((a[i][c] - b[i][c]) / 2, 2);
    EXPECT_NEAR(run("mse-logits", in, {{"temperature", "2"}}).value, sum / (batch * classes), 1e-12);
}

TEST_F(Slow, MlkdSumsOverFiveTemperaturesKlAndBothLikenesses) {
    double total = 0;
    for (const double temperature : {2.0, 3.0, 4.0, 5.0, 6.0}) {
        const Table a = p(temperature), b = q(temperature);
        total += temperature * temperature * kl(a, b);
        double between_samples = 0, between_classes = 0;
        for (std::size_t i = 0; i < batch; ++i)
            for (std::size_t j = 0; j < batch; ++j) {
                double difference = 0;
                for (std::size_t c = 0; c < classes; ++c)
                    difference += a[i][c] * a[j][c] - b[i][c] * b[j][c];
                between_samples += difference * difference;
            }
        for (std::size_t c = 0; c < classes; ++c)
            for (std::size_t d = 0; d < classes; ++d) {
                double difference = 0;
                for (std::size_t i = 0; i < batch; ++i)
                    difference += a[i][c] * a[i][d] - b[i][c] * b[i][d];
                between_classes += difference * difference;
            }
        total += between_samples / batch + between_classes / classes;
    }
    EXPECT_NEAR(run("mlkd", in).value, total, 1e-9);
}

TEST_F(Slow, LabelOnlyIsCrossEntropyWithTheTeachersChoice) {
    const Table b = q();
    double sum = 0;
    for (std::size_t i = 0; i < batch; ++i) {
        const Table a = p();
        const auto best = std::max_element(a[i].begin(), a[i].end()) - a[i].begin();
        for (std::size_t c = 0; c < classes; ++c) {
            const double wanted = 0.2 / classes + (static_cast<std::int64_t>(c) == best ? 0.8 : 0);
            sum -= wanted * std::log(b[i][c]);
        }
    }
    EXPECT_NEAR(run("label-only", in, {{"smoothing", "0.2"}}).value, sum / batch, 1e-10);
}

TEST_F(Slow, TopKPutsTheRestIntoOneBucket) {
    const Table a = p(4), b = q(4);
    double sum = 0;
    for (std::size_t i = 0; i < batch; ++i) {
        std::vector<std::size_t> order(classes);
        std::iota(order.begin(), order.end(), 0);
        std::sort(order.begin(), order.end(), [&](auto x, auto z) { return a[i][x] > a[i][z]; });
        double rest_a = 0, rest_b = 0;
        for (std::size_t k = 0; k < classes; ++k) {
            const auto c = order[k];
            if (k < 2)
                sum += a[i][c] * std::log(a[i][c] / b[i][c]);
            else
                rest_a += a[i][c], rest_b += b[i][c];
        }
        sum += rest_a * std::log(rest_a / rest_b);
    }
    EXPECT_NEAR(run("top-k", in, {{"k", "2"}, {"temperature", "4"}, {"t_squared", "true"}}).value,
                16 * sum / batch, 1e-9);
    EXPECT_NEAR(run("top-k", in, {{"k", "5"}}).value, run("kd", in, {{"temperature", "1"}}).value, 1e-10);
}

TEST_F(Slow, CtkdIsKdAtTheLearnedTemperatureWhoseGradientIsReversed) {
    in.tensors["param.theta"] = to_data(torch::full({}, 0.3, torch::kFloat64)).value();
    const auto at = [&](double theta) {
        const double temperature = 1 + 20 / (1 + std::exp(-theta));
        return temperature * temperature * kl(p(temperature), q(temperature));
    };
    // Without a ramp the reversed gradient has its full size at once.
    const Outcome found = run("ctkd", in, {{"ramp_epochs", "0"}});
    EXPECT_NEAR(found.value, at(0.3), 1e-9);
    const double slope = (at(0.3 + 1e-5) - at(0.3 - 1e-5)) / 2e-5;
    EXPECT_NEAR(found.gradients.at("param.theta").item<double>(), -slope, 1e-6);
    EXPECT_EQ(run("ctkd", in).gradients.at("param.theta").item<double>(), 0); // the ramp begins with nothing
}

TEST(Kd, TendsToHalfTheMeanSquareOfCentredLogitsAsTheTemperatureGrows) {
    const auto s = random({4, 7}, 3), t = random({4, 7}, 4);
    const auto centred = (s - s.mean(1, true)) - (t - t.mean(1, true));
    const double limit = centred.square().sum().item<double>() / (2 * 4 * 7);
    // The option's range ends at 100: there the next order, of size 1/T, is still below two percent.
    EXPECT_NEAR(run("kd", answers(s, t), {{"temperature", "100"}}).value / limit, 1, 0.02);
}

TEST(Jsd, HasKlAndReverseKlAsItsEnds) {
    const auto in = answers(random({4, 6}, 1), random({4, 6}, 2));
    EXPECT_EQ(run("jsd", in, {{"beta", "1"}}).value, run("reverse-kl", in).value);
    EXPECT_NEAR(run("jsd", in, {{"beta", "0"}}).value, run("kd", in, {{"temperature", "1"}}).value, 1e-12);
}

TEST(SkewKl, WithoutSkewIsKlAndItsReverse) {
    const auto in = answers(random({4, 6}, 1), random({4, 6}, 2));
    EXPECT_NEAR(run("skew-kl", in, {{"lambda", "0"}}).value, run("kd", in, {{"temperature", "1"}}).value,
                1e-12);
    EXPECT_NEAR(run("skew-reverse-kl", in, {{"lambda", "0"}}).value, run("reverse-kl", in).value, 1e-12);
}

TEST(Tvd, ReachesOneWhereNothingIsShared) {
    const auto s = torch::tensor({{50.0, 0.0}}, torch::kFloat64),
               t = torch::tensor({{0.0, 50.0}}, torch::kFloat64);
    EXPECT_NEAR(run("tvd", answers(s, t)).value, 1, 1e-9);
}

TEST(Dkd, HasNoSecondPartWithTwoClasses) {
    const auto in = answers(random({4, 2}, 1), random({4, 2}, 2), labels(4, 2));
    const Outcome whole = run("dkd", in, {{"beta", "8"}}), first = run("dkd", in, {{"beta", "0"}});
    EXPECT_EQ(whole.value, first.value);
    EXPECT_TRUE(whole.gradients.at("student_logits").isfinite().all().item<bool>());
    EXPECT_NEAR(first.value, run("kd", in).value, 1e-10); // with two classes the first part is all of kd
}

TEST(Dkd, StandardisedDoesNotCareForTheSizeOfTheLogits) {
    const auto s = random({4, 5}, 1), t = random({4, 5}, 2), y = labels(4, 5);
    const Options on{{"standardize", "true"}};
    EXPECT_NEAR(run("dkd", answers(s, t, y), on).value, run("dkd", answers(3 * s + 1, t * 7, y), on).value,
                1e-5);
}

TEST(Nkd, HasNoSecondPartWithTwoClasses) {
    const auto in = answers(random({4, 2}, 1), random({4, 2}, 2), labels(4, 2));
    EXPECT_EQ(run("nkd", in, {{"gamma", "1.5"}}).value, run("nkd", in, {{"gamma", "0"}}).value);
}

TEST(Dist, IsZeroForAnswersThatAreLinesOfEachOther) {
    const auto p = torch::tensor({{0.5, 0.3, 0.2}, {0.2, 0.5, 0.3}, {0.3, 0.2, 0.5}}, torch::kFloat64);
    const auto q = 0.5 * p + 0.5 / 3; // the same correlations, nearer to even
    const auto found = run("dist", answers(q.log(), p.log()), {{"temperature", "1"}});
    EXPECT_NEAR(found.value, 0, 1e-6);
}

TEST(Dist, RefusesASingleSampleInWords) {
    EXPECT_NE(refusal("dist", answers(random({1, 4}, 1), random({1, 4}, 2))).find("at least two samples"),
              std::string::npos);
}

std::vector<std::string> response_ids() {
    std::vector<std::string> ids;
    for (const ObjectiveEntry& entry : objective_catalogue())
        if (entry.group == ObjectiveGroup::answers) ids.emplace_back(entry.id);
    return ids;
}

class Response : public testing::TestWithParam<std::string> {
  protected:
    const ObjectiveEntry& entry() const { return *find_objective(GetParam()); }

    Options unit_temperature() const {
        return entry().uses_temperature ? Options{{"temperature", "1"}} : Options{};
    }
};

TEST_P(Response, HasTheGradientOfItsValue) {
    if (GetParam() == "ctkd") return; // reversed on purpose: see Slow
    expect_gradients(GetParam(), answers(random({5, 4}, 5), random({5, 4}, 6), labels(5, 4)));
}

TEST_P(Response, StaysFiniteForHardAnswersOfAnyWidth) {
    for (const std::int64_t width : {2, 3, 1000}) {
        auto s = torch::zeros({4, width}, torch::kFloat64), t = torch::zeros({4, width}, torch::kFloat64);
        s.select(1, 0).fill_(1e4);
        t.select(1, 1).fill_(1e4);
        t[1].fill_(-1e4);
        t[1][0] = 1e4;
        s[2].zero_();
        for (const auto type : {torch::kFloat32, torch::kFloat64}) {
            const Outcome found =
                run(GetParam(), answers(s.to(type), t.to(type), labels(4, width)), unit_temperature());
            EXPECT_TRUE(std::isfinite(found.value)) << width;
            for (const auto& [name, gradient] : found.gradients)
                EXPECT_TRUE(gradient.isfinite().all().item<bool>()) << width << " " << name;
        }
    }
}

TEST_P(Response, TakesASingleSampleOrSaysThatItCannot) {
    const auto in = answers(random({1, 4}, 1), random({1, 4}, 2), labels(1, 4));
    if (entry().batch_dependent) {
        EXPECT_NE(refusal(GetParam(), in).find("at least two samples"), std::string::npos);
    } else {
        EXPECT_TRUE(std::isfinite(run(GetParam(), in).value));
    }
}

TEST_P(Response, DoesNotCareForTheOrderOfTheSamples) {
    const auto s = random({6, 4}, 1), t = random({6, 4}, 2), y = labels(6, 4);
    const auto order = torch::tensor({3, 0, 5, 1, 4, 2});
    const auto at = [&](const torch::Tensor& x) { return x.index_select(0, order); };
    EXPECT_NEAR(run(GetParam(), answers(s, t, y)).value, run(GetParam(), answers(at(s), at(t), at(y))).value,
                1e-10);
}

TEST_P(Response, IsLowestWhereTheStudentIsTheTeacher) {
    const auto t = random({6, 4}, 2), y = labels(6, 4);
    const Outcome same = run(GetParam(), answers(t, t, y), unit_temperature());
    const std::vector<std::string> vanishing{
        "kd",  "mse-logits", "reverse-kl",      "jsd",  "skew-kl", "tvd",
        "dkd", "dist",       "skew-reverse-kl", "mlkd", "ctkd",    "top-k"};
    const bool vanishes = std::find(vanishing.begin(), vanishing.end(), GetParam()) != vanishing.end();
    EXPECT_EQ(vanishes, std::abs(same.value) < 1e-6);
    if (GetParam() == "label-only") return; // asks for the choice alone
    EXPECT_LT(same.value, run(GetParam(), answers(random({6, 4}, 9), t, y), unit_temperature()).value);
}

TEST_P(Response, GivesTheTeacherNoGradient) {
    TermInputs in;
    in.student_logits = random({3, 4}, 1).requires_grad_();
    in.teacher_logits = random({3, 4}, 2).requires_grad_();
    in.labels = labels(3, 4);
    make_objective(GetParam(), {}, {}).value()->value(in).backward();
    EXPECT_TRUE(in.student_logits.grad().defined());
    EXPECT_FALSE(in.teacher_logits.grad().defined());
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Response, testing::ValuesIn(response_ids()), [](const auto& info) {
    std::string name = info.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

} // namespace
} // namespace limbeck
