// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <set>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "backend/engine/objectives/negatives.h"
#include "backend/types/random.h"
#include "tests/backend/engine/objectives/term_checks.h"

namespace limbeck {
namespace {

using checks::contains;
using checks::refusal;
using Rows = std::vector<std::vector<double>>;

constexpr double tau = 0.5, momentum = 0.25;
const TermOptions small{{"nce_k", 4}, {"tau", tau}, {"momentum", momentum}, {"embedding", 3}};

/// 12 samples of three classes, of which a batch shows four.
checks::Case twelve() {
    auto made = checks::features({{4, 5}}, {{4, 6}});
    made.context.samples = 12;
    made.context.labels = torch::tensor({0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}, torch::kInt64);
    made.in.sample_ids = torch::tensor({7, 2, 0, 10}, torch::kInt64);
    made.in.labels = made.context.labels.index_select(0, made.in.sample_ids);
    made.in.step = 3;
    return made;
}

Rows to_rows(const torch::Tensor& matrix) {
    Rows rows;
    for (int i = 0; i < matrix.size(0); ++i) {
        rows.emplace_back();
        for (int j = 0; j < matrix.size(1); ++j)
            rows.back().push_back(matrix[i][j].item<double>());
    }
    return rows;
}

void normalise(std::vector<double>& row) {
    double length = 0;
    for (const double x : row)
        length += x * x;
    for (double& x : row)
        x /= std::sqrt(length);
}

Rows embed(const torch::Tensor& features, const torch::Tensor& weight, const torch::Tensor& bias) {
    const Rows x = to_rows(features), w = to_rows(weight);
    Rows out;
    for (const auto& row : x) {
        std::vector<double> embedded;
        for (std::size_t o = 0; o < w.size(); ++o) {
            embedded.push_back(bias[static_cast<std::int64_t>(o)].item<double>());
            for (std::size_t i = 0; i < row.size(); ++i)
                embedded.back() += row[i] * w[o][i];
        }
        normalise(embedded);
        out.push_back(embedded);
    }
    return out;
}

/// The whole term once more, in plain loops and with its own memory.
class SlowCrd {
  public:
    explicit SlowCrd(const Objective& term, std::uint64_t seed, std::vector<std::int64_t> labels)
        : parameters_(term.named_parameters()), seed_(seed), labels_(std::move(labels)) {
        const auto buffers = term.named_buffers();
        student_ = to_rows(buffers["bank_student"]);
        teacher_ = to_rows(buffers["bank_teacher"]);
    }

    double step(const TermInputs& in) {
        const Rows s = embed(in.student_features[0], parameters_["embed_student.weight"],
                             parameters_["embed_student.bias"]);
        const Rows t = embed(in.teacher_features[0], parameters_["embed_teacher.weight"],
                             parameters_["embed_teacher.bias"]);
        std::vector<std::vector<std::size_t>> shown;
        Random random(stream_seed(seed_, "objective", static_cast<std::uint64_t>(in.step)));
        for (int b = 0; b < in.sample_ids.size(0); ++b)
            shown.push_back(others(in.sample_ids[b].item<std::int64_t>(), random));
        const double value = side(s, teacher_, shown, z_[0]) + side(t, student_, shown, z_[1]);
        renew(student_, s, shown);
        renew(teacher_, t, shown);
        return value;
    }

    const Rows& student_bank() const { return student_; }

    const Rows& teacher_bank() const { return teacher_; }

  private:
    std::vector<std::size_t> others(std::int64_t id, Random& random) const {
        std::vector<std::size_t> ids;
        for (std::int64_t label = 0; label < 3; ++label)
            for (std::size_t i = 0; i < labels_.size(); ++i)
                if (labels_[i] == label && label != labels_[static_cast<std::size_t>(id)]) ids.push_back(i);
        std::vector<std::size_t> shown{static_cast<std::size_t>(id)};
        for (std::size_t i = 0; i < 4; ++i) {
            std::swap(ids[i], ids[i + random.below(ids.size() - i)]);
            shown.push_back(ids[i]);
        }
        return shown;
    }

    double side(const Rows& embedded, const Rows& bank, const std::vector<std::vector<std::size_t>>& shown,
                double& z) const {
        Rows scores;
        double mean = 0;
        for (std::size_t b = 0; b < embedded.size(); ++b) {
            scores.emplace_back();
            for (const std::size_t id : shown[b]) {
                double product = 0;
                for (std::size_t d = 0; d < 3; ++d)
                    product += embedded[b][d] * bank[id][d];
                scores.back().push_back(std::exp(product / tau));
                mean += scores.back().back() / static_cast<double>(embedded.size() * shown[b].size());
            }
        }
        const auto n = static_cast<double>(labels_.size());
        if (z == 0) z = mean * n;
        double sum = 0;
        for (const auto& row : scores)
            for (std::size_t k = 0; k < row.size(); ++k) {
                const double g = row[k] / z, noise = 4 / n;
                sum -= k == 0 ? std::log(g / (g + noise + 1e-7)) : std::log(noise / (g + noise + 1e-7));
            }
        return sum / static_cast<double>(embedded.size());
    }

