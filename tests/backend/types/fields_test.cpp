// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <set>

#include "backend/types/fields.h"

namespace limbeck {
namespace {

TEST(Fields, HaveUniqueKeysLabelsTooltipsAndRanges) {
    std::set<std::string_view> keys;
    for (const Field& field : fields()) {
        EXPECT_TRUE(keys.insert(field.key).second) << field.key;
        EXPECT_FALSE(field.label.empty()) << field.key;
        EXPECT_TRUE(field.tooltip.ends_with('.')) << field.key;
        const bool numeric = field.kind == FieldKind::integer || field.kind == FieldKind::real;
        EXPECT_EQ(numeric, field.minimum < field.maximum) << field.key;
        EXPECT_EQ(field.kind == FieldKind::choice, !field.choices.empty()) << field.key;
    }
}

TEST(Fields, HoldTheKeysOfTheContract) {
    for (const char* key : {"data.dataset",
                            "data.samples",
                            "data.noise",
                            "data.validation_fraction",
                            "data.test_fraction",
                            "data.seed",
                            "data.crop_padding",
                            "data.flip",
                            "teacher.model",
                            "teacher.training.epochs",
                            "teacher.training.step_factor",
                            "student.model",
                            "student.alone",
                            "distillation.objective",
                            "distillation.temperature",
                            "distillation.hard_weight",
                            "distillation.soft_weight",
                            "distillation.t_squared",
                            "training.epochs",
                            "training.batch_size",
                            "training.optimizer",
                            "training.learning_rate",
                            "training.momentum",
                            "training.nesterov",
                            "training.weight_decay",
                            "training.schedule",
                            "training.warmup_epochs",
                            "training.step_every",
                            "training.step_factor",
                            "training.seed",
                            "training.device",
                            "training.precision",
                            "training.threads",
                            "training.checkpoint_minutes",
                            "training.keep_every",
                            "training.keep_budget"})
        EXPECT_NE(find_field(key), nullptr) << key;
}

TEST(Fields, NameFourThatMayChangeWhileARunIsOn) {
    std::set<std::string_view> live;
    for (const Field& field : fields())
        if (field.live) live.insert(field.key);
    EXPECT_EQ(live, (std::set<std::string_view>{"distillation.temperature", "distillation.hard_weight",
                                                "distillation.soft_weight", "training.learning_rate"}));
}

TEST(Fields, EachGiveBackWhatTheirTextSets) {
    for (const Field& field : fields()) {
        ExperimentConfig config;
        const std::string text = field_text(config, field.key);
        const auto set = set_field(config, field.key, text);
        EXPECT_TRUE(set) << field.key << "=" << text << ": " << (set ? "" : set.error().message);
        EXPECT_EQ(config, ExperimentConfig{}) << field.key;
    }
}

TEST(Fields, OfTeacherAndStudentTrainingAreApart) {
    ExperimentConfig config;
    ASSERT_TRUE(set_field(config, "teacher.training.epochs", "3"));
    ASSERT_TRUE(set_field(config, "training.epochs", "4"));
    EXPECT_EQ(config.teacher.training.epochs, 3);
    EXPECT_EQ(config.training.epochs, 4);
}

TEST(SetField, ReadsEveryKindOfValue) {
    ExperimentConfig config;
    ASSERT_TRUE(set_field(config, "data.dataset", "idx:/x:y"));
    ASSERT_TRUE(set_field(config, "data.flip", "yes"));
    ASSERT_TRUE(set_field(config, "training.learning_rate", "1e-3"));
    ASSERT_TRUE(set_field(config, "training.seed", "9007199254740991"));
    ASSERT_TRUE(set_field(config, "training.device", "cuda:3"));
    ASSERT_TRUE(set_field(config, "student.model", "mlp:hidden=4x4"));
    EXPECT_EQ(config.data.dataset.path, "/x:y");
    EXPECT_TRUE(config.data.flip);
    EXPECT_EQ(config.training.learning_rate, 1e-3);
    EXPECT_EQ(config.training.seed, 9007199254740991u);
    EXPECT_EQ(config.training.device, "cuda:3");
    EXPECT_EQ(config.student.network.options.at("hidden"), "4x4");
}

TEST(SetField, RefusesWhatIsNotRightAndLeavesTheConfigurationAlone) {
    const std::pair<const char*, const char*> wrong[] = {{"training.epochs", "0"},
                                                         {"training.epochs", "-3"},
                                                         {"training.epochs", "1.5"},
                                                         {"training.epochs", "ten"},
                                                         {"training.epochs", ""},
                                                         {"training.epochs", " 3"},
                                                         {"training.epochs", "99999999999999999999"},
                                                         {"training.learning_rate", "nan"},
                                                         {"training.learning_rate", "inf"},
                                                         {"training.learning_rate", "0,1"},
                                                         {"training.learning_rate", "1e999"},
                                                         {"training.seed", "-1"},
                                                         {"training.seed", "9007199254740992"},
                                                         {"data.flip", "maybe"},
                                                         {"training.optimizer", "sdg"},
                                                         {"training.device", "cuda"},
                                                         {"training.device", "cuda:01"},
                                                         {"training.device", "cuda:-1"},
                                                         {"data.dataset", "gylphs"},
                                                         {"data.dataset", "idx:"},
                                                         {"data.dataset", "moons:/x"},
                                                         {"teacher.model", "resnet21"},
                                                         {"teacher.model", "lenet:hidden=3"},
                                                         {"student.model", "mlp:hidden=0"},
                                                         {"student.model", "mlp:hidden=8x"},
                                                         {"student.model", "mlp:hidden=99999999"},
                                                         {"distillation.temperature", "0"},
                                                         {"student.model", "mlp:hidden=65536x65536"}};
    for (const auto& [key, text] : wrong) {
        ExperimentConfig config;
        const auto set = set_field(config, key, text);
        ASSERT_FALSE(set) << key << "=" << text;
        EXPECT_EQ(set.error().kind, ErrorKind::configuration);
        EXPECT_EQ(set.error().field, key);
        EXPECT_TRUE(set.error().message.starts_with(key)) << set.error().message;
        EXPECT_EQ(config, ExperimentConfig{});
    }
}

TEST(SetField, NamesTheNearestChoice) {
    ExperimentConfig config;
    EXPECT_NE(set_field(config, "training.optimizer", "sdg").error().message.find("nearest is sgd"),
              std::string::npos);
    EXPECT_NE(set_field(config, "data.dataset", "gylphs").error().message.find("nearest is glyphs"),
              std::string::npos);
    EXPECT_NE(set_field(config, "teacher.model", "resnet9").error().message.find("resnet8"),
              std::string::npos);
}

TEST(NearestKey, FindsWhatWasMeant) {
    EXPECT_EQ(nearest_key("training.epoch"), "training.epochs");
    EXPECT_EQ(nearest_key("epochs"), "training.epochs");
    EXPECT_EQ(nearest_key("learning_rate"), "training.learning_rate");
    EXPECT_EQ(nearest_key("trainig.batchsize"), "training.batch_size");
    EXPECT_EQ(nearest_key("temperature"), "distillation.temperature");
    EXPECT_EQ(nearest_key("training.temperature"), "distillation.temperature");
    EXPECT_EQ(nearest_key("teacher.training.epoch"), "teacher.training.epochs");
    EXPECT_FALSE(nearest_key("").empty());
}

TEST(Differences, ListWhatChangedInTheOrderOfTheForm) {
    ExperimentConfig from, to;
    to.training.epochs = 3;
    to.data.flip = true;
    EXPECT_EQ(differences(from, to),
              (std::vector<Difference>{{"data.flip", "false", "true"}, {"training.epochs", "10", "3"}}));
    EXPECT_TRUE(differences(from, from).empty());
}

} // namespace
} // namespace limbeck
