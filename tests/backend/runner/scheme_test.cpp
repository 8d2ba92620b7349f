// SPDX-License-Identifier: GPL-3.0-or-later
// Who learns from whom: the runs of every scheme, stopped, resumed, repeated and kept.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "backend/types/catalogue.h"
#include "backend/types/random.h"
#include "tests/support/fake_engine.h"
#include "tests/support/session_driver.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

NetworkSpec mlp(const std::string& hidden) {
    return {"mlp", {{"hidden", hidden}}, {}};
}

class SchemeTest : public testing::Test {
  protected:
    SchemeTest() { config_.student.train_alone = false; }

    void create() {
        auto session = Session::create(folder_ / "project", config_, host_);
        if (!session) throw std::runtime_error(session.error().message);
        session_ = std::move(*session);
        driver_ = std::make_unique<SessionDriver>(*session_);
    }

    void reopen() {
        driver_.reset();
        session_.reset();
        auto session = Session::open(folder_ / "project", Project::Access::write, host_);
        if (!session) throw std::runtime_error(session.error().message);
        session_ = std::move(*session);
        driver_ = std::make_unique<SessionDriver>(*session_);
    }

    /// Starts and waits for the end; the records of the new group.
    std::vector<RunRecord> start() {
        if (!session_) create();
        const auto group = session_->start(config_);
        EXPECT_TRUE(group) << group.error().message;
        if (!group) return {};
        EXPECT_TRUE(driver_->until_finished());
        EXPECT_TRUE(driver_->errors.empty()) << driver_->errors[0].message;
        return runs_of(*group);
    }

    std::vector<RunRecord> runs_of(GroupId group) const {
        std::vector<RunRecord> runs;
        for (const RunRecord& run : session_->runs())
            if (run.group == group) runs.push_back(run);
        return runs;
    }

    static std::vector<std::string> names(const std::vector<RunRecord>& runs) {
        std::vector<std::string> names;
        for (const RunRecord& run : runs)
            names.push_back(run.name);
        return names;
    }

    /// The first of a fake network's four numbers after its last step.
    float first_number(RunId run) const {
        const auto weights = session_->weights(run, "last");
        float value = 0;
        EXPECT_TRUE(weights) << weights.error().message;
        if (weights) std::memcpy(&value, weights->tensors.at("weight").bytes.data(), sizeof value);
        return value;
    }

    SeenTask last_task(Role role) const {
        SeenTask found;
        for (const SeenTask& task : settings_->tasks())
            if (task.role == role) found = task;
        return found;
    }

    void hold(Role role, std::int64_t step) {
        settings_->hold_role = role;
        settings_->hold_before_step = step;
    }

    void stop_where_it_is_held() {
        ASSERT_TRUE(driver_->until([&] { return settings_->held.load(); }));
        session_->send(Stop{});
        settings_->hold_before_step = -1;
        ASSERT_TRUE(driver_->until_finished());
    }

    using Names = std::vector<std::string>;

    TemporaryFolder folder_;
    std::shared_ptr<FakeSettings> settings_ = std::make_shared<FakeSettings>();
    std::shared_ptr<EngineHost> host_ = std::make_shared<EngineHost>(fake_engine(settings_));
    ExperimentConfig config_ = small_config(2);
    std::unique_ptr<Session> session_;
    std::unique_ptr<SessionDriver> driver_;
};

TEST_F(SchemeTest, AloneTrainsTheStudentWithoutATeacherEachTime) {
    config_.distillation.scheme = "alone";
    const auto runs = start();
    ASSERT_EQ(names(runs), Names{"student alone"});
    EXPECT_EQ(runs[0].role, Role::baseline);
    EXPECT_EQ(runs[0].state, RunState::finished) << runs[0].error;
    EXPECT_TRUE(last_task(Role::baseline).terms.empty());
    EXPECT_EQ(names(start()), Names{"student alone"}) << "asked for by name: trained anew";
    ASSERT_TRUE(session_->repeat(runs[0].id));
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_EQ(driver_->run(Role::baseline).name, "student alone again");
    EXPECT_EQ(first_number(3), first_number(1));
    ASSERT_TRUE(session_->resume(runs[0].id, 4));
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_EQ(session_->runs()[0].epoch, 4);

    // And whoever wants a student alone beside others takes one of these.
    config_.distillation.scheme = "plain";
    config_.student.train_alone = true;
    EXPECT_EQ(names(start()), (Names{"teacher mlp", "T4 soft 0.9 seed 0"}));
}

