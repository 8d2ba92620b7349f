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

TEST(Catalogue, GivesEveryAnswersTermTheDefaultsOfItsPaper) {
    struct Row {
        const char* id;
        double temperature;
        bool t_squared;
        double hard_weight, weight;
        bool needs_labels;
    };

    for (const Row& row :
         {Row{"kd", 4, true, 0.1, 0.9, false}, Row{"soft-ce", 4, true, 0.1, 0.9, false},
          Row{"reverse-kl", 1, false, 0.1, 0.9, false}, Row{"jsd", 1, false, 0.1, 0.9, false},
          Row{"skew-kl", 1, false, 0.1, 0.9, false}, Row{"skew-reverse-kl", 1, false, 0.1, 0.9, false},
          Row{"tvd", 1, false, 0.1, 0.9, false}, Row{"dkd", 4, true, 1, 1, true},
          Row{"nkd", 1, true, 1, 1, true}, Row{"dist", 4, true, 1, 2, false},
          Row{"top-k", 1, false, 0.1, 0.9, false}}) {
        const ObjectiveEntry* entry = find_objective(row.id);
        ASSERT_TRUE(entry) << row.id;
        EXPECT_TRUE(entry->uses_temperature && entry->uses_t_squared) << row.id;
        EXPECT_EQ(entry->temperature, row.temperature) << row.id;
        EXPECT_EQ(entry->t_squared, row.t_squared) << row.id;
        EXPECT_EQ(entry->hard_weight, row.hard_weight) << row.id;
        EXPECT_EQ(entry->weight, row.weight) << row.id;
        EXPECT_EQ(entry->needs_labels, row.needs_labels) << row.id;
    }
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
    distillation.objective = "nkd";
    EXPECT_EQ(formula_text(distillation),
              "loss = 0.00 · CE + 1.00 · (P_y·CE + γ·T²·CE of the others), T = 1");
    distillation.t_squared = false;
    EXPECT_EQ(formula_text(distillation), "loss = 0.00 · CE + 1.00 · (P_y·CE + γ·CE of the others), T = 1");
    distillation.objective = "reverse-kl";
    EXPECT_EQ(formula_text(distillation), "loss = 0.00 · CE + 1.00 · KL(Q‖P), T = 1");
    distillation.objective = "label-only";
    EXPECT_EQ(formula_text(distillation), "loss = 0.00 · CE + 1.00 · CE(argmax of t)");
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
