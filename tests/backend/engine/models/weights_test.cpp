// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "backend/engine/models/forward.h"
#include "backend/engine/models/from_weights.h"
#include "backend/engine/models/weights.h"
#include "tests/backend/engine/golden.h"
#include "tests/backend/engine/models/zoo.h"

namespace limbeck {
namespace {

using zoo::batch;
using zoo::network;

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

/// An mlp's weights with one tensor gone, one too many and one of another shape.
TensorMap spoiled(const Network& net) {
    TensorMap weights = state_dict(net).value();
    weights.tensors.erase("fc.bias");
    weights.tensors["extra"] = to_data(torch::zeros({1})).value();
    weights.tensors["hidden.0.bias"] = to_data(torch::zeros({6})).value();
    weights.tensors["hidden.0.weight"] = to_data(torch::ones({5, 2})).value();
    return weights;
}

TEST(CompareWeights, ListsEveryTensorInOnePlace) {
    const auto report =
        compare_with(*network("mlp:hidden=5", {2}, 3), spoiled(*network("mlp:hidden=5", {2}, 3)));
    EXPECT_EQ(report.fitting, (std::vector<std::string>{"hidden.0.weight", "fc.weight"}));
    EXPECT_EQ(report.missing, (std::vector<std::string>{"fc.bias"}));
    EXPECT_EQ(report.unexpected, (std::vector<std::string>{"extra"}));
    EXPECT_EQ(report.mismatched,
              (std::vector<std::string>{"hidden.0.bias is [6] where the network has [5]"}));
}

TEST(CompareWeights, ReadsInputAndClassesFromTheFile) {
    struct Row {
        const char* spec;
        zoo::Shape input;
        std::int64_t classes;
    };

    for (const auto& [spec, input, classes] :
         {Row{"mlp:hidden=5", {13}, 3}, Row{"lenet", {1, 28, 28}, 10}, Row{"lenet", {3, 12, 40}, 2},
          Row{"resnet8", {1, 28, 28}, 7}, Row{"wrn_16_1", {4, 9, 9}, 5}, Row{"vgg8", {1, 16, 16}, 4},
          Row{"MobileNetV2", {2, 8, 8}, 3}, Row{"ShuffleV1", {1, 8, 8}, 3}, Row{"resnet18", {1, 64, 64}, 9},
          Row{"convnext_femto", {5, 32, 32}, 2}, Row{"vit_tiny:depth=4", {1, 28, 28}, 10},
          Row{"vit_tiny:depth=4", {3, 16, 48}, 6}, Row{"stack:conv3-4,relu,pool2,fc6,fc", {2, 20, 20}, 5},
          Row{"stack:fc6,relu,fc", {11}, 3}}) {
        const auto weights = state_dict(*network(spec, input, classes)).value();
        const auto report = compare_weights(parse_network_spec(spec).value(), weights, {}, 0);
        ASSERT_TRUE(report) << spec << report.error().message;
        EXPECT_TRUE(report->missing.empty() && report->unexpected.empty()) << spec;
        EXPECT_EQ(report->mismatched, std::vector<std::string>()) << spec;
        EXPECT_EQ(report->fitting.size(), weights.tensors.size()) << spec;
    }
}

TEST(CompareWeights, HoldsThemAgainstTheDataWhereTheseAreGiven) {
    const auto weights = state_dict(*network("resnet8", {3, 32, 32}, 100)).value();
    const auto report = compare_weights({"resnet8", {}, {}}, weights, {{1, 28, 28}}, 10).value();
    EXPECT_EQ(report.mismatched,
              (std::vector<std::string>{"conv1.weight is [16, 3, 3, 3] where the network has [16, 1, 3, 3]",
                                        "fc.weight is [100, 64] where the network has [10, 64]",
                                        "fc.bias is [100] where the network has [10]"}));
}

TEST(CompareWeights, TakesAFileOfAnotherNetworkForWhatItIs) {
    const auto weights = state_dict(*network("mlp", {3}, 2)).value();
    for (const std::string& model : model_names()) {
        const auto spec = model == "stack" ? parse_network_spec("stack:conv3-4,relu,gap,fc").value()
                                           : NetworkSpec{model, {}, {}};
        const auto report = compare_weights(spec, weights, {}, 0);
        ASSERT_TRUE(report) << model << report.error().message;
        EXPECT_EQ(report->missing.empty(), model == "mlp") << model;
    }
}

TEST(InputFrom, IsWhatExportWroteWhereItDid) {
    TensorMap weights = state_dict(*network("resnet8", {1, 28, 20}, 3)).value();
    EXPECT_EQ(input_from({"resnet8", {}, {}}, weights).shape, (zoo::Shape{1, 32, 32}));
    weights.metadata["limbeck.input"] = "[1,28,20]";
    EXPECT_EQ(input_from({"resnet8", {}, {}}, weights).shape, (zoo::Shape{1, 28, 20}));
    for (const char* rubbish : {"", "[]", "[1,", "[0,2,2]", "[a]", "1,2"}) {
        weights.metadata["limbeck.input"] = rubbish;
        EXPECT_EQ(input_from({"resnet8", {}, {}}, weights).shape, (zoo::Shape{1, 32, 32})) << rubbish;
    }
}

TEST(PartialWeights, SetWhatFitsAndLeaveTheRestAsDrawn) {
    const NetworkSpec spec = parse_network_spec("mlp:hidden=5,partial=1").value();
    const auto net = network("mlp:hidden=5,partial=1", {2}, 3), drawn = network("mlp:hidden=5", {2}, 3);
    initialise(*drawn, 4);
    const TensorMap weights = spoiled(*network("mlp:hidden=5", {2}, 3));
    const auto report = load_weights(*net, spec, weights, 4);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->missing, (std::vector<std::string>{"fc.bias"}));
    const auto own = net->named_parameters(), as_drawn = drawn->named_parameters();
    EXPECT_TRUE(torch::equal(own["hidden.0.weight"], torch::ones({5, 2})));
    EXPECT_TRUE(torch::equal(own["fc.weight"], golden::tensor(weights, "fc.weight")));
    EXPECT_TRUE(torch::equal(own["fc.bias"], as_drawn["fc.bias"]));
    EXPECT_TRUE(torch::equal(own["hidden.0.bias"], as_drawn["hidden.0.bias"]));
}

TEST(PartialWeights, AreRefusedWhereNobodyAskedForThem) {
    const auto net = network("mlp:hidden=5", {2}, 3);
    const TensorMap before = state_dict(*net).value();
    for (const char* spec : {"mlp:hidden=5", "mlp:hidden=5,partial=0"})
        EXPECT_FALSE(load_weights(*net, parse_network_spec(spec).value(), spoiled(*net), 4)) << spec;
    EXPECT_EQ(state_dict(*net).value(), before);
}

TEST(PartialWeights, AreAnOptionOfEveryNetworkAndOfForward) {
    EXPECT_NE(zoo::refusal({"lenet", {{"partial", "2"}}, {}}, {1, 28, 28}, 2).find("0 or 1"),
              std::string::npos);
    const TensorMap input{{{"input", to_data(batch(2, {1, 12, 12})).value()}}, {}};
    TensorMap weights = state_dict(*network("lenet", {1, 12, 12}, 4)).value();
    weights.tensors.erase("conv1.bias");
    EXPECT_FALSE(run_forward({"lenet", {}, {}}, weights, input));
    EXPECT_TRUE(run_forward({"lenet", {{"partial", "1"}}, {}}, weights, input));
}

} // namespace
} // namespace limbeck