    static void renew(Rows& bank, const Rows& embedded, const std::vector<std::vector<std::size_t>>& shown) {
        for (std::size_t b = 0; b < embedded.size(); ++b) {
            auto& row = bank[shown[b][0]];
            for (std::size_t d = 0; d < 3; ++d)
                row[d] = momentum * row[d] + (1 - momentum) * embedded[b][d];
            normalise(row);
        }
    }

    torch::OrderedDict<std::string, torch::Tensor> parameters_;
    std::uint64_t seed_;
    std::vector<std::int64_t> labels_;
    Rows student_, teacher_;
    double z_[2] = {0, 0};
};

void expect_equal(const torch::Tensor& bank, const Rows& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i)
        for (std::size_t j = 0; j < rows[i].size(); ++j)
            EXPECT_NEAR(bank[static_cast<std::int64_t>(i)][static_cast<std::int64_t>(j)].item<double>(),
                        rows[i][j], 1e-12);
}

TEST(Crd, IsTheTermInPlainLoopsForSeveralStepsWithItsBanks) {
    auto made = twelve();
    const auto term = checks::make("crd", small, made.context);
    SlowCrd slow(*term, made.context.seed, {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2});
    const auto batches = torch::tensor({{7, 2, 0, 10}, {6, 1, 5, 9}, {7, 2, 3, 11}}, torch::kInt64);
    for (int step = 0; step < 3; ++step) {
        made.in.step = step;
        made.in.sample_ids = batches[step];
        const double expected = slow.step(made.in);
        EXPECT_NEAR(term->value(made.in).item<double>(), expected, 1e-10) << step;
        expect_equal(term->named_buffers()["bank_student"], slow.student_bank());
        expect_equal(term->named_buffers()["bank_teacher"], slow.teacher_bank());
    }
}

TEST(Crd, GradientIsTheDerivativeOfTheValueForBothEmbeddings) {
    auto made = twelve();
    const auto term = checks::make("crd", small, made.context);
    (void)term->value(made.in); // sets Z, which is a constant from then on
    made.in.training = false;
    checks::expect_derivatives(made.in, *term);
}

TEST(Crd, HasTheSameGradientWhetherTheBanksAreRenewedOrNot) {
    auto made = twelve();
    made.in.student_features[0].requires_grad_();
    const auto term = checks::make("crd", small, made.context);
    made.in.training = false;
    const auto rested = torch::autograd::grad({term->value(made.in)}, {made.in.student_features[0]})[0];
    made.in.training = true;
    const auto renewed = torch::autograd::grad({term->value(made.in)}, {made.in.student_features[0]})[0];
    EXPECT_TRUE(rested.equal(renewed));
}

TEST(Crd, GivesTheTeacherNoGradient) {
    auto made = twelve();
    made.in.student_features[0].requires_grad_();
    made.in.teacher_features[0].requires_grad_();
    checks::make("crd", small, made.context)->value(made.in).backward();
    EXPECT_TRUE(made.in.student_features[0].grad().defined());
    EXPECT_FALSE(made.in.teacher_features[0].grad().defined());
}

TEST(Crd, WritesItsBanksInTrainingOnly) {
    auto made = twelve();
    const auto term = checks::make("crd", small, made.context);
    const auto copy = [&] {
        std::map<std::string, torch::Tensor> all;
        for (const auto& item : term->named_buffers())
            all[item.key()] = item.value().clone();
        return all;
    };
    auto before = copy();
    ASSERT_EQ(before.size(), 3U);
    EXPECT_FALSE(term->can_be_evaluated());
    made.in.training = false;
    (void)term->value(made.in);
    for (const auto& [name, tensor] : copy())
        EXPECT_TRUE(tensor.equal(before[name])) << name;
    made.in.training = true;
    (void)term->value(made.in);
    for (const auto& [name, tensor] : copy())
        EXPECT_FALSE(tensor.equal(before[name])) << name;
    const auto after = copy();
    for (const std::int64_t id : {1, 3, 4, 5, 6, 8, 9, 11})
        EXPECT_TRUE(after.at("bank_student")[id].equal(before["bank_student"][id])) << id;
}

TEST(Crd, GoesOnExactlyFromSavedBuffers) {
    auto made = twelve();
    const auto first = checks::make("crd", small, made.context);
    auto other = made.context;
    const auto second = checks::make("crd", small, other);
    (void)first->value(made.in);
    {
        const torch::NoGradGuard no_grad;
        for (const auto& item : first->named_buffers())
            second->named_buffers()[item.key()].copy_(item.value());
    }
    made.in.step = 4;
    made.in.student_features[0] = made.in.student_features[0] + 0.5;
    EXPECT_EQ(first->value(made.in).item<double>(), second->value(made.in).item<double>());
}

TEST(Crd, DrawsItsBanksFromTheRunsSeedWithinTheirBound) {
    auto made = twelve();
    const auto one = checks::make("crd", {}, made.context)->named_buffers(),
               same = checks::make("crd", {}, made.context)->named_buffers();
    made.context.seed = 6;
    const auto other = checks::make("crd", {}, made.context)->named_buffers();
    EXPECT_TRUE(one["bank_student"].equal(same["bank_student"]));
    EXPECT_FALSE(one["bank_student"].equal(other["bank_student"]));
    EXPECT_FALSE(one["bank_student"].equal(one["bank_teacher"]));
    const double bound = 1 / std::sqrt(128.0 / 3), largest = one["bank_student"].abs().max().item<double>();
    EXPECT_LE(largest, bound);
    EXPECT_GT(largest, 0.95 * bound);
}

TEST(Crd, TellsTheBytesOfItsBanks) {
    const auto made = twelve();
    EXPECT_EQ(make_objective("crd", {}, made.context).value()->bank_bytes(), 2 * 12 * 128 * 4);
}

TEST(Crd, DrawsTheSameNegativesForTheSameStepAndOthersForAnother) {
    const auto made = twelve();
    const auto negatives = Negatives::make(made.context, 4).value();
    const auto draw = [&](std::uint64_t seed) { return negatives.draw(made.in.sample_ids, seed); };
    EXPECT_TRUE(draw(1).equal(draw(1)));
    EXPECT_FALSE(draw(1).equal(draw(2)));
}

TEST(Crd, DrawsNegativesOfOtherClassesAmongTheTrainedWithoutRepetition) {
    auto made = twelve();
    made.context.trained =
        torch::tensor({0, 2, 3, 4, 5, 7, 8, 10}, torch::kInt64); // 2 + 3 + 3 of the classes
    const auto negatives = Negatives::make(made.context, 4).value();
    EXPECT_EQ(negatives.trained(), 8);
    std::set<std::int64_t> all;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto drawn = negatives.draw(made.in.sample_ids, seed);
        ASSERT_EQ(drawn.sizes(), (std::vector<std::int64_t>{4, 5}));
        for (int b = 0; b < 4; ++b) {
            const auto id = made.in.sample_ids[b].item<std::int64_t>();
            EXPECT_EQ(drawn[b][0].item<std::int64_t>(), id);
            std::set<std::int64_t> row;
            for (int k = 1; k < 5; ++k) {
                const auto other = drawn[b][k].item<std::int64_t>();
                EXPECT_NE(other % 3, id % 3);
                row.insert(other);
            }
            EXPECT_EQ(row.size(), 4U);
            all.insert(row.begin(), row.end());
        }
    }
    EXPECT_EQ(all, (std::set<std::int64_t>{0, 2, 3, 4, 5, 7, 8, 10}));
}

