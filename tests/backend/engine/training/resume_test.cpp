// SPDX-License-Identifier: GPL-3.0-or-later
// A run that is broken off after any of its steps and goes on from what was saved there has the numbers of a
// run that nobody disturbed, to the bit, whatever it trains with.
#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <map>
#include <span>

#include "backend/engine/objectives/objective.h"
#include "backend/types/catalogue.h"
#include "tests/backend/engine/training/toys.h"
#include "tests/support/temporary_folder.h"

namespace limbeck {
namespace {

using namespace toys;

/// The numbers to the bit; what is not measured in a step is no number and equal to itself.
std::vector<std::uint64_t> bits(std::span<const double> values) {
    std::vector<std::uint64_t> all;
    for (const double value : values)
        all.push_back(std::isnan(value) ? ~std::uint64_t{0} : std::bit_cast<std::uint64_t>(value));
    return all;
}

/// Trains undisturbed; once more, saving after every step; and from each of these states (from every
/// `stride`-th and its neighbour) in a job of its own.
void expect_equal_from_any_step(const TrainingTask& task, const std::shared_ptr<const Dataset>& data,
                                std::int64_t stride = 1) {
    auto undisturbed = start(task, data);
    ASSERT_TRUE(undisturbed);
    const auto rows = run(*undisturbed);
    ASSERT_FALSE(rows.first_bad_step);
    const auto weights = *undisturbed->weights(), state = *undisturbed->state();
    const auto width = static_cast<std::ptrdiff_t>(undisturbed->step_series().size());
    const auto expected = bits(rows.values);

    auto saving = start(task, data);
    for (std::int64_t step = 0; step < undisturbed->total_steps(); ++step, run(*saving, 1)) {
        if (step % stride > 1) continue;
        auto resumed = start(task, data);
        ASSERT_TRUE(resumed);
        const auto restored = resumed->restore(*saving->weights(), *saving->state());
        ASSERT_TRUE(restored) << "after step " << step << ": " << restored.error().message;
        const auto rest = run(*resumed);
        ASSERT_EQ(rest.steps, std::vector<std::int64_t>(rows.steps.begin() + step, rows.steps.end()));
        ASSERT_EQ(bits(rest.values),
                  std::vector<std::uint64_t>(expected.begin() + step * width, expected.end()))
            << "after step " << step;
        ASSERT_EQ(*resumed->weights(), weights) << "after step " << step;
        ASSERT_EQ(*resumed->state(), state) << "after step " << step;
    }
    EXPECT_EQ(*saving->weights(), weights) << "saving changes what is trained";
}

struct Recipe {
    std::string optimizer;
    double momentum;
    bool nesterov;
    std::string schedule;
    double warmup_epochs;
};

void PrintTo(const Recipe& recipe, std::ostream* out) {
    *out << recipe.optimizer << " " << recipe.schedule;
}

class EveryRecipe : public testing::TestWithParam<Recipe> {};

TEST_P(EveryRecipe, GoesOnAfterAnyStepToTheSameBits) {
    const auto data = bars();
    auto task = distilled(data, {"resnet8", {}, {}}, {"lenet", {}, {}}); // five steps an epoch
    auto& how = task.optimization;
    how.optimizer = GetParam().optimizer;
    how.momentum = GetParam().momentum;
    how.nesterov = GetParam().nesterov;
    how.schedule = GetParam().schedule;
    how.warmup_epochs = GetParam().warmup_epochs;
    how.step_every = 1;
    how.epochs = 2;
    how.learning_rate = 0.01;
    how.weight_decay = 1e-3;
    expect_equal_from_any_step(task, data, 3);
}

std::vector<Recipe> recipes() {
    std::vector<Recipe> all;
    for (const Recipe& optimizer : {Recipe{"sgd", 0, false, "", 0}, Recipe{"sgd", 0.9, false, "", 0},
                                    Recipe{"sgd", 0.9, true, "", 0}, Recipe{"adamw", 0, false, "", 0}})
        for (const char* schedule : {"constant", "step", "cosine"})
            for (const double warmup : {0.0, 0.5}) {
                all.push_back(optimizer);
                all.back().schedule = schedule;
                all.back().warmup_epochs = warmup;
            }
    return all;
}

INSTANTIATE_TEST_SUITE_P(Recipes, EveryRecipe, testing::ValuesIn(recipes()), [](const auto& info) {
    const Recipe& recipe = info.param;
    return recipe.optimizer +
           (recipe.nesterov       ? "_nesterov"
            : recipe.momentum > 0 ? "_momentum"
                                  : "") +
           "_" + recipe.schedule + (recipe.warmup_epochs > 0 ? "_warmup" : "");
});

/// What a task can have besides, by name.
const std::map<std::string, std::function<void(TrainingTask&)>> further_ways{
    {"crop", [](TrainingTask& task) { task.crop_padding = 2; }},
    {"flip", [](TrainingTask& task) { task.flip = true; }},
    {"crop_and_flip",
     [](TrainingTask& task) {
         task.crop_padding = 2;
         task.flip = true;
     }},
    {"mixup",
     [](TrainingTask& task) {
         task.mixup = true;
         task.hard_weight = 0;
     }},
    {"bfloat16", [](TrainingTask& task) { task.precision = "bfloat16"; }},
    {"several_teachers",
     [](TrainingTask& task) {
         task.more_teachers.push_back({*task.teacher, task.teacher_weights});
     }},
    {"dropout",
     [](TrainingTask& task) {
         task.network = {"stack", {{"layers", "conv3-6,bn,relu,drop0.25,pool2,fc16,relu,drop0.5,fc"}}, {}};
     }},
    {"a_last_batch_that_is_smaller", [](TrainingTask& task) { task.optimization.batch_size = 13; }},
    {"weights_to_start_from",
     [](TrainingTask& task) { task.initial_weights = fresh_weights(task.network, bars(), 5); }},
};

class EveryWay : public testing::TestWithParam<std::string> {};

TEST_P(EveryWay, GoesOnAfterAnyStepToTheSameBits) {
    const auto data = bars();
    auto task = distilled(data, {"resnet8", {}, {}}, {"lenet", {}, {}});
    task.optimization.learning_rate = 0.01;
    further_ways.at(GetParam())(task);
    expect_equal_from_any_step(task, data);
}

std::vector<std::string> names_of_ways() {
    std::vector<std::string> names;
    for (const auto& [name, change] : further_ways)
        names.push_back(name);
    return names;
}

INSTANTIATE_TEST_SUITE_P(Ways, EveryWay, testing::ValuesIn(names_of_ways()),
                         [](const auto& info) { return info.param; });

class EveryKeeping : public testing::TestWithParam<std::string> {};

TEST_P(EveryKeeping, OfAnswersGoesOnAfterAnyStepToTheSameBits) {
    const auto data = bars();
    auto task = distilled(data, {"lenet", {}, {}}, {"resnet8", {}, {}});
    const test::TemporaryFolder folder; // shared by all jobs: the later ones find answers that were kept
    task.teacher_cache = GetParam();
    task.cache_folder = (folder / "answers").string();
    task.cache_key = std::string(64, '7');
    task.cache_about.teacher = "a teacher";
    expect_equal_from_any_step(task, data);
}

INSTANTIATE_TEST_SUITE_P(Keeping, EveryKeeping, testing::Values("float32", "half"),
                         [](const auto& info) { return info.param; });

TEST(Peers, GoOnAfterAnyStepToTheSameBits) {
    const auto data = moons();
    expect_equal_from_any_step(mutual(), data);
}

TEST(SmallNetworks, GoOnAfterAnyStepToTheSameBits) {
    const auto data = moons();
    expect_equal_from_any_step(distilled(data), data);
}

/// A student that learns with that objective alone beside the labels. Initial stages and warm-ups last one
/// and two epochs here, so that a run of three has all of them.
TrainingTask learning_with(const ObjectiveEntry& entry, std::shared_ptr<const Dataset> data) {
    auto task = distilled(data, {"resnet8", {}, {}}, {"resnet8", {}, {}});
    task.optimization.learning_rate = 1e-3;
    TermSpec term{std::string(entry.id), entry.group == ObjectiveGroup::answers ? 0.9 : 1e-2, {}, {}};
    for (const OptionEntry& option : entry.options) {
        if (option.key == initial_epochs_option) term.options["initial_epochs"] = 1;
        if (option.key == warmup_epochs_option) term.options["warmup_epochs"] = 2;
    }
    if (entry.group == ObjectiveGroup::answers)
        task.terms = {term};
    else
        task.terms.push_back(term); // kd stays the response term
    return task;
}

class EveryObjective : public testing::TestWithParam<std::string> {};

TEST_P(EveryObjective, TrainsAndGoesOnAfterAnyStepToTheSameBits) {
    const auto data = bars();
    const auto task = learning_with(*find_objective(GetParam()), data);
    expect_equal_from_any_step(task, data,
                               5); // five steps an epoch: at the end of a stage and after its first
    auto job = start(task, data);
    for (const double loss : column(*job, run(*job), "train/loss"))
        EXPECT_TRUE(std::isfinite(loss));
    const auto evaluated = job->evaluate(Part::validation, {});
    ASSERT_TRUE(evaluated) << evaluated.error().message;
    EXPECT_TRUE(std::isfinite(value(*evaluated, "loss")));
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryObjective, testing::ValuesIn(objective_ids()), name_of_objective);

TEST(Resuming, TakesTheChangesByHandAlongAndForgetsWhatTheJobDidBefore) {
    const auto data = bars();
    auto task = distilled(data, {"resnet8", {}, {}}, {"lenet", {}, {}});
    task.optimization.learning_rate = 0.01;
    auto whole = start(task, data);
    run(*whole, 7); // five steps an epoch
    ASSERT_TRUE(whole->set_live("distillation.temperature", 2.1));
    ASSERT_TRUE(whole->set_live("training.learning_rate", 0.013));
    const auto weights = *whole->weights(), state = *whole->state();
    const auto rest = run(*whole);

    auto resumed = start(task, data);
    run(*resumed, 2);
    ASSERT_TRUE(resumed->restore(weights, state));
    EXPECT_EQ(resumed->steps_done(), 7);
    EXPECT_EQ(*resumed->live("distillation.temperature"), 2.1);
    EXPECT_EQ(*resumed->live("training.learning_rate"), 0.013);
    EXPECT_EQ(run(*resumed).values, rest.values);
    EXPECT_EQ(*resumed->weights(), *whole->weights());
    EXPECT_EQ(*resumed->state(), *whole->state());
}

TEST(Resuming, RefusesAStateThatDoesNotBelong) {
    const auto data = moons();
    auto job = start(alone(), data);
    run(*job, 3);
    const auto weights = *job->weights();
    auto state = *job->state();
    auto other = alone();
    other.optimization.optimizer = "adamw";
    const auto refused = start(other, data)->restore(weights, state);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("adamw"), std::string::npos);
    auto wide = start(alone(mlp("17")), data);
    const auto before = *wide->weights();
    EXPECT_FALSE(wide->restore(weights, state));
    EXPECT_EQ(*wide->weights(), before);
    state.metadata["step"] = "22";
    EXPECT_FALSE(job->restore(weights, state));
    state.metadata["step"] = "two";
    EXPECT_FALSE(job->restore(weights, state));
}

} // namespace
} // namespace limbeck
