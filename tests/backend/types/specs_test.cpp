// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "backend/types/config.h"

namespace limbeck {
namespace {

TEST(DatasetSpecs, AreReadInTheirShortForm) {
    EXPECT_EQ(parse_dataset_spec("glyphs").value(), (DatasetSpec{"glyphs", ""}));
    EXPECT_EQ(parse_dataset_spec("idx:/data/fashion").value(), (DatasetSpec{"idx", "/data/fashion"}));
}

TEST(DatasetSpecs, LetAPathRunToTheEndOfTheString) {
    EXPECT_EQ(parse_dataset_spec("idx:C:/a, b: c ").value().path, "C:/a, b: c ");
}

TEST(DatasetSpecs, AreReadAsTheJsonThatShowPrints) {
    EXPECT_EQ(parse_dataset_spec(R"({"kind": "cifar10", "path": "x y"})").value(),
              (DatasetSpec{"cifar10", "x y"}));
}

TEST(DatasetSpecs, ReadBackWhatTheyPrint) {
    for (const char* text : {"glyphs", "idx:a:b", "cifar100:/x,y=z", "idx"})
        EXPECT_EQ(to_string(parse_dataset_spec(text).value()), text);
}

TEST(DatasetSpecs, RefuseRubbishInWords) {
    for (const char* text :
         {"", ":", ":/folder", "Gl yphs", "{", "{\"kind\": 3}", "{\"kid\": \"idx\"}", "[]", "\xff"}) {
        const auto spec = parse_dataset_spec(text);
        ASSERT_FALSE(spec) << text;
        EXPECT_FALSE(spec.error().message.empty());
    }
    EXPECT_FALSE(parse_dataset_spec("idx:\xff\xfe"))
        << "a path that is not UTF-8 would change when it is saved";
}

TEST(NetworkSpecs, AreReadWithOptionsAndWeights) {
    const auto spec = parse_network_spec("mlp:hidden=64x64,weights=/a,b=c.safetensors").value();
    EXPECT_EQ(spec.model, "mlp");
    EXPECT_EQ(spec.options, (std::map<std::string, std::string>{{"hidden", "64x64"}}));
    EXPECT_EQ(spec.weights, "/a,b=c.safetensors");
}

TEST(NetworkSpecs, ReadBackWhatTheyPrint) {
    for (const char* text :
         {"resnet20", "mlp:hidden=8", "resnet56:weights=a b", "mlp:a=1,hidden=8,weights=w"})
        EXPECT_EQ(to_string(parse_network_spec(text).value()), text);
}

TEST(NetworkSpecs, OfAStackHoldItsLayersWithTheirCommas) {
    const auto spec = parse_network_spec("stack:conv3-32,bn,relu,pool2,fc,partial=1,weights=a,b").value();
    EXPECT_EQ(spec.options, (std::map<std::string, std::string>{{"layers", "conv3-32,bn,relu,pool2,fc"},
                                                                {"partial", "1"}}));
    EXPECT_EQ(spec.weights, "a,b");
    for (const char* text : {"stack:fc", "stack:conv3-32,bn,relu,pool2,fc", "stack:bn,fc,weights=w",
                             "stack:bn,fc,partial=1,weights=w"})
        EXPECT_EQ(to_string(parse_network_spec(text).value()), text);
    EXPECT_EQ(parse_network_spec(R"({"model": "stack", "options": {"layers": "bn,fc"}})").value(),
              parse_network_spec("stack:bn,fc").value());
    EXPECT_EQ(parse_networks("stack:bn,fc;mlp").value().size(), 2u);
    EXPECT_FALSE(parse_network_spec("mlp:bn,fc"));
    EXPECT_FALSE(parse_network_spec("stack:" + std::string(5000, 'b')));
}

TEST(NetworkSpecs, AreReadAsTheJsonThatShowPrints) {
    const auto spec =
        parse_network_spec(R"({"model": "mlp", "options": {"hidden": 64}, "weights": "w"})").value();
    EXPECT_EQ(spec, (NetworkSpec{"mlp", {{"hidden", "64"}}, "w"}));
}

TEST(NetworkSpecs, RefuseRubbishInWords) {
    for (const char* text :
         {"", "mlp:hidden", "mlp:hidden=", "mlp:=3", "mlp:hidden=8,hidden=9", "mlp:weights=", "a b",
          R"({"model": "mlp", "options": {"hidden": [1]}})", R"({"model": "mlp", "options": 3})",
          R"({"model": "mlp", "options": {"weights": "x"}})", R"({"model": "a", "model": "b"})"}) {
        const auto spec = parse_network_spec(text);
        ASSERT_FALSE(spec) << text;
        EXPECT_FALSE(spec.error().message.empty());
    }
}

} // namespace
} // namespace limbeck
