// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "backend/types/catalogue.h"
#include "backend/types/fields.h"

namespace limbeck {
namespace {

TEST(ConfigJson, ReadsBackWhatItPrints) {
    for (const SampleExperiment& sample : sample_experiments()) {
        const auto read = config_from_json(to_json(sample.config));
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(*read, sample.config) << sample.id;
    }
    ExperimentConfig config;
    config.data.dataset = {"idx", "/a \"b\"/ü"};
    config.teacher.network = {"mlp", {{"hidden", "3x4"}}, "w.safetensors"};
    config.training.learning_rate = 0.1 + 0.2;
    config.training.weight_decay = 5e-324;
    config.training.seed = 9007199254740991u;
    EXPECT_EQ(config_from_json(to_json(config)).value(), config);
}

TEST(ConfigJson, HoldsEverySetting) {
    ExperimentConfig changed;
    for (const Field& field : fields()) {
        const std::string json = to_json(changed);
        const std::string name(field.key.substr(field.key.rfind('.') + 1));
        EXPECT_NE(json.find('"' + name + '"'), std::string::npos) << field.key;
    }
}

TEST(ConfigJson, KeepsDefaultsForMissingKeys) {
    const auto config = config_from_json(R"({"training": {"epochs": 3}})");
    ASSERT_TRUE(config);
    ExperimentConfig expected;
    expected.training.epochs = 3;
    EXPECT_EQ(*config, expected);
    EXPECT_EQ(config_from_json("{}").value(), ExperimentConfig{});
}

TEST(ConfigJson, TakesShortFormsOfSpecsAndWholeNumbersWithAPoint) {
    const auto config = config_from_json(
        R"({"data": {"dataset": "idx:/x"}, "student": {"model": "mlp:hidden=8"}, "training": {"epochs": 5.0, "momentum": 0}})");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->data.dataset.path, "/x");
    EXPECT_EQ(config->student.network.options.at("hidden"), "8");
    EXPECT_EQ(config->training.epochs, 5);
    EXPECT_EQ(config->training.momentum, 0);
}

TEST(ConfigJson, NamesAnUnknownKeyAndTheNearestKnownOne) {
    const auto config = config_from_json(R"({"training": {"epoch": 3}})");
    ASSERT_FALSE(config);
    EXPECT_NE(config.error().message.find("training.epoch"), std::string::npos);
    EXPECT_NE(config.error().message.find("nearest is training.epochs"), std::string::npos);
}

TEST(ConfigJson, NamesTheKeyOfAValueOfTheWrongType) {
    for (const char* value :
         {"\"3\"", "null", "[1]", "{}", "true", "1.5", "1e300", "18446744073709551615", "-1e30"}) {
        const auto config = config_from_json(std::string(R"({"training": {"epochs": )") + value + "}}");
        ASSERT_FALSE(config) << value;
        EXPECT_EQ(config.error().field, "training.epochs") << value;
    }
}

TEST(ConfigJson, RefusesHostileTextWithoutCrashing) {
    const std::string deep(200000, '[');
    const std::string deep_objects = [] {
        std::string text;
        for (int i = 0; i < 50000; ++i)
            text += "{\"a\":";
        return text + "1" + std::string(50000, '}');
    }();
    const std::string huge(2 << 20, ' ');
    for (const std::string& text :
         {std::string(), std::string("{"), std::string("[]"), std::string("null"), std::string("3"), deep,
          deep + std::string(200000, ']'), deep_objects, huge + "{}",
          std::string("{\"training\": {\"epochs\": 1e999}}"),
          std::string("{\"training\": {\"momentum\": NaN}}"), std::string("{\"training\": 3}"),
          std::string("{\"training\": {\"seed\": -1}}"), std::string("{\"a\0b\": 1}", 10),
          std::string("{\"\xff\": 1}"), std::string("{\"training\": {\"epochs\": 1, \"epochs\": 2}}"),
          std::string("{\"training\": {}, \"training\": {}}"),
          std::string("{\"data\": {\"dataset\": {\"kind\": \"idx\", \"path\": \"a\\u0000b\"}}}")}) {
        const auto config = config_from_json(text);
        ASSERT_FALSE(config) << text.substr(0, 60);
        EXPECT_FALSE(config.error().message.empty());
        EXPECT_LT(config.error().message.size(), 1000u);
    }
}

} // namespace
} // namespace limbeck
