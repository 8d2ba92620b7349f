// SPDX-License-Identifier: GPL-3.0-or-later
// What a scheme means: which networks are trained, who teaches whom, and what does not go together.
#include <gtest/gtest.h>

#include <algorithm>

#include "backend/types/catalogue.h"
#include "backend/types/fields.h"
#include "backend/types/lineup.h"

namespace limbeck {
namespace {

ExperimentConfig with_scheme(const std::string& scheme) {
    ExperimentConfig config;
    config.distillation.scheme = scheme;
    config.teacher.network = {"resnet56", {}, {}};
    config.student.network = {"resnet8", {}, {}};
    return config;
}

/// "teacher 0, baseline 0, student 0 <- 0": role, stage and the teachers' places.
std::string words(const ExperimentConfig& config) {
    std::string text;
    for (const LineupEntry& entry : lineup_of(config)) {
        text += (text.empty() ? "" : ", ") + std::string(to_string(entry.role)) + " " +
                std::to_string(entry.stage);
        for (std::size_t i = 0; i < entry.teachers.size(); ++i)
            text += (i ? "+" : " <- ") + std::to_string(entry.teachers[i]);
    }
    return text;
}

std::vector<std::string> keys_of(const ExperimentConfig& config) {
    std::vector<std::string> keys;
    for (const Problem& problem : check(config))
        keys.push_back(problem.key);
    return keys;
}

using Keys = std::vector<std::string>;

TEST(Lineup, OfThePlainSchemeIsTeacherStudentAloneAndStudent) {
    ExperimentConfig config = with_scheme("plain");
    EXPECT_EQ(words(config), "teacher 0, baseline 0, student 0 <- 0");
    config.student.train_alone = false;
    EXPECT_EQ(words(config), "teacher 0, student 0 <- 0");
    config.distillation.scheme = "mixup";
    EXPECT_EQ(words(config), "teacher 0, student 0 <- 0");
}

TEST(Lineup, OfTheStudentAloneIsTheStudentAlone) {
    ExperimentConfig config = with_scheme("alone");
    config.student.train_alone = false; // asked for by the scheme
    EXPECT_EQ(words(config), "baseline 0");
}

TEST(Lineup, OfMutualLearningHasNoTeacherButATwinOrTheNamedPeers) {
    ExperimentConfig config = with_scheme("mutual");
    config.student.network.weights = "start.safetensors";
    EXPECT_EQ(words(config), "baseline 0, student 0");
    EXPECT_TRUE(teachers_of(config, Role::student, 0).empty());
    ASSERT_EQ(peers_of(config).size(), 1u);
    EXPECT_EQ(to_string(peers_of(config)[0]), "resnet8") << "a twin that starts from the seed";
    config.distillation.peers = {{"resnet20", {}, {}}, {"resnet14", {}, {}}};
    EXPECT_EQ(to_string(peers_of(config)), "resnet20;resnet14");
    config.distillation.scheme = "plain";
    EXPECT_TRUE(peers_of(config).empty());
}

TEST(Lineup, OfAChainTeachesEachByTheOneBeforeIt) {
    ExperimentConfig config = with_scheme("assistants");
    config.distillation.assistants = {{"resnet32", {}, {}}, {"resnet20", {}, {}}};
    EXPECT_EQ(words(config), "teacher 0, baseline 0, assistant 0 <- 0, assistant 1 <- 2, student 0 <- 3");
    EXPECT_EQ(network_of(config, Role::assistant, 1).model, "resnet20");
    EXPECT_EQ(to_string(teachers_of(config, Role::assistant, 0)), "resnet56");
    EXPECT_EQ(to_string(teachers_of(config, Role::assistant, 1)), "resnet32");
    EXPECT_EQ(to_string(teachers_of(config, Role::student, 0)), "resnet20");
}

TEST(Lineup, OfBornAgainIsTheSameStudentAgainAndAgain) {
    ExperimentConfig config = with_scheme("born-again");
    config.distillation.generations = 3;
    EXPECT_EQ(words(config), "teacher 0, baseline 0, assistant 0 <- 0, assistant 1 <- 2, student 0 <- 3");
    EXPECT_EQ(network_of(config, Role::assistant, 1).model, "resnet8");
    EXPECT_EQ(to_string(teachers_of(config, Role::student, 0)), "resnet8");
    config.distillation.generations = 1;
    EXPECT_EQ(words(config), "teacher 0, baseline 0, student 0 <- 0");
}

TEST(Lineup, OfSeveralTeachersLetsTheFirstOfTheirLearnersHearThemAll) {
    ExperimentConfig config = with_scheme("plain");
    config.teacher.more = {{"resnet44", {}, {}}, {"resnet32", {}, "w.safetensors"}};
    EXPECT_EQ(words(config), "teacher 0, teacher 1, teacher 2, baseline 0, student 0 <- 0+1+2");
    EXPECT_EQ(network_of(config, Role::teacher, 2).model, "resnet32");
    EXPECT_EQ(to_string(teachers_of(config, Role::student, 0)),
              "resnet56;resnet44;resnet32:weights=w.safetensors");
    config.distillation.scheme = "born-again";
    EXPECT_EQ(words(config),
              "teacher 0, teacher 1, teacher 2, baseline 0, assistant 0 <- 0+1+2, student 0 <- 4");
}

TEST(Lineup, GivesAStudentForAStageThatTheConfigurationDoesNotHave) {
    const ExperimentConfig config = with_scheme("assistants");
    EXPECT_EQ(network_of(config, Role::assistant, 7).model, "resnet8");
    EXPECT_EQ(network_of(config, Role::teacher, -3).model, "resnet56");
    EXPECT_TRUE(teachers_of(config, Role::assistant, 7).empty());
}

TEST(SchemeCheck, FindsNothingWrongWithEachSchemeAsItShouldBe) {
    for (const SchemeEntry& scheme : scheme_catalogue()) {
        ExperimentConfig config = with_scheme(std::string(scheme.id));
        config.distillation.assistants = {{"resnet20", {}, {}}};
        if (scheme.id == "mixup") config.distillation.hard_weight = 0;
        EXPECT_EQ(keys_of(config), Keys{}) << scheme.id;
    }
}

TEST(SchemeCheck, FindsAChainWithoutAssistantsAndLabelsOfBlends) {
    EXPECT_EQ(keys_of(with_scheme("assistants")), Keys{"distillation.assistants"});
    EXPECT_EQ(keys_of(with_scheme("mixup")), Keys{"distillation.hard_weight"});
}

TEST(SchemeCheck, FindsWhatPeersCannotGive) {
    ExperimentConfig config = with_scheme("mutual");
    config.teacher.more = {{"resnet20", {}, {}}};
    config.distillation.peers = {{"resnet14", {}, "w.safetensors"}};
    EXPECT_EQ(keys_of(config), (Keys{"teacher.more", "distillation.peers"}));
    const auto all = objective_catalogue();
    const auto feature = std::find_if(all.begin(), all.end(), [](const ObjectiveEntry& entry) {
        return entry.group == ObjectiveGroup::features;
    });
    if (feature == all.end()) GTEST_SKIP() << "no objective of the features in the catalogue";
    config.teacher.more.clear();
    config.distillation.peers.clear();
    config.distillation.terms = {{std::string(feature->id), 1, {}, {}}};
    EXPECT_EQ(keys_of(config), Keys{"distillation.terms"});
    config.distillation.terms[0].weight = 0;
    EXPECT_EQ(keys_of(config), Keys{});
}

TEST(SchemeCheck, LooksAtTheNetworksOfTheSchemeAndAtNoOthers) {
    ExperimentConfig config = with_scheme("assistants");
    config.data.dataset.kind = "moons"; // points: only an mlp fits
    config.teacher.network = config.student.network = {"mlp", {{"hidden", "8"}}, {}};
    config.distillation.assistants = {{"resnet20", {}, {}}};
    config.distillation.peers = {{"lenet", {}, {}}};
    config.teacher.more = {{"resnet14", {}, {}}};
    EXPECT_EQ(keys_of(config), (Keys{"teacher.more", "distillation.assistants"}));
    config.teacher.more.clear();
    config.teacher.network = {"resnet56", {}, {}};
    config.teacher.training.batch_size = 65000;
    config.distillation.scheme = "mutual";
    EXPECT_EQ(keys_of(config), Keys{"distillation.peers"}) << "there is no teacher";
    config.distillation.scheme = "alone";
    EXPECT_EQ(keys_of(config), Keys{});
}

} // namespace
} // namespace limbeck
