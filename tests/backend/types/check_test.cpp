// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <limits>

#include "backend/types/catalogue.h"
#include "backend/types/fields.h"

namespace limbeck {
namespace {

std::vector<std::string> keys_of(const ExperimentConfig& config) {
    std::vector<std::string> keys;
    for (const Problem& problem : check(config))
        keys.push_back(problem.key);
    return keys;
}

using Keys = std::vector<std::string>;

TEST(Check, FindsNothingWrongWithTheDefaults) {
    EXPECT_EQ(keys_of(ExperimentConfig{}), Keys{});
}

TEST(Check, FindsOnlyTheMissingFolderInTheSamples) {
    for (const SampleExperiment& sample : sample_experiments()) {
        const bool folder = find_dataset(sample.config.data.dataset.kind)->needs_folder;
        EXPECT_EQ(keys_of(sample.config), folder ? Keys{"data.dataset"} : Keys{}) << sample.id;
    }
}

TEST(Check, FindsNumbersThatAreOutOfRangeOrNotFinite) {
    ExperimentConfig config;
    config.training.learning_rate = std::numeric_limits<double>::quiet_NaN();
    config.teacher.training.momentum = 1.5;
    config.distillation.temperature = std::numeric_limits<double>::infinity();
    EXPECT_EQ(keys_of(config),
              (Keys{"teacher.training.momentum", "distillation.temperature", "training.learning_rate"}));
}

TEST(Check, FindsABatchLargerThanTheTrainingPart) {
    ExperimentConfig config;
    config.data.samples = 100; // 72 of them are left to train
    config.training.batch_size = 73;
    config.teacher.training.batch_size = 72;
    EXPECT_EQ(keys_of(config), Keys{"training.batch_size"});
}

TEST(Check, FindsThatBothWeightsAreZero) {
    ExperimentConfig config;
    config.distillation.hard_weight = config.distillation.soft_weight = 0;
    EXPECT_EQ(keys_of(config), Keys{"distillation.hard_weight"});
}

TEST(Check, FindsAWarmUpLongerThanTheTraining) {
    ExperimentConfig config;
    config.training.warmup_epochs = 10.5;
    EXPECT_EQ(keys_of(config), Keys{"training.warmup_epochs"});
}

TEST(Check, FindsNesterovWithoutMomentum) {
    ExperimentConfig config;
    config.training.momentum = 0;
    EXPECT_EQ(keys_of(config), Keys{"training.nesterov"});
    config.training.optimizer = "adamw";
    EXPECT_EQ(keys_of(config), Keys{});
}

TEST(Check, FindsPictureNetworksAndAugmentationOnPoints) {
    ExperimentConfig config;
    config.data.dataset = {"moons", ""};
    config.data.flip = true;
    EXPECT_EQ(keys_of(config), (Keys{"data.flip", "teacher.model"}));
}

TEST(Check, TakesBfloat16AndNoticesAnUnknownPrecision) {
    ExperimentConfig config;
    config.training.precision = "bfloat16";
    EXPECT_EQ(keys_of(config), Keys{});
    config.training.precision = "float8";
    EXPECT_EQ(keys_of(config), Keys{"training.precision"});
}

TEST(Check, DoesNotMindTheTrainingOfATeacherThatComesWithWeights) {
    ExperimentConfig config;
    config.teacher.training.warmup_epochs = 99;
    EXPECT_EQ(keys_of(config), Keys{"teacher.training.warmup_epochs"});
    config.teacher.network.weights = "teacher.safetensors";
    EXPECT_EQ(keys_of(config), Keys{});
}

TEST(Check, FindsOptionsOfNetworksThatAreNone) {
    const auto problems = [](const char* spec) {
        ExperimentConfig config;
        config.student.network = parse_network_spec(spec).value();
        return keys_of(config);
    };
    for (const char* right :
         {"vit_tiny:depth=4,pool=mean", "resnet8x4:partial=1", "stack:conv3-8,bn,relu,gap,fc"})
        EXPECT_EQ(problems(right), Keys{}) << right;
    for (const char* wrong : {"vit_tiny:depth=13", "vit_tiny:depth=x", "vit_tiny:pool=max",
                              "resnet8:partial=2", "resnet8:pool=cls", "stack", "stack:conv3-8,fish,fc"})
        EXPECT_EQ(problems(wrong), Keys{"student.model"}) << wrong;
}

TEST(RequireValid, NamesTheFirstProblemAndCountsTheOthers) {
    ExperimentConfig config;
    EXPECT_TRUE(require_valid(config));
    config.training.epochs = 0;
    config.training.batch_size = 0;
    config.data.samples = -1;
    const auto valid = require_valid(config);
    ASSERT_FALSE(valid);
    EXPECT_EQ(valid.error().kind, ErrorKind::configuration);
    EXPECT_EQ(valid.error().field, "data.samples");
    EXPECT_NE(valid.error().message.find("2 more settings"), std::string::npos) << valid.error().message;
}

TEST(Check, FindsAnswersThatMustBeKeptAndCannotBe) {
    ExperimentConfig config;
    for (const char* how : {"auto", "float32", "half", "off"}) {
        config.teacher.cache = how;
        EXPECT_EQ(keys_of(config), Keys{}) << how;
    }
    for (const char* scheme : {"alone", "mutual", "mixup"}) {
        ExperimentConfig other;
        other.distillation.scheme = scheme;
        other.distillation.hard_weight = std::string(scheme) == "mixup" ? 0 : 0.1;
        for (const char* how : {"auto", "off"}) {
            other.teacher.cache = how;
            EXPECT_EQ(keys_of(other), Keys{}) << scheme;
        }
        for (const char* how : {"float32", "half"}) {
            other.teacher.cache = how;
            EXPECT_EQ(keys_of(other), Keys{"teacher.cache"}) << scheme;
        }
    }
    config.teacher.cache = "half";
    config.distillation.terms = *parse_terms("dist;at");
    EXPECT_EQ(keys_of(config), Keys{"teacher.cache"});
    EXPECT_NE(check(config)[0].message.find("at compares the teacher's features"), std::string::npos);
    config.distillation.terms = *parse_terms("dist");
    EXPECT_EQ(keys_of(config), Keys{});
    config.teacher.cache = "halb";
    EXPECT_EQ(keys_of(config), Keys{"teacher.cache"});
    config.teacher.cache = "off";
    config.teacher.cache_budget = 0;
    EXPECT_EQ(keys_of(config), Keys{"teacher.cache_budget"});
}

} // namespace
} // namespace limbeck