TEST_F(SchemeTest, MutualTrainsTheStudentAlongWithItsPeersAndNoTeacher) {
    config_.distillation.scheme = "mutual";
    config_.student.train_alone = true;
    const auto runs = start();
    ASSERT_EQ(names(runs), (Names{"student alone", "mutual T4 soft 0.9 seed 0"}));
    EXPECT_EQ(runs[1].state, RunState::finished) << runs[1].error; // though the peers' accuracy changes
    EXPECT_EQ(runs[1].baseline, runs[0].id);
    EXPECT_EQ(runs[1].teacher, std::nullopt);
    EXPECT_TRUE(runs[1].teacher_weights.empty());
    const SeenTask twin = last_task(Role::student);
    EXPECT_TRUE(twin.teachers.empty());
    EXPECT_EQ(twin.peers, Names{"mlp:hidden=4"});
    EXPECT_EQ(twin.terms, Names{"kd"});

    config_.distillation.peers = {mlp("8"), mlp("16")};
    const auto others = start();
    EXPECT_EQ(last_task(Role::student).peers, (Names{"mlp:hidden=8", "mlp:hidden=16"}));
    ASSERT_TRUE(session_->repeat(others.back().id));
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_EQ(last_task(Role::student).peers.size(), 2u);
    EXPECT_EQ(driver_->run(Role::student).state, RunState::finished) << driver_->run(Role::student).error;
}

TEST_F(SchemeTest, BornAgainTeachesEachGenerationByTheOneBeforeIt) {
    config_.distillation.scheme = "born-again";
    config_.distillation.generations = 3;
    config_.student.train_alone = true;
    const auto runs = start();
    ASSERT_EQ(names(runs), (Names{"teacher mlp", "student alone", "generation 1", "generation 2",
                                  "born-again T4 soft 0.9 seed 0"}));
    std::vector<std::uint64_t> seeds;
    for (std::size_t i = 2; i < runs.size(); ++i) {
        const RunRecord& run = runs[i];
        const RunRecord& teacher = runs[i == 2 ? 0 : i - 1];
        EXPECT_EQ(run.state, RunState::finished) << run.error;
        EXPECT_EQ(run.role, i < 4 ? Role::assistant : Role::student);
        EXPECT_EQ(run.stage, i < 4 ? static_cast<std::int64_t>(i) - 2 : 0);
        EXPECT_EQ(run.teacher, teacher.id) << run.name;
        EXPECT_EQ(run.teacher_weights.size(), 64u) << run.name;
        EXPECT_EQ(run.baseline, runs[1].id) << run.name;
        const SeenTask task = settings_->tasks()[i];
        EXPECT_EQ(task.network, "mlp:hidden=4");
        EXPECT_EQ(task.teachers, Names{i == 2 ? "mlp:hidden=16x16" : "mlp:hidden=4"});
        EXPECT_EQ(task.taught_by, std::vector<float>{first_number(teacher.id)}) << run.name;
        seeds.push_back(task.seed);
    }
    EXPECT_NE(seeds[0], seeds[1]);
    EXPECT_NE(seeds[0], seeds[2]);
    EXPECT_EQ(seeds[2], config_.training.seed) << "the last one begins as the student alone does";
}

TEST_F(SchemeTest, AChainGoesFromTheTeacherOverItsAssistantsToTheStudent) {
    config_.distillation.scheme = "assistants";
    config_.distillation.assistants = {mlp("12"), mlp("8")};
    const auto runs = start();
    ASSERT_EQ(names(runs),
              (Names{"teacher mlp", "assistant 1 mlp", "assistant 2 mlp", "assistants T4 soft 0.9 seed 0"}));
    const Names networks{"mlp:hidden=16x16", "mlp:hidden=12", "mlp:hidden=8", "mlp:hidden=4"};
    const auto tasks = settings_->tasks();
    ASSERT_EQ(tasks.size(), 4u);
    for (std::size_t i = 1; i < runs.size(); ++i) {
        EXPECT_EQ(runs[i].teacher, runs[i - 1].id);
        EXPECT_EQ(tasks[i].network, networks[i]);
        EXPECT_EQ(tasks[i].teachers, Names{networks[i - 1]});
        EXPECT_EQ(tasks[i].taught_by, std::vector<float>{first_number(runs[i - 1].id)});
        EXPECT_EQ(tasks[i].terms, Names{"kd"});
        EXPECT_EQ(tasks[i].hard_weight, 0.1);
        EXPECT_FALSE(session_->points(runs[i].id, "validation/agreement")->empty());
    }
    EXPECT_EQ(driver_->progress->run, runs.back().id);
    EXPECT_NEAR(driver_->progress->group_fraction, 1, 1e-9);
}

