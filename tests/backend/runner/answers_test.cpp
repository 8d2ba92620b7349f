// SPDX-License-Identifier: GPL-3.0-or-later
// What the runner tells the engine about the teacher's answers that are to be kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "backend/runner/answer_key.h"
#include "tests/support/fake_engine.h"
#include "tests/support/session_driver.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

using testing::HasSubstr;

TensorMap weights(float first) {
    TensorMap map;
    TensorData& tensor = map.tensors["weight"];
    tensor.dtype = DType::f32;
    tensor.shape = {1};
    const auto bytes = std::as_bytes(std::span(&first, 1));
    tensor.bytes.assign(bytes.begin(), bytes.end());
    return map;
}

struct Question {
    TrainingTask task;
    Dataset data;
};

Question question() {
    Question made;
    made.task.teacher = NetworkSpec{"resnet20", {}, {}};
    made.task.teacher_weights = weights(1);
    made.task.more_teachers.push_back({{"lenet", {}, {}}, weights(2)});
    made.task.teacher_cache = "auto";
    made.data.name = "glyphs";
    made.data.fingerprint = std::string(64, 'f');
    made.data.mean = {0.5f};
    made.data.stddev = {0.25f};
    return made;
}

std::string key_of(Question asked) {
    const auto named = name_answers(asked.task, asked.data, "/cache");
    EXPECT_TRUE(named) << named.error().message;
    return asked.task.cache_key;
}

TEST(AnswerKey, IsTheSameForTheSameAnswers) {
    const std::string key = key_of(question());
    EXPECT_EQ(key.size(), 64u);
    auto same = question();
    same.data.name = "idx:/elsewhere";
    same.task.teacher->weights = "a/file.safetensors"; // the content counts
    same.task.seed = 7;
    same.task.network = {"mlp", {}, {}};
    same.task.optimization.learning_rate = 1;
    same.task.terms.push_back({});
    same.task.teacher_cache = "half"; // the engine tells these apart
    EXPECT_EQ(key_of(same), key);
}

TEST(AnswerKey, IsAnotherOneForOtherAnswers) {
    std::vector<Question> others(11, question());
    others[0].task.teacher_weights = weights(3);
    others[1].task.more_teachers[0].weights = weights(3);
    others[2].task.teacher->model = "resnet8";
    others[3].task.average_logits = true;
    others[4].data.fingerprint = std::string(64, 'e');
    others[5].data.mean = {0.4f};
    others[6].data.stddev = {0.2f};
    others[7].task.crop_padding = 1;
    others[8].task.flip = true;
    others[9].task.more_teachers.clear();
    others[10].task.teacher->options["partial"] = "1"; // what does not fit is drawn from the seed
    std::vector<std::string> keys{key_of(question())};
    for (const Question& other : others)
        keys.push_back(key_of(other));
    Question other_seed = others[10];
    other_seed.task.seed = 7;
    keys.push_back(key_of(other_seed));
    std::sort(keys.begin(), keys.end());
    EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
}

TEST(AnswerKey, IsNotMadeWhereNothingIsKept) {
    auto off = question();
    off.task.teacher_cache = "off";
    EXPECT_EQ(key_of(off), "");
    auto alone = question();
    alone.task.teacher.reset();
    EXPECT_EQ(key_of(alone), "");
}

class KeptAnswers : public testing::Test {
  protected:
    std::vector<SeenTask> students(const ExperimentConfig& config) {
        if (!session_) {
            session_ = std::move(*Session::create(folder_ / "project", config, host_));
            driver_ = std::make_unique<SessionDriver>(*session_);
        }
        const auto before = settings_->tasks().size();
        const int finished = driver_->finished;
        EXPECT_TRUE(session_->start(config));
        EXPECT_TRUE(driver_->until([&] { return driver_->finished > finished; }));
        std::vector<SeenTask> students;
        const auto tasks = settings_->tasks();
        for (std::size_t i = before; i < tasks.size(); ++i)
            if (tasks[i].role == Role::student) students.push_back(tasks[i]);
        return students;
    }

    TemporaryFolder folder_;
    std::shared_ptr<FakeSettings> settings_ = std::make_shared<FakeSettings>();
    std::shared_ptr<EngineHost> host_ =
        std::make_shared<EngineHost>(fake_engine(settings_), 0, folder_ / "answers");
    std::unique_ptr<Session> session_;
    std::unique_ptr<SessionDriver> driver_;
};

TEST_F(KeptAnswers, AreNamedAfterWhatTheProjectCallsTheTeachersWeights) {
    ExperimentConfig config = small_config(1);
    config.teacher.cache = "half";
    config.teacher.cache_budget = 3;
    const auto tasks = students(config);
    ASSERT_EQ(tasks.size(), 1u);
    EXPECT_EQ(tasks[0].cache, "half");
    EXPECT_EQ(tasks[0].cache_budget, 3'000'000);
    EXPECT_EQ(tasks[0].cache_folder, (folder_ / "answers").string());
    EXPECT_EQ(tasks[0].cache_key.size(), 64u);
    const RunRecord run = driver_->run(Role::student);
    EXPECT_EQ(tasks[0].cache_about.weights, run.teacher_weights);
    EXPECT_EQ(tasks[0].cache_about.fingerprint, run.dataset_fingerprint);
    // A later group with the kept teacher finds the same answers.
    config.training.seed = 0;
    config.distillation.temperature = 9;
    for (const SeenTask& later : students(config))
        EXPECT_EQ(later.cache_key, tasks[0].cache_key);
    for (const SeenTask& task : settings_->tasks())
        if (task.role != Role::student) {
            EXPECT_EQ(task.cache, "off");
            EXPECT_EQ(task.cache_key, "");
        }
}

TEST_F(KeptAnswers, ThatHaveNoRoomAreRefusedBeforeTheTeacherIsTrained) {
    ExperimentConfig config = small_config(1, 100'000);
    config.data.dataset.kind = "glyphs"; // with these views more than the folder takes
    config.data.samples = 8000;
    config.data.crop_padding = 64;
    config.data.flip = true;
    config.teacher.cache = "float32";
    config.teacher.cache_budget = 1;
    EXPECT_TRUE(students(config).empty());
    EXPECT_TRUE(settings_->tasks().empty());
    ASSERT_EQ(driver_->errors.size(), 1u);
    EXPECT_EQ(driver_->errors[0].field, "teacher.cache_budget");
    EXPECT_THAT(driver_->errors[0].message, HasSubstr("the folder for them holds 8 GB"));
}

} // namespace
} // namespace limbeck::test
