// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "backend/types/catalogue.h"
#include "backend/types/run.h"

namespace limbeck {
namespace {

TEST(Catalogue, ListsWhatTheContractNames) {
    for (const char* kind : {"glyphs", "moons", "spirals", "circles", "idx", "cifar10", "cifar100"})
        EXPECT_NE(find_dataset(kind), nullptr) << kind;
    for (const char* name :
         {"mlp", "lenet", "resnet8", "resnet14", "resnet20", "resnet32", "resnet44", "resnet56", "resnet110"})
        EXPECT_NE(find_model(name), nullptr) << name;
    for (const char* id : {"kd", "soft-ce", "mse-logits"})
        EXPECT_NE(find_objective(id), nullptr) << id;
    EXPECT_EQ(find_model("resnet21"), nullptr);
}

TEST(Catalogue, GivesLogitRegressionATemperatureOfOne) {
    EXPECT_EQ(find_objective("mse-logits")->temperature, 1);
    EXPECT_EQ(find_objective("kd")->temperature, 4);
}

TEST(Formula, ShowsTheNumbersOfTheLoss) {
    DistillationConfig kd;
    EXPECT_EQ(formula_text(kd), "loss = 0.10 · CE + 0.90 · T²·KL, T = 4");
    kd.t_squared = false;
    kd.temperature = 2.5;
    kd.hard_weight = 1;
    kd.soft_weight = 0.0125;
    EXPECT_EQ(formula_text(kd), "loss = 1.00 · CE + 0.0125 · KL, T = 2.5");
}

TEST(Formula, NamesOtherObjectives) {
    DistillationConfig distillation;
    distillation.objective = "mse-logits";
    distillation.temperature = 1;
    distillation.hard_weight = 0;
    distillation.soft_weight = 1;
    EXPECT_EQ(formula_text(distillation), "loss = 0.00 · CE + 1.00 · MSE(s/T, t/T), T = 1");
    distillation.objective = "soft-ce";
    EXPECT_EQ(formula_text(distillation), "loss = 0.00 · CE + 1.00 · T²·CE(teacher), T = 1");
}

TEST(Formula, ShowsFurtherTermsWithTheirOwnTemperature) {
    DistillationConfig distillation;
    distillation.terms = {{"soft-ce", 1000, {}, {{"temperature", 3}, {"t_squared", 0}}},
                          {"no-such-term", 0.02, {}, {}}};
    EXPECT_EQ(formula_text(distillation),
              "loss = 0.10 · CE + 0.90 · T²·KL + 1000 · CE(teacher) (T = 3) + 0.02 · no-such-term, T = 4");
    distillation.scheme = "alone";
    EXPECT_EQ(formula_text(distillation), "loss = 1.00 · CE");
}

TEST(Formula, SaysWhichPartIsWhat) {
    DistillationConfig distillation;
    distillation.terms = {{"mse-logits", 2, {}, {}}};
    const std::vector<FormulaPart> parts = formula_parts(distillation);
    ASSERT_EQ(parts.size(), 7u);
    using Kind = FormulaPart::Kind;
    const Kind kinds[] = {Kind::sign, Kind::hard, Kind::sign, Kind::soft, Kind::sign, Kind::term, Kind::sign};
    for (std::size_t i = 0; i < parts.size(); ++i)
        EXPECT_EQ(parts[i].kind, kinds[i]) << parts[i].text;
}

TEST(RunTexts, ReadBackWhatTheyPrint) {
    for (Role role : {Role::teacher, Role::baseline, Role::student})
        EXPECT_EQ(parse_role(to_string(role)), role);
    for (RunState state : {RunState::queued, RunState::running, RunState::paused, RunState::finished,
                           RunState::stopped, RunState::failed, RunState::interrupted})
        EXPECT_EQ(parse_run_state(to_string(state)), state);
    EXPECT_FALSE(parse_role("pupil"));
    EXPECT_FALSE(parse_run_state(""));
    EXPECT_TRUE(is_unfinished(RunState::interrupted));
    EXPECT_FALSE(is_unfinished(RunState::finished));
}

} // namespace
} // namespace limbeck
