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
    EXPECT_EQ(file.substr(60, 4), std::string("\0\0\0\1", 4));
    EXPECT_EQ(file[18], 1) << "a closed project is not in WAL mode";
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
