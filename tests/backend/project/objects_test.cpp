// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>

#include "tests/backend/project/support.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;

class ProjectObjects : public testing::Test {
  protected:
    TemporaryFolder folder_;
    std::unique_ptr<Project> project_ = value_of(Project::create(folder_ / "p", {}));

    std::string put(float value) { return value_of(project_->put_object(small_tensors(value))); }

    bool there(const std::string& object) { return fs::exists(folder_ / "p/objects" / object); }
};

TEST_F(ProjectObjects, GivesBackTheTensorsUnderTheHashOfTheirFile) {
    const std::string name = put(1.5f);
    EXPECT_EQ(name.size(), 64u);
    EXPECT_EQ(value_of(project_->object(name)), small_tensors(1.5f));
    EXPECT_EQ(put(1.5f), name);
    EXPECT_NE(put(1.25f), name);
}

TEST_F(ProjectObjects, RefusesNamesThatLeadElsewhere) {
    for (const char* name : {"", "../project.limbeck", "/etc/passwd", "abc"})
        EXPECT_NE(error_of(project_->object(name)).find("has no object"), std::string::npos) << name;
}

TEST_F(ProjectObjects, NoticesEveryFlippedByteOfAnObject) {
    const std::string name = put(1.5f);
    const fs::path file = folder_ / "p/objects" / name;
    const auto content = folder_content(folder_ / "p").at("objects/" + name);
    for (std::size_t i = 0; i < content.size(); ++i) {
        std::string flipped = content;
        flipped[i] = static_cast<char>(flipped[i] ^ 1);
        std::ofstream(file, std::ios::binary) << flipped;
        const auto object = project_->object(name);
        ASSERT_NE(error_of(object).find("is damaged"), std::string::npos)
            << "byte " << i << ": " << error_of(object);
        ASSERT_EQ(object.error().kind, ErrorKind::document);
    }
    std::ofstream(file, std::ios::binary) << content.substr(0, 100);
    EXPECT_NE(error_of(project_->object(name)).find("should have"), std::string::npos);
    EXPECT_EQ(value_of(project_->verify()).size(), 1u);
    // Saving the same weights again heals it.
    EXPECT_EQ(put(1.5f), name);
    EXPECT_EQ(value_of(project_->object(name)), small_tensors(1.5f));
}

TEST_F(ProjectObjects, ReplacesTheCheckpointOfTheSameKind) {
    const RunId run = value_of(project_->add_run({}));
    EXPECT_EQ(value_of(project_->checkpoint(run, "last")), std::nullopt);
    const std::string a = put(1), b = put(2);
    value_of(project_->put_checkpoint({run, "last", 10, 1, a, b}));
    value_of(project_->put_checkpoint({run, "best", 10, 1, a, ""}));
    value_of(project_->put_checkpoint({run, "last", 20, 2, b, a}));
    const auto last = *value_of(project_->checkpoint(run, "last"));
    EXPECT_EQ(last.step, 20);
    EXPECT_EQ(last.epoch, 2);
    EXPECT_EQ(last.weights, b);
    EXPECT_EQ(last.state, a);
    EXPECT_EQ(value_of(project_->checkpoint(run, "best"))->state, "");
}

TEST_F(ProjectObjects, RefusesACheckpointOfObjectsItDoesNotHave) {
    const RunId run = value_of(project_->add_run({}));
    EXPECT_FALSE(project_->put_checkpoint({run, "last", 10, 1, std::string(64, 'a'), ""}));
    EXPECT_FALSE(project_->put_checkpoint({run, "last", 10, 1, "", ""}));
}

TEST_F(ProjectObjects, KeptCheckpointsBeyondTheirRoomGoOldestFirst) {
    const RunId run = value_of(project_->add_run({})), other = value_of(project_->add_run({}));
    const std::string weights = put(1);
    const auto size = static_cast<std::int64_t>(fs::file_size(folder_ / "p/objects" / weights));
    for (const std::int64_t epoch : {8, 9, 10, 11}) {
        value_of(project_->put_checkpoint(
            {run, kept_kind(epoch), epoch, epoch, put(static_cast<float>(epoch)), ""}));
        value_of(project_->put_checkpoint({other, kept_kind(epoch), epoch, epoch, weights, ""}));
    }
    value_of(project_->put_checkpoint({run, "best", 1, 1, weights, ""}));
    value_of(project_->put_checkpoint({run, "last", 12, 12, weights, weights}));
    const auto kinds = [&](RunId of) {
        std::string text;
        for (const CheckpointRecord& each : value_of(project_->checkpoints(of)))
            text += each.kind + " ";
        return text;
    };
    value_of(project_->limit_kept(run, 2 * size));
    EXPECT_EQ(kinds(run), "best epoch-10 epoch-11 last ");
    value_of(project_->limit_kept(run, 2 * size - 1));
    EXPECT_EQ(kinds(run), "best epoch-11 last ");
    value_of(project_->limit_kept(run, 0));
    EXPECT_EQ(kinds(run), "best last ") << "these never go";
    EXPECT_EQ(kinds(other), "epoch-8 epoch-9 epoch-10 epoch-11 ");
    EXPECT_GT(value_of(project_->remove_orphans()), 0);
    EXPECT_TRUE(value_of(project_->verify()).empty());
}

TEST_F(ProjectObjects, RemovesOnlyWhatNothingNames) {
    RunRecord student;
    student.teacher_weights = put(1);
    const RunId teacher = value_of(project_->add_run({}));
    const RunId run = value_of(project_->add_run(student));
    const std::string weights = put(2), state = put(3), unused = put(4);
    value_of(project_->put_checkpoint({teacher, "last", 1, 1, student.teacher_weights, weights}));
    value_of(project_->put_checkpoint({run, "last", 1, 1, weights, state}));
    std::ofstream(folder_ / "p/objects/.limbeck-tmp-1-2") << "half";
    std::ofstream(folder_ / "p/objects" / std::string(64, 'f')) << "no row";
    std::ofstream(folder_ / "p/objects/notes.txt") << "mine";

    const auto size = static_cast<std::int64_t>(fs::file_size(folder_ / "p/objects" / unused));
    EXPECT_EQ(value_of(project_->remove_orphans()), size + 4 + 6);
    EXPECT_FALSE(there(unused));
    EXPECT_FALSE(there(".limbeck-tmp-1-2"));
    EXPECT_TRUE(there("notes.txt"));
    EXPECT_EQ(value_of(project_->remove_orphans()), 0);

    // The teacher's run goes; the student's run still needs the weights.
    value_of(project_->remove_run(teacher));
    EXPECT_EQ(value_of(project_->remove_orphans()), 0);
    EXPECT_EQ(value_of(project_->object(student.teacher_weights)), small_tensors(1));
    value_of(project_->remove_run(run));
    EXPECT_EQ(value_of(project_->remove_orphans()), 3 * size);
    EXPECT_FALSE(project_->object(student.teacher_weights));
    EXPECT_TRUE(value_of(project_->verify()).empty());
}

} // namespace
} // namespace limbeck