TEST_F(SchemeTest, AChainIsKeptAsFarAsItIsTheSame) {
    config_.distillation.scheme = "assistants";
    config_.distillation.assistants = {mlp("12"), mlp("8")};
    const auto first = start();
    ASSERT_EQ(first.size(), 4u);

    config_.student.network = mlp("2"); // the assistants do not mind
    auto runs = start();
    ASSERT_EQ(names(runs), Names{"assistants T4 soft 0.9 seed 0"});
    EXPECT_EQ(runs[0].teacher, first[2].id);
    EXPECT_EQ(last_task(Role::student).taught_by, std::vector<float>{first_number(first[2].id)});

    config_.teacher.cache = "off"; // asked for anew or kept in float32: the same bits
    EXPECT_EQ(start().size(), 1u);
    config_.teacher.cache = "half";
    EXPECT_EQ(start().size(), 3u);
    config_.teacher.cache = "auto";

    config_.distillation.assistants[1] = mlp("6"); // the second one is another
    runs = start();
    ASSERT_EQ(names(runs), (Names{"assistant 2 mlp", "assistants T4 soft 0.9 seed 0"}));
    EXPECT_EQ(runs[0].teacher, first[1].id);
    EXPECT_EQ(runs[1].teacher, runs[0].id);

    config_.distillation.temperature = 2; // another loss: the teacher alone is the same
    EXPECT_EQ(start().size(), 3u);
    config_.distillation.temperature = 4;
    config_.teacher.training.learning_rate = 0.02; // another teacher, so nothing below it is
    EXPECT_EQ(start().size(), 4u);
}

TEST_F(SchemeTest, AChainStoppedInTheMiddleGoesOnToTheSameNumbers) {
    config_.distillation.scheme = "assistants";
    config_.distillation.assistants = {mlp("12"), mlp("8")};
    create();
    hold(Role::assistant, 5);
    ASSERT_TRUE(session_->start(config_));
    stop_where_it_is_held();
    auto runs = session_->runs();
    EXPECT_EQ(runs[0].state, RunState::finished);
    EXPECT_EQ(runs[1].state, RunState::stopped);
    EXPECT_EQ(runs[2].state, RunState::queued);
    EXPECT_EQ(runs[3].state, RunState::queued);
    EXPECT_FALSE(session_->resume(runs[3].id)) << "its teacher is not there yet";

    reopen(); // another process, as it were
    hold(Role::student, 3);
    ASSERT_TRUE(session_->resume({}));
    stop_where_it_is_held();
    reopen();
    ASSERT_TRUE(session_->resume({}));
    ASSERT_TRUE(driver_->until_finished());
    runs = session_->runs();
    ASSERT_EQ(runs.size(), 4u);
    for (const RunRecord& run : runs)
        EXPECT_EQ(run.state, RunState::finished) << run.name << ": " << run.error;

    const float parts[]{first_number(2), first_number(3), first_number(4)};
    auto whole = Session::create(folder_ / "whole", config_, host_);
    ASSERT_TRUE(whole);
    session_ = std::move(*whole);
    driver_ = std::make_unique<SessionDriver>(*session_);
    ASSERT_EQ(start().size(), 4u);
    EXPECT_EQ(first_number(2), parts[0]);
    EXPECT_EQ(first_number(3), parts[1]);
    EXPECT_EQ(first_number(4), parts[2]);
}

TEST_F(SchemeTest, AnAssistantIsRepeatedToTheSameNumbersAndTakesMoreEpochs) {
    config_.distillation.scheme = "assistants";
    config_.distillation.assistants = {mlp("12"), mlp("8")};
    const auto runs = start();
    reopen();
    ASSERT_TRUE(session_->repeat(runs[2].id));
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_TRUE(driver_->errors.empty()) << driver_->errors[0].message;
    const RunRecord again = session_->runs().back();
    EXPECT_EQ(again.name, "assistant 2 mlp again");
    EXPECT_EQ(again.role, Role::assistant);
    EXPECT_EQ(again.stage, 1);
    EXPECT_EQ(again.teacher, runs[1].id);
    EXPECT_EQ(again.parent, runs[2].id);
    EXPECT_EQ(last_task(Role::assistant).network, "mlp:hidden=8");
    EXPECT_EQ(first_number(again.id), first_number(runs[2].id));
    EXPECT_EQ(all_points(*session_, again.id), all_points(*session_, runs[2].id));

    ASSERT_TRUE(session_->resume(again.id, 3));
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_EQ(session_->runs().back().epoch, 3);
    EXPECT_EQ(session_->runs().back().state, RunState::finished);
}

