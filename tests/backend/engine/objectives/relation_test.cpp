// SPDX-License-Identifier: GPL-3.0-or-later
// The objectives of features: those without golden files against second versions in plain loops, and all of
// them against what is known of them.
#include <cmath>

#include "tests/backend/engine/objectives/support.h"

namespace limbeck {
namespace {

using namespace objectives;

/// What a stage gives on after a ReLU, [B, C, H, W].
torch::Tensor maps(std::int64_t channels, std::int64_t side, std::uint64_t seed, std::int64_t batch = 4) {
    return random({batch, channels, side, side}, seed).abs() + 0.05;
}

TensorMap levels(const std::vector<torch::Tensor>& student, const std::vector<torch::Tensor>& teacher) {
    TensorMap map;
    for (std::size_t i = 0; i < student.size(); ++i) {
        map.tensors["student_feature." + std::to_string(i)] = to_data(student[i]).value();
        map.tensors["teacher_feature." + std::to_string(i)] = to_data(teacher[i]).value();
    }
    return map;
}

/// The unit vector over the positions along which the maps are strongest, by a full decomposition.
std::vector<double> strongest(const torch::Tensor& sample) {
    const auto v = std::get<2>(torch::linalg_svd(sample.flatten(1), false))[0];
    const auto sign = v[v.abs().argmax()].sign();
    std::vector<double> values;
    for (std::int64_t i = 0; i < v.numel(); ++i)
        values.push_back((v[i] * sign).item<double>());
    return values;
}

TEST(Kdsvd, ComparesRadialBasesOfFirstSingularVectors) {
    const std::vector<torch::Tensor> student{maps(3, 4, 1), maps(5, 2, 2)},
        teacher{maps(6, 4, 3), maps(4, 2, 4)};
    double sum = 0;
    for (std::int64_t b = 0; b < 4; ++b) {
        const auto s0 = strongest(student[0][b]), s1 = strongest(student[1][b]);
        const auto t0 = strongest(teacher[0][b]), t1 = strongest(teacher[1][b]);
        for (std::size_t j = 0; j < s1.size(); ++j)
            for (std::size_t l = 0; l < s0.size(); ++l)
                sum += std::pow(
                    std::exp(-std::pow(s1[j] - s0[l], 2) / 8) - std::exp(-std::pow(t1[j] - t0[l], 2) / 8), 2);
    }
    EXPECT_NEAR(run("kdsvd", levels(student, teacher)).value, sum / 4, 1e-9);
}

TEST(Hint, GoesThroughItsRegressor) {
    const auto s = random({6, 3}, 1), t = random({6, 4}, 2);
    const auto weight = random({4, 3}, 3), bias = random({4}, 4);
    auto in = levels({s}, {t});
    in.tensors["param.regressor0.0.weight"] = to_data(weight).value();
    in.tensors["param.regressor0.0.bias"] = to_data(bias).value();
    const Table x = table(s), wanted = table(t), w = table(weight);
    double sum = 0;
    for (std::size_t c = 0; c < 4; ++c) {
        std::vector<double> out(6);
        double mean = 0, variance = 0;
        for (std::size_t b = 0; b < 6; ++b) {
            out[b] = bias[static_cast<std::int64_t>(c)].item<double>();
            for (std::size_t d = 0; d < 3; ++d)
                out[b] += w[c][d] * x[b][d];
            mean += out[b] / 6;
        }
        for (const double value : out)
            variance += std::pow(value - mean, 2) / 6;
        for (std::size_t b = 0; b < 6; ++b)
            sum += std::pow(std::max(0.0, (out[b] - mean) / std::sqrt(variance + 1e-5)) - wanted[b][c], 2);
    }
    EXPECT_NEAR(run("hint", in).value, sum / 24, 1e-9);
    expect_gradients("hint", in, {}, 1e-6, 1e-5);
}

TEST(Cc, CorrelatesDifferencesOfEmbeddingsOfNeighbours) {
    const auto s = random({5, 3}, 1), t = random({5, 4}, 2);
    const auto ws = random({2, 3}, 3), wt = random({2, 4}, 4);
    auto in = levels({s}, {t});
    in.tensors["param.student0.weight"] = to_data(ws).value();
    in.tensors["param.teacher0.weight"] = to_data(wt).value();
    for (const char* name : {"param.student0.bias", "param.teacher0.bias"})
        in.tensors[name] = to_data(torch::zeros({2}, torch::kFloat64)).value();
    const Table difference = table(s.mm(ws.t()) - t.mm(wt.t()));
    double sum = 0;
    for (std::size_t b = 0; b + 1 < 5; ++b)
        for (std::size_t d = 0; d < 2; ++d)
            sum += std::abs(difference[b][d]) * std::abs(difference[b + 1][d]);
    EXPECT_NEAR(run("cc", in, {{"embedding", "2"}}).value, sum / 4, 1e-10);
}

TEST(Vid, StartsWithTheVarianceThatIsAskedFor) {
    const auto in = levels({maps(3, 4, 1)}, {maps(3, 4, 2)});
    TermContext context;
    context.student_shapes = context.teacher_shapes = {{3, 4, 4}};
    const auto objective = make_objective("vid", {{"init_variance", 5}}, context).value();
    const auto theta = objective->named_parameters()["log_scale"];
    EXPECT_TRUE(torch::allclose(torch::softplus(theta) + 1e-5, torch::full_like(theta, 5), 1e-5));
}

struct FeatureCase {
    const char* id;
    bool vectors;  ///< takes [B, D]
    bool vanishes; ///< 0 where student and teacher are the same
    bool ordered;  ///< depends on the order of the samples
};

class Feature : public testing::TestWithParam<FeatureCase> {
  protected:
    Options plain() const {
        const ObjectiveEntry& entry = *find_objective(GetParam().id);
        return entry.adapter == AdapterNeed::optional ? Options{{"adapter", "false"}} : Options{};
    }
};

TEST_P(Feature, HasTheGradientOfItsValue) {
    const auto in = levels({maps(3, 4, 1), maps(4, 2, 2)}, {maps(3, 4, 3), maps(4, 2, 4)});
    expect_gradients(GetParam().id, in, plain(), 1e-6, 2e-5);
}

TEST_P(Feature, VanishesForEqualFeaturesIfItMeasuresADistance) {
    const std::vector<torch::Tensor> same{maps(3, 4, 1), maps(4, 2, 2)};
    const Outcome found = run(GetParam().id, levels(same, same), plain());
    EXPECT_EQ(std::abs(found.value) < 1e-9, GetParam().vanishes) << found.value;
    for (const auto& [name, gradient] : found.gradients)
        EXPECT_TRUE(gradient.isfinite().all().item<bool>()) << name;
}

TEST_P(Feature, StaysFiniteForMapsOfZeros) {
    const auto zero = torch::zeros({4, 3, 4, 4}, torch::kFloat64);
    const Outcome found = run(GetParam().id, levels({zero}, {maps(3, 4, 1)}), plain());
    EXPECT_TRUE(std::isfinite(found.value));
    for (const auto& [name, gradient] : found.gradients)
        EXPECT_TRUE(gradient.isfinite().all().item<bool>()) << name;
}

TEST_P(Feature, CaresForTheOrderOfTheSamplesOnlyIfItSaysSo) {
    const auto s = maps(3, 4, 1), t = maps(3, 4, 2);
    const auto order = torch::tensor({2, 0, 3, 1});
    const double before = run(GetParam().id, levels({s}, {t}), plain()).value;
    const double after =
        run(GetParam().id, levels({s.index_select(0, order)}, {t.index_select(0, order)}), plain()).value;
    EXPECT_EQ(std::abs(after - before) > 1e-9 * std::abs(before), GetParam().ordered);
}

TEST_P(Feature, TakesVectorsOrSaysWhatItNeeds) {
    const auto in = levels({random({4, 6}, 1)}, {random({4, 6}, 2)});
    if (GetParam().vectors) {
        EXPECT_TRUE(std::isfinite(run(GetParam().id, in, plain()).value));
    } else {
        EXPECT_NE(refusal(GetParam().id, in, plain()).find("compares pictures [C, H, W]"), std::string::npos);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Catalogue, Feature,
    testing::Values(FeatureCase{"at", false, true, false}, FeatureCase{"sp", true, true, false},
                    FeatureCase{"rkd", true, true, false}, FeatureCase{"pkt", true, true, false},
                    FeatureCase{"nst", false, true, false}, FeatureCase{"kdsvd", false, true, false},
                    FeatureCase{"hint", true, true, false}, FeatureCase{"cc", true, true, true},
                    FeatureCase{"vid", true, false, false}),
    [](const auto& info) { return std::string(info.param.id); });

TEST(Adapters, AreAskedForWhereWidthsDiffer) {
    for (const char* id : {"hint", "cc"}) {
        const auto in = levels({random({4, 6}, 1)}, {random({4, 5}, 2)});
        EXPECT_NE(refusal(id, in, {{"adapter", "false"}}).find("the student's tap is [6], the teacher's [5]"),
                  std::string::npos)
            << id;
        EXPECT_TRUE(std::isfinite(run(id, in).value)) << id;
    }
    EXPECT_NE(refusal("hint", levels({random({4, 6}, 1)}, {maps(6, 2, 1)})).find("of one kind"),
              std::string::npos);
}

TEST(Hint, GrowsToALargerTeacherByDeconvolution) {
    for (const auto& [from, to] : {std::pair{4, 8}, {4, 12}, {3, 7}, {1, 5}}) {
        TermContext context;
        context.student_shapes = {{3, from, from}};
        context.teacher_shapes = {{5, to, to}};
        const auto hint = make_objective("hint", {}, context).value();
        TermInputs in;
        in.student_features = {maps(3, from, 1).to(torch::kFloat32)};
        in.teacher_features = {maps(5, to, 2).to(torch::kFloat32)};
        const auto regressor =
            std::dynamic_pointer_cast<torch::nn::SequentialImpl>(hint->named_children()["regressor0"]);
        ASSERT_TRUE(regressor);
        EXPECT_EQ(regressor->forward(in.student_features[0]).sizes(), in.teacher_features[0].sizes()) << from;
        EXPECT_TRUE(std::isfinite(hint->value(in).item<double>())) << from;
    }
}

TEST(Sizes, MeetAtTheSmallerPicture) {
    const auto s = maps(3, 8, 1), t = maps(5, 4, 2);
    const auto pooled = torch::adaptive_avg_pool2d(s, {4, 4});
    for (const char* id : {"at", "nst", "kdsvd"})
        EXPECT_NEAR(run(id, levels({s}, {t})).value, run(id, levels({pooled}, {t})).value, 1e-12) << id;
}

} // namespace
} // namespace limbeck
