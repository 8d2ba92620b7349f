// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "backend/engine/models/forward.h"
#include "backend/engine/models/weights.h"
#include "tests/backend/engine/golden.h"
#include "tests/backend/engine/models/zoo.h"

namespace limbeck {
namespace {

using zoo::batch;
using zoo::network;

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
