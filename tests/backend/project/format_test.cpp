// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/backend/project/support.h"

// What docs/format.md promises to other programs, in numbers that were worked out by hand.
namespace limbeck {
namespace {

class ProjectFormat : public testing::Test {
  protected:
    void SetUp() override { project_ = value_of(Project::create(folder_ / "p", {})); }

    std::string ask(const std::string& sql) {
        project_.reset();
        return query(folder_ / "p", sql);
    }

    TemporaryFolder folder_;
    std::unique_ptr<Project> project_;
};

TEST_F(ProjectFormat, HasItsNumbersInTheHeaderOfTheFile) {
    project_.reset();
    const std::string file = folder_content(folder_ / "p").at("project.limbeck");
    EXPECT_EQ(file.substr(0, 16), std::string("SQLite format 3\0", 16));
    EXPECT_EQ(file.substr(68, 4), "LMBK");
    EXPECT_EQ(file.substr(60, 4), std::string("\0\0\0\2", 4));
    EXPECT_EQ(file[18], 1) << "a closed project is not in WAL mode";
}

TEST_F(ProjectFormat, OpensAFileOfTheFirstFormatAndBringsItToThisOne) {
    const RunId run = value_of(project_->add_run({}));
    project_.reset();
    const std::string back = "DROP TABLE run_stage; DROP TABLE further_teacher; PRAGMA user_version=1";
    run_sql(folder_ / "p", back);
    const std::string before = folder_content(folder_ / "p").at("project.limbeck");
    {
        const auto viewed = value_of(Project::open(folder_ / "p", Project::Access::view));
        EXPECT_EQ(value_of(viewed->run(run)).stage, 0);
        EXPECT_EQ(value_of(viewed->runs()).size(), 1u);
        EXPECT_TRUE(value_of(viewed->verify()).empty());
    }
    EXPECT_EQ(folder_content(folder_ / "p").at("project.limbeck"), before) << "a viewer changes nothing";

    project_ = value_of(Project::open(folder_ / "p", Project::Access::write));
    RunRecord record = value_of(project_->run(run));
    record.stage = 3;
    record.more_teachers = {{9, ""}, {std::nullopt, ""}};
    value_of(project_->update_run(record));
    EXPECT_EQ(value_of(project_->run(run)).stage, 3);
    EXPECT_EQ(value_of(project_->run(run)).more_teachers, record.more_teachers);
    value_of(project_->remove_run(run));
    EXPECT_TRUE(value_of(project_->verify()).empty());
    EXPECT_EQ(ask("SELECT count(*) FROM run_stage"), "0");
    EXPECT_EQ(ask("PRAGMA user_version"), "2");

    run_sql(folder_ / "p", "DROP TABLE run_stage"); // and one that says 2 must have all of it
    EXPECT_FALSE(Project::open(folder_ / "p", Project::Access::view));
}

TEST_F(ProjectFormat, SumsUpTheExampleRowAsThePageSays) {
    EXPECT_EQ(ask("SELECT value || ' ' || crc FROM setting WHERE name='next_run'"), "1 2370733265");
}

TEST_F(ProjectFormat, LaysOutPointsAsThePageSays) {
    const RunId run = value_of(project_->add_run({}));
    value_of(project_->append_points(run, "a", std::vector<MetricPoint>{{3, 1, 1, 1}, {5, 2, 2, 2}}));
    value_of(project_->append_points(run, "b", std::vector<MetricPoint>{{3, 1, 0, 2}}));
    EXPECT_EQ(ask("SELECT hex(data) || ' ' FROM metric_chunk ORDER BY series"),
              "0200000003000000"
              "03000000000000000200000000000000"
              "000000000000F03F0000000000000040 "
              "0100000001000000"
              "03000000000000000000000000000000"
              "000000000000F03F0000000000000040 ");
}

} // namespace
} // namespace limbeck