TEST(Crd, TakesAllOthersWhereTheDataHaveFewerThanAskedFor) {
    const auto made = twelve();
    const auto negatives = Negatives::make(made.context, 16384).value();
    EXPECT_EQ(negatives.count(), 8);
    EXPECT_TRUE(std::isfinite(checks::make("crd", {}, made.context)->value(made.in).item<double>()));
}

TEST(Crd, RefusesDataWithoutLabelsOrWithOneClassAndSeveralTaps) {
    auto made = twelve();
    made.context.labels.zero_();
    EXPECT_TRUE(contains(refusal("crd", {}, made.context), "all 12 samples"))
        << refusal("crd", {}, made.context);
    made.context.labels = {};
    EXPECT_TRUE(contains(refusal("crd", {}, made.context), "needs the labels of all samples"));
    const auto two = checks::features({{3, 4}, {3, 4}}, {{3, 4}, {3, 4}});
    EXPECT_TRUE(contains(refusal("crd", {}, two.context), "one feature of each side"));
}

TEST(Crd, IsComputedFromAFileWhoseRowsAreTheWholeDataSet) {
    const auto made = checks::features({{6, 5}}, {{6, 4}});
    TensorMap file;
    file.tensors["student_feature.0"] = to_data(made.in.student_features[0]).value();
    file.tensors["teacher_feature.0"] = to_data(made.in.teacher_features[0]).value();
    const auto nothing = run_objective("crd", file, {});
    ASSERT_FALSE(nothing);
    EXPECT_TRUE(contains(nothing.error().message, "needs \"labels\"")) << nothing.error().message;
    file.tensors["labels"] = to_data(made.in.labels).value();
    const auto found = run_objective("crd", file, {{"embedding", "8"}, {"tau", "0.5"}});
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_TRUE(std::isfinite(golden::tensor(*found, "value").item<double>()));
    EXPECT_TRUE(found->tensors.contains("grad.param.embed_teacher.weight"));
    EXPECT_GT(golden::tensor(*found, "grad.student_feature.0").abs().max().item<double>(), 0);
}

} // namespace
} // namespace limbeck