TEST_F(SchemeTest, SeveralTeachersAreTrainedFromSeedsOfTheirOwnAndTeachTogether) {
    config_.teacher.more = {mlp("16x16"), mlp("12")};
    config_.teacher.average = "logits";
    const auto runs = start();
    ASSERT_EQ(names(runs), (Names{"teacher 1 mlp", "teacher 2 mlp", "teacher 3 mlp", "T4 soft 0.9 seed 0"}));
    EXPECT_NE(first_number(1), first_number(2)) << "the same network twice, but no twins";
    EXPECT_EQ(settings_->tasks()[0].seed, stream_seed(config_.training.seed, "teacher"));
    const RunRecord& student = runs[3];
    EXPECT_EQ(student.teacher, runs[0].id);
    ASSERT_EQ(student.more_teachers.size(), 2u);
    EXPECT_EQ(student.more_teachers[1].run, runs[2].id);
    EXPECT_EQ(student.more_teachers[1].weights.size(), 64u);
    const SeenTask task = last_task(Role::student);
    EXPECT_EQ(task.teachers, (Names{"mlp:hidden=16x16", "mlp:hidden=16x16", "mlp:hidden=12"}));
    EXPECT_EQ(task.taught_by, (std::vector<float>{first_number(1), first_number(2), first_number(3)}));
    EXPECT_TRUE(task.average_logits);

    // Kept from the project, in a new process too; and repeated.
    reopen();
    const auto later = start();
    ASSERT_EQ(later.size(), 1u);
    EXPECT_EQ(later[0].more_teachers, student.more_teachers);
    EXPECT_EQ(last_task(Role::student).taught_by, task.taught_by);
    EXPECT_EQ(first_number(later[0].id), first_number(student.id));
    ASSERT_TRUE(session_->repeat(student.id));
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_EQ(first_number(session_->runs().back().id), first_number(student.id));

    config_.teacher.more.pop_back(); // each is kept by itself
    EXPECT_EQ(names(start()), Names{"T4 soft 0.9 seed 0"});
    EXPECT_EQ(last_task(Role::student).taught_by, (std::vector<float>{first_number(1), first_number(2)}));
}

TEST_F(SchemeTest, ATeacherOfSeveralMayComeFromAFile) {
    const auto first = start();
    const std::string object = first[1].teacher_weights;
    std::filesystem::copy_file(folder_ / "project" / "objects" / object, folder_ / "w.safetensors");
    const float known = first_number(first[0].id);
    config_.teacher.more = {mlp("16x16")};
    config_.teacher.more[0].weights = (folder_ / "w.safetensors").string();
    const auto runs = start();
    ASSERT_EQ(runs.size(), 1u) << "no teacher is trained";
    EXPECT_EQ(runs[0].more_teachers, (std::vector<TeacherLink>{{std::nullopt, object}}));
    std::filesystem::remove(folder_ / "w.safetensors");
    reopen();
    ASSERT_TRUE(session_->repeat(runs[0].id));
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_EQ(last_task(Role::student).taught_by, (std::vector<float>{known, known}));
}

TEST_F(SchemeTest, ATeacherOfSeveralThatIsStoppedGoesOnAndTheOthersFollow) {
    config_.teacher.more = {mlp("8")};
    create();
    hold(Role::teacher, 3);
    ASSERT_TRUE(session_->start(config_));
    stop_where_it_is_held();
    reopen();
    ASSERT_TRUE(session_->resume({}));
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_TRUE(driver_->errors.empty()) << driver_->errors[0].message;
    EXPECT_EQ(session_->runs()[2].state, RunState::finished);
    EXPECT_EQ(last_task(Role::student).taught_by, (std::vector<float>{first_number(1), first_number(2)}));
}

TEST_F(SchemeTest, MixupBlendsTheStudentsBatchesAndLeavesTheLabelsOut) {
    config_.distillation.scheme = "mixup";
    create();
    EXPECT_FALSE(session_->start(config_)) << "blends have no label";
    config_.distillation.hard_weight = 0;
    ASSERT_EQ(start().size(), 2u);
    EXPECT_TRUE(last_task(Role::student).mixup);
    EXPECT_EQ(last_task(Role::student).hard_weight, 0);
    EXPECT_FALSE(last_task(Role::teacher).mixup) << "it is trained as ever";
}

