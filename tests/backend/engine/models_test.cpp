// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "backend/engine/models/cost.h"
#include "backend/engine/models/forward.h"
#include "backend/engine/models/network.h"
#include "backend/engine/models/weights.h"
#include "backend/types/catalogue.h"
#include "tests/backend/engine/golden.h"

namespace limbeck {
namespace {

using ::testing::TestWithParam;
using ::testing::Values;

std::shared_ptr<Network> network(const std::string& spec, std::vector<std::int64_t> shape,
                                 std::int64_t classes) {
    return build_network(parse_network_spec(spec).value(), InputSpec{std::move(shape)}, classes).value();
}

std::string refusal(const NetworkSpec& spec, std::vector<std::int64_t> shape, std::int64_t classes) {
    const auto result = build_network(spec, InputSpec{std::move(shape)}, classes);
    return result ? "was built" : result.error().message;
}

torch::Tensor batch(std::int64_t size, std::vector<std::int64_t> shape, std::uint64_t seed = 1) {
    shape.insert(shape.begin(), size);
    return torch::empty(shape).normal_(0, 1, at::make_generator<at::CPUGeneratorImpl>(seed));
}

std::int64_t parameters(const Network& network) {
    std::int64_t count = 0;
    for (const auto& parameter : network.parameters())
        count += parameter.numel();
    return count;
}

TEST(ModelNames, AreThoseOfTheCatalogueInItsOrder) {
    std::vector<std::string> catalogue;
    for (const ModelEntry& entry : model_catalogue())
        catalogue.emplace_back(entry.name);
    EXPECT_EQ(model_names(), catalogue);
}

struct Count {
    const char* model;
    std::int64_t parameters;
};

class PublishedCount : public TestWithParam<Count> {};

TEST_P(PublishedCount, OfParametersAtAHundredClassesIsMet) {
    EXPECT_EQ(parameters(*network(GetParam().model, {3, 32, 32}, 100)), GetParam().parameters);
}

INSTANTIATE_TEST_SUITE_P(RepDistiller, PublishedCount,
                         Values(Count{"resnet8", 83892}, Count{"resnet14", 181108}, Count{"resnet20", 278324},
                                Count{"resnet32", 472756}, Count{"resnet44", 667188},
                                Count{"resnet56", 861620}, Count{"resnet110", 1736564}));

class GoldenModel : public TestWithParam<const char*> {};

TEST_P(GoldenModel, AnswersAndTapsAreThoseOfRepDistiller) {
    LIMBECK_NEED_GOLDEN();
    const auto stem = (golden::folder() / "models" / GetParam()).string();
    const TensorMap weights = golden::read(stem + ".weights.safetensors");
    const TensorMap expected = golden::read(stem + ".io.safetensors");
    const auto found = run_forward({GetParam(), {}, {}}, weights, expected);
    ASSERT_TRUE(found) << found.error().message;
    int compared = 0;
    for (const auto& [name, data] : expected.tensors) {
        if (name == "input") continue;
        ASSERT_TRUE(found->tensors.contains(name)) << name;
        EXPECT_LT(golden::relative_error(golden::tensor(*found, name), golden::tensor(expected, name)), 1e-4)
            << name;
        ++compared;
    }
    EXPECT_EQ(compared, 6);
    EXPECT_FALSE(found->tensors.contains("feature.5"));
}

TEST_P(GoldenModel, StateDictHasThePublishedNamesAndComesBackUnchanged) {
    LIMBECK_NEED_GOLDEN();
    const TensorMap weights =
        golden::read(golden::folder() / "models" / (GetParam() + std::string(".weights.safetensors")));
    const auto net = network(GetParam(), {3, 32, 32}, 100);
    const auto loaded = load_state_dict(*net, weights);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(state_dict(*net).value().tensors, weights.tensors);
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenModel, Values("resnet8", "resnet20"));

struct Fit {
    const char* model;
    std::vector<std::int64_t> input;
    std::int64_t classes;
    std::size_t features, preactivations;
};

class AnyInput : public TestWithParam<Fit> {};

TEST_P(AnyInput, GivesAnswersTapsAndGradients) {
    const Fit& fit = GetParam();
    const auto net = network(fit.model, fit.input, fit.classes);
    initialise(*net, 3);
    const torch::Tensor x = batch(4, fit.input);
    const Answers answers = net->forward_taps(x);
    EXPECT_EQ(answers.logits.sizes(), (std::vector<std::int64_t>{4, fit.classes}));
    ASSERT_EQ(answers.features.size(), fit.features);
    ASSERT_EQ(answers.preactivations.size(), fit.preactivations);
    EXPECT_EQ(answers.features.back().dim(), 2) << "the last tap is a vector a sample";
    for (std::size_t i = 0; i < fit.preactivations; ++i)
        EXPECT_TRUE(torch::equal(answers.preactivations[i].relu(), answers.features[i])) << "tap " << i;
    answers.logits.sum().backward();
    for (const auto& item : net->named_parameters())
        EXPECT_TRUE(item.value().grad().defined()) << item.key();
}

TEST_P(AnyInput, AnswersAreTheSameToTheBitWithAndWithoutTaps) {
    const auto net = network(GetParam().model, GetParam().input, GetParam().classes);
    initialise(*net, 3);
    net->eval();
    const torch::NoGradGuard no_grad;
    const torch::Tensor x = batch(3, GetParam().input), before = x.clone();
    EXPECT_TRUE(torch::equal(net->forward(x), net->forward_taps(x).logits));
    EXPECT_TRUE(torch::equal(x, before)) << "the input was written to";
}

TEST_P(AnyInput, GradientsAreTheSameWithAndWithoutTaps) {
    const auto gradients = [&](bool taps) {
        const auto net = network(GetParam().model, GetParam().input, GetParam().classes);
        initialise(*net, 3);
        const torch::Tensor x = batch(4, GetParam().input);
        (taps ? net->forward_taps(x).logits : net->forward(x)).square().sum().backward();
        std::vector<torch::Tensor> all;
        for (const auto& parameter : net->parameters())
            all.push_back(parameter.grad());
        return all;
    };
    const auto with = gradients(true), without = gradients(false);
    for (std::size_t i = 0; i < with.size(); ++i)
        EXPECT_TRUE(torch::equal(with[i], without[i])) << i;
}

INSTANTIATE_TEST_SUITE_P(Table, AnyInput,
                         Values(Fit{"mlp", {2}, 2, 2, 2}, Fit{"mlp:hidden=32", {1, 28, 28}, 10, 1, 1},
                                Fit{"mlp:hidden=7x5x3", {3, 4, 9}, 4, 3, 3},
                                Fit{"lenet", {1, 28, 28}, 10, 3, 3}, Fit{"lenet", {3, 32, 21}, 7, 3, 3},
                                Fit{"lenet", {2, 12, 13}, 2, 3, 3}, Fit{"resnet8", {1, 28, 28}, 10, 5, 4},
                                Fit{"resnet14", {3, 8, 8}, 2, 5, 4}, Fit{"resnet20", {5, 9, 17}, 3, 5, 4}));

TEST(ResNetTaps, HalveTheSidesAndDoubleTheChannels) {
    const auto net = network("resnet8", {3, 32, 32}, 10);
    net->eval();
    const auto taps = net->forward_taps(batch(2, {3, 32, 32})).features;
    const std::vector<std::vector<std::int64_t>> shapes{
        {2, 16, 32, 32}, {2, 16, 32, 32}, {2, 32, 16, 16}, {2, 64, 8, 8}, {2, 64}};
    ASSERT_EQ(taps.size(), shapes.size());
    for (std::size_t i = 0; i < shapes.size(); ++i)
        EXPECT_EQ(taps[i].sizes(), shapes[i]) << i;
}

TEST(Refusal, SaysWhatTheNetworkNeedsAndWhatTheDataAre) {
    EXPECT_EQ(refusal({"resnet20", {}, {}}, {2}, 2),
              "resnet20 needs pictures [C, H, W] of at least 8x8; the data are [2].");
    EXPECT_EQ(refusal({"resnet20", {}, {}}, {3, 32, 7}, 2),
              "resnet20 needs pictures [C, H, W] of at least 8x8; the data are [3, 32, 7].");
    EXPECT_EQ(refusal({"lenet", {{"hidden", "3"}}, {}}, {1, 28, 28}, 2),
              "lenet has no option \"hidden\"; it takes none.");
    EXPECT_EQ(refusal({"mlp", {{"hiden", "3"}}, {}}, {2}, 2),
              "mlp has no option \"hiden\"; it takes hidden.");
    EXPECT_NE(refusal({"mlp", {}, {}}, {2}, 1).find("at least 2 classes"), std::string::npos);
    EXPECT_NE(refusal({"mlp", {}, {}}, {}, 2).find("no values"), std::string::npos);
    EXPECT_NE(refusal({"mlp", {}, {}}, {3, 0, 5}, 2).find("no values"), std::string::npos);
    EXPECT_NE(refusal({"resnet21", {}, {}}, {3, 32, 32}, 2).find("no network \"resnet21\""),
              std::string::npos);
}

TEST(Refusal, OfHiddenWidthsThatAreNoWidths) {
    for (const char* widths :
         {"", "0", "-3", "x", "64x", "x64", "64,64", "6 4", "65537", "99999999999999999999"})
        EXPECT_NE(refusal({"mlp", {{"hidden", widths}}, {}}, {2}, 2).find("hidden widths"), std::string::npos)
            << widths;
}

TEST(Refusal, OfANetworkTooLargeToBeMeantComesBeforeItsMemoryIsTaken) {
    EXPECT_NE(refusal({"mlp", {{"hidden", "65536x65536x65536"}}, {}}, {784}, 10).find("parameters"),
              std::string::npos);
}

TEST(Initialise, IsTheSameForASeedAndAnotherForAnother) {
    for (const char* model : {"mlp", "lenet", "resnet8"}) {
        const auto a = network(model, {1, 28, 28}, 10), b = network(model, {1, 28, 28}, 10);
        initialise(*a, 7);
        initialise(*b, 7);
        EXPECT_EQ(state_dict(*a).value(), state_dict(*b).value()) << model;
        initialise(*b, 8);
        EXPECT_NE(state_dict(*a).value(), state_dict(*b).value()) << model;
    }
}

TEST(Initialise, StartsANetworkThatHasLivedAnew) {
    const auto fresh = network("resnet8", {1, 12, 12}, 3), used = network("resnet8", {1, 12, 12}, 3);
    used->forward(batch(4, {1, 12, 12}));
    initialise(*fresh, 7);
    initialise(*used, 7);
    EXPECT_EQ(state_dict(*fresh).value(), state_dict(*used).value());
}

TEST(Initialise, NeitherReadsNorMovesTheGlobalGenerator) {
    torch::manual_seed(5);
    const auto a = network("resnet8", {3, 8, 8}, 4);
    initialise(*a, 1);
    const auto after = torch::rand({8});
    torch::manual_seed(5);
    EXPECT_TRUE(torch::equal(torch::rand({8}), after)) << "building or initialising moved it";
    const auto b = network("resnet8", {3, 8, 8}, 4);
    initialise(*b, 1);
    EXPECT_EQ(state_dict(*a).value(), state_dict(*b).value()) << "its state showed in the weights";
}

TEST(Initialise, HasTheSpreadOfThePublishedCode) {
    const auto net = network("resnet20", {3, 32, 32}, 100);
    initialise(*net, 1);
    const auto all = net->named_parameters();
    const auto deviation = [&](const char* name) { return all[name].std().item<double>(); };
    EXPECT_NEAR(deviation("layer3.1.conv1.weight"), std::sqrt(2.0 / (64 * 9)), 0.001);
    EXPECT_NEAR(deviation("layer1.0.conv2.weight"), std::sqrt(2.0 / (16 * 9)), 0.006);
    EXPECT_NEAR(all["fc.weight"].abs().max().item<double>(), 1 / std::sqrt(64.0), 1e-3);
    EXPECT_TRUE(torch::equal(all["bn1.weight"], torch::ones(16)));
    const auto lenet = network("lenet", {1, 28, 28}, 10);
    initialise(*lenet, 1);
    EXPECT_NEAR(lenet->named_parameters()["conv2.weight"].abs().max().item<double>(),
                1 / std::sqrt(16 * 25.0), 1e-4);
}

TEST(StateDict, GoesRoundThroughAnotherNetwork) {
    for (const char* model : {"mlp:hidden=5x4", "lenet", "resnet14"}) {
        const auto a = network(model, {1, 16, 16}, 3), b = network(model, {1, 16, 16}, 3);
        initialise(*a, 1);
        a->forward(batch(8, {1, 16, 16})); // moves batch norm's statistics
        ASSERT_TRUE(load_state_dict(*b, state_dict(*a).value())) << model;
        a->eval();
        b->eval();
        const auto x = batch(2, {1, 16, 16}, 9);
        EXPECT_TRUE(torch::equal(a->forward(x), b->forward(x))) << model;
    }
}

TEST(StateDict, HoldsRunningStatisticsAndTheirCounterAsBuffers) {
    const auto net = network("resnet8", {1, 8, 8}, 2);
    initialise(*net, 0);
    net->forward(batch(8, {1, 8, 8}));
    const TensorMap map = state_dict(*net).value();
    EXPECT_EQ(golden::tensor(map, "bn1.num_batches_tracked").item<std::int64_t>(), 1);
    EXPECT_FALSE(torch::equal(golden::tensor(map, "bn1.running_mean"), torch::zeros(16)));
}

TEST(LoadStateDict, NamesWhatIsMissingUnknownOrOfAnotherShapeAndChangesNothing) {
    const auto net = network("mlp:hidden=5", {2}, 3);
    const TensorMap before = state_dict(*net).value();
    TensorMap weights = before;
    weights.tensors.erase("fc.bias");
    weights.tensors["extra"] = to_data(torch::zeros({1})).value();
    weights.tensors["fc.weight"] = to_data(torch::zeros({4, 5})).value();
    weights.tensors["hidden.0.weight"] = to_data(torch::ones({5, 2})).value();
    const auto result = load_state_dict(*net, weights);
    ASSERT_FALSE(result);
    const std::string& message = result.error().message;
    for (const char* part :
         {"fc.bias is missing", "extra is unknown", "fc.weight is [4, 5] where the network has [3, 5]"})
        EXPECT_NE(message.find(part), std::string::npos) << message;
    EXPECT_EQ(state_dict(*net).value(), before);
}

TEST(LoadStateDict, TakesOtherFloatsAndOldFilesWithoutCounters) {
    const auto net = network("resnet8", {1, 8, 8}, 2);
    TensorMap weights = state_dict(*net).value();
    weights.tensors.erase("bn1.num_batches_tracked");
    weights.tensors["fc.bias"] = to_data(torch::tensor({0.5, -2.0}, torch::kFloat16)).value();
    const auto result = load_state_dict(*net, weights);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_TRUE(torch::equal(net->named_parameters()["fc.bias"], torch::tensor({0.5F, -2.0F})));
    weights.tensors["fc.bias"] = to_data(torch::tensor({1, 2})).value();
    EXPECT_FALSE(load_state_dict(*net, weights)) << "integers are no weights";
}

TEST(Cost, IsWhatOneCountsByHand) {
    const auto mlp = network_cost({"mlp", {{"hidden", "32"}}, {}}, {{1, 28, 28}}, 10, false).value();
    EXPECT_EQ(mlp.parameters, 784 * 32 + 32 + 32 * 10 + 10);
    EXPECT_EQ(mlp.bytes, mlp.parameters * 4);
    EXPECT_EQ(mlp.flops, 2 * (784 * 32 + 32 * 10));
    EXPECT_EQ(mlp.latency_ms, 0);

    const auto lenet = network_cost({"lenet", {}, {}}, {{1, 28, 28}}, 10, false).value();
    EXPECT_EQ(lenet.flops, 2 * (28 * 28 * 16 * 25 + 14 * 14 * 32 * 16 * 25 + 32 * 7 * 7 * 128 + 128 * 10));

    const std::int64_t stage1 = 32 * 32 * 9 * (3 * 16 + 2 * 16 * 16);
    const std::int64_t stage2 = 16 * 16 * (9 * (16 * 32 + 32 * 32) + 16 * 32);
    const std::int64_t stage3 = 8 * 8 * (9 * (32 * 64 + 64 * 64) + 32 * 64);
    const auto resnet = network_cost({"resnet8", {}, {}}, {{3, 32, 32}}, 100, true).value();
    EXPECT_EQ(resnet.parameters, 83892);
    EXPECT_EQ(resnet.flops, 2 * (stage1 + stage2 + stage3 + 64 * 100));
    EXPECT_EQ(resnet.bytes, 4 * 83892 + 2 * 4 * (16 * 3 + 32 * 3 + 64 * 3) + 8 * 9)
        << "with batch norm's buffers";
    EXPECT_GT(resnet.latency_ms, 0);
}

TEST(Cost, RefusesWhatCannotBeBuilt) {
    EXPECT_FALSE(network_cost({"lenet", {}, {}}, {{2}}, 2, false));
}

TEST(Forward, SaysWhatItNeeds) {
    const auto net = network("mlp:hidden=4", {3}, 2);
    const TensorMap weights = state_dict(*net).value();
    const NetworkSpec spec = parse_network_spec("mlp:hidden=4").value();
    const auto message = [&](const TensorMap& w, const TensorMap& in) {
        const auto result = run_forward(spec, w, in);
        return result ? std::string("went well") : result.error().message;
    };
    const auto input = [](const torch::Tensor& x) { return TensorMap{{{"input", to_data(x).value()}}, {}}; };
    EXPECT_EQ(message(weights, input(torch::zeros({5, 3}))), "went well");
    EXPECT_NE(message(weights, {}).find("\"input\""), std::string::npos);
    EXPECT_NE(message(weights, input(torch::zeros({3}))).find("it is [3]"), std::string::npos);
    EXPECT_NE(message(weights, input(torch::zeros({5, 4}))).find("hidden.0.weight is [4, 3]"),
              std::string::npos);
    EXPECT_NE(message({}, input(torch::zeros({5, 3}))).find("fc.bias"), std::string::npos);
}

TEST(Forward, ComputesInThePrecisionOfItsInput) {
    const auto net = network("mlp:hidden=4", {3}, 2);
    initialise(*net, 1);
    const TensorMap weights = state_dict(*net).value();
    const TensorMap input{{{"input", to_data(batch(5, {3}).to(torch::kFloat64)).value()}}, {}};
    const auto out = run_forward(parse_network_spec("mlp:hidden=4").value(), weights, input).value();
    EXPECT_EQ(out.tensors.at("logits").dtype, DType::f64);
    net->to(torch::kFloat64);
    EXPECT_LT(
        golden::relative_error(golden::tensor(out, "logits"), net->forward(golden::tensor(input, "input"))),
        1e-14);
}

} // namespace
} // namespace limbeck