TEST_F(SchemeTest, LabelsStayOutOfBlendsWhileARunIsOn) {
    config_.distillation.scheme = "mixup";
    config_.distillation.hard_weight = 0;
    create();
    hold(Role::student, 2);
    ASSERT_TRUE(session_->start(config_));
    ASSERT_TRUE(driver_->until([&] { return settings_->held.load(); }));
    session_->send(SetLive{"distillation.hard_weight", 0.5});
    ASSERT_TRUE(driver_->until([&] { return !driver_->errors.empty(); }));
    EXPECT_NE(driver_->errors[0].message.find("no label"), std::string::npos) << driver_->errors[0].message;
    settings_->hold_before_step = -1;
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_TRUE(session_->events(2)->empty());
}

TEST_F(SchemeTest, AChangeOfTheLossActsOnTheRestOfTheChain) {
    config_.distillation.scheme = "assistants";
    config_.distillation.assistants = {mlp("12"), mlp("8")};
    create();
    hold(Role::assistant, 3);
    ASSERT_TRUE(session_->start(config_));
    ASSERT_TRUE(driver_->until([&] { return settings_->held.load(); }));
    session_->send(SetLive{"distillation.temperature", 2});
    ASSERT_TRUE(driver_->until([&] { return driver_->runs[4].config.distillation.temperature == 2; }));
    settings_->hold_before_step = -1;
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_TRUE(driver_->errors.empty()) << driver_->errors[0].message;
    EXPECT_TRUE(session_->events(1)->empty()) << "the teacher has no such loss";
    for (const RunId run : {2, 3, 4}) {
        const auto events = *session_->events(run);
        ASSERT_EQ(events.size(), 1u) << run;
        EXPECT_EQ(events[0].what, "distillation.temperature");
        EXPECT_EQ(events[0].to, 2);
        EXPECT_EQ(events[0].step, run == 2 ? 3 : 0) << run;
    }
    // What was changed by hand is not what a configuration asks for: it is not kept.
    EXPECT_EQ(start().size(), 3u);
}

TEST_F(SchemeTest, AStudentThatDoesNotFitIsFoundBeforeTheRunsThatDoNotNeedItsTeacher) {
    config_.distillation.scheme = "mutual";
    config_.student.train_alone = true;
    settings_->refuse_prepare = true;
    settings_->only_students = true;
    create();
    ASSERT_TRUE(session_->start(config_));
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_EQ(session_->runs()[0].state, RunState::queued);
    EXPECT_EQ(session_->runs()[1].state, RunState::failed);
}

TEST_F(SchemeTest, TellsTheWarmUpThatIsOn) {
    config_.training.warmup_epochs = 1;
    config_.training.epochs = 2;
    create();
    const std::int64_t per_epoch = 9; // 144 samples in batches of 16
    hold(Role::student, per_epoch);
    ASSERT_TRUE(session_->start(config_));
    ASSERT_TRUE(driver_->until([&] { return settings_->held.load(); }));
    ASSERT_TRUE(driver_->until([&] { return driver_->progress && driver_->progress->run == 2; }));
    EXPECT_EQ(driver_->progress->phase, "warm-up of the learning rate");
    settings_->hold_before_step = -1;
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_EQ(driver_->progress->phase, "");
}

TEST_F(SchemeTest, AnInitialStageCountsAmongTheEpochs) {
    const auto all = objective_catalogue();
    const auto staged = std::find_if(all.begin(), all.end(), [](const ObjectiveEntry& entry) {
        return entry.group == ObjectiveGroup::features && find_option(entry, initial_epochs_option);
    });
    if (staged == all.end()) GTEST_SKIP() << "no objective with an initial stage in the catalogue";
    config_.distillation.terms = {{std::string(staged->id), 1, {}, {{"initial_epochs", 3}}}};
    const auto runs = start();
    ASSERT_EQ(runs.size(), 2u);
    EXPECT_EQ(runs[0].total_epochs, 2);
    EXPECT_EQ(runs[1].total_epochs, 5);
    EXPECT_EQ(runs[1].epoch, 5);
    EXPECT_EQ(runs[1].step, runs[1].total_steps);
    EXPECT_NEAR(driver_->progress->group_fraction, 1, 1e-9);
    ASSERT_TRUE(session_->resume(runs[1].id, 4)) << "four epochs of training after the stage";
    ASSERT_TRUE(driver_->until_finished());
    EXPECT_EQ(session_->runs()[1].epoch, 7);
    EXPECT_EQ(session_->runs()[1].total_epochs, 7);
}

} // namespace
} // namespace limbeck::test
