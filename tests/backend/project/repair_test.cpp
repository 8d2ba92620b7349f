// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>

#include "backend/project/steps.h"
#include "tests/backend/project/support.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;

std::string words(const std::vector<Project::Finding>& findings) {
    std::string text;
    for (const auto& finding : findings)
        text += finding.where + ": " + finding.what + "\n";
    return text;
}

class ProjectRepair : public testing::Test {
  protected:
    void SetUp() override {
        const auto project = value_of(Project::create(folder_ / "p", unusual_config()));
        fill_project(*project);
        fill_project(*project);
        value_of(project->append_points(2, "train/hard", points_of_steps(0, 3099))); // four chunks
        for (int i = 0; i < 40; ++i)
            value_of(project->append_points(1, "train/" + std::to_string(i), points_of_steps(0, 30)));
    }

    std::unique_ptr<Project> view() { return value_of(Project::open(folder_ / "p", Project::Access::view)); }

    Project::RepairReport repair() { return value_of(Project::repair(folder_ / "p")); }

    std::string read() { return folder_content(folder_ / "p").at("project.limbeck"); }

    void write(const std::string& content) {
        std::ofstream(folder_ / "p/project.limbeck", std::ios::binary) << content;
    }

    void expect_whole() {
        const auto project = view();
        EXPECT_TRUE(project->damage().empty()) << words(project->damage());
        EXPECT_TRUE(value_of(project->verify()).empty()) << words(value_of(project->verify()));
        EXPECT_TRUE(Project::open(folder_ / "p", Project::Access::write));
    }

    TemporaryFolder folder_;
};

TEST_F(ProjectRepair, LeavesAWholeProjectAsItIs) {
    const auto before = folder_content(folder_ / "p");
    const auto report = repair();
    EXPECT_FALSE(report.changed);
    EXPECT_TRUE(report.rebuilt.empty()) << words(report.rebuilt);
    EXPECT_TRUE(report.lost.empty()) << words(report.lost);
    EXPECT_EQ(folder_content(folder_ / "p"), before);
}

TEST_F(ProjectRepair, PutsASingleFlippedBitRightInEveryKindOfRow) {
    const auto points = value_of(view()->points(2, "train/hard"));
    for (const char* sql :
         {"UPDATE run SET step=step+1 WHERE id=1", "UPDATE run SET name='U'||substr(name,2) WHERE id=1",
          "UPDATE run SET crc=crc+(CASE crc & 1 WHEN 1 THEN -1 ELSE 1 END) WHERE id=2",
          "UPDATE metric_chunk SET data=CAST(x'1D'||substr(data,2) AS BLOB) WHERE series='train/hard' AND "
          "chunk=3",
          "UPDATE checkpoint SET kind='mast' WHERE run=2",
          "UPDATE setting SET value=replace(value,'\"epochs\": 77','\"epochs\": 76')"}) {
        run_sql(folder_ / "p", sql);
        const auto report = repair();
        EXPECT_TRUE(report.lost.empty()) << sql << "\n" << words(report.lost);
        EXPECT_TRUE(report.changed) << sql;
        expect_whole();
    }
    EXPECT_EQ(value_of(view()->run(1)).step, unusual_run().step);
    EXPECT_EQ(value_of(view()->run(1)).name, unusual_run().name);
    EXPECT_EQ(value_of(view()->config()), unusual_config());
    EXPECT_TRUE(value_of(view()->checkpoint(2, "last")));
}

TEST_F(ProjectRepair, KeepsTheChunksAroundALostOneAndSaysWhichStepsAreLost) {
    run_sql(folder_ / "p", "UPDATE metric_chunk SET data=zeroblob(50) WHERE series='train/hard' AND chunk=1");
    const auto report = repair();
    EXPECT_NE(words(report.lost)
                  .find("run 2, curve train/hard: 1024 of 3100 points are lost: after step 1023 and before "
                        "step 2048"),
              std::string::npos)
        << words(report.lost);
    expect_whole();
    const auto points = value_of(view()->points(2, "train/hard"));
    ASSERT_EQ(points.size(), 2076u);
    EXPECT_EQ(points[1023].step, 1023);
    EXPECT_EQ(points[1024].step, 2048);
    EXPECT_EQ(value_of(view()->points(1, "train/loss")), points_of_steps(0, 1499));
}

TEST_F(ProjectRepair, CountsACurveAnewWhoseRowIsLost) {
    run_sql(folder_ / "p", "DELETE FROM series WHERE run=2 AND name='train/hard'");
    const auto report = repair();
    EXPECT_NE(words(report.rebuilt).find("its 3100 points were counted anew"), std::string::npos);
    expect_whole();
    EXPECT_EQ(value_of(view()->points(2, "train/hard")).size(), 3100u);
}

TEST_F(ProjectRepair, ShowsCurvesAndWeightsAgainOfARunWhoseRecordIsLost) {
    run_sql(folder_ / "p", "DELETE FROM run WHERE id=2; DELETE FROM setting WHERE name='next_run'");
    const auto report = repair();
    EXPECT_NE(words(report.lost).find("run 2: its record is lost"), std::string::npos) << words(report.lost);
    expect_whole();
    const RunRecord run = value_of(view()->run(2));
    EXPECT_EQ(run.state, RunState::failed);
    EXPECT_NE(run.error.find("was lost"), std::string::npos);
    EXPECT_EQ(value_of(view()->points(2, "train/loss")), points_of_steps(0, 1499));
    EXPECT_TRUE(value_of(view()->checkpoint(2, "last")));
    EXPECT_EQ(value_of(value_of(Project::open(folder_ / "p", Project::Access::write))->add_run(run)), 3);
}

TEST_F(ProjectRepair, TakesTheConfigurationOfTheLastRunWhenItsOwnIsLost) {
    run_sql(folder_ / "p", "UPDATE setting SET value='' WHERE name='configuration'");
    EXPECT_NE(words(repair().lost).find("it is that of run 2 now"), std::string::npos);
    expect_whole();
    EXPECT_EQ(value_of(view()->config()), unusual_config());
}

TEST_F(ProjectRepair, LetsObjectsCountAgainWhoseRowIsLostAndNamesThoseThatAreMissing) {
    run_sql(folder_ / "p", "DELETE FROM object");
    EXPECT_NE(words(repair().rebuilt).find("is whole and counts again"), std::string::npos);
    expect_whole();
    EXPECT_EQ(value_of(view()->object(value_of(view()->checkpoint(1, "last"))->weights)), small_tensors(1));
    fs::remove_all(folder_ / "p/objects");
    EXPECT_NE(words(repair().lost).find("is missing; copied back there it counts again"), std::string::npos);
}

TEST_F(ProjectRepair, SetsRunsThatWereLeftRunningToInterrupted) {
    {
        const auto project = value_of(Project::open(folder_ / "p", Project::Access::write));
        RunRecord run = value_of(project->run(1));
        run.state = RunState::running;
        value_of(project->update_run(run));
    }
    EXPECT_TRUE(repair().changed);
    EXPECT_EQ(query(folder_ / "p", "SELECT state FROM run WHERE id=1"), "interrupted");
}

TEST_F(ProjectRepair, ReadsPageByPageWhatSQLiteCannotReach) {
    std::string content = read();
    // The uppermost page of the largest tree: without it SQLite reaches nothing of that table.
    const int root =
        std::stoi(query(folder_ / "p", "SELECT rootpage FROM sqlite_schema WHERE name='metric_chunk'"));
    const std::size_t at = static_cast<std::size_t>(root - 1) * 4096;
    ASSERT_EQ(content[at], 2) << "a page with others below it";
    content[at] = 0x7F;
    write(content);
    {
        const auto damaged = view();
        EXPECT_FALSE(damaged->damage().empty());
        EXPECT_EQ(value_of(damaged->runs()).size(), 2u);
        int curves = 0;
        for (int i = 0; i < 40; ++i)
            curves += damaged->points(1, "train/" + std::to_string(i)).has_value();
        EXPECT_GT(curves, 30) << "all but those on the page itself";
    }
    const auto report = repair();
    expect_whole();
    EXPECT_EQ(folder_content(folder_ / "p").at(report.kept.filename()), content);
    EXPECT_EQ(value_of(view()->runs()).size(), 2u);
}

TEST_F(ProjectRepair, ReadsTheLogThatAKilledWriterLeftAndKeepsItWithTheOldDatabase) {
    Child writer([&](const Child::Wait& ready_and_wait) {
        const auto project = value_of(Project::open(folder_ / "p", Project::Access::write));
        value_of(project->append_points(1, "train/loss", points_of_steps(1500, 1700)));
        ready_and_wait();
        return true;
    });
    writer.wait_until_ready();
    writer.kill();
    std::string content = read();
    content[2] = 'X'; // "SQLite format 3"
    write(content);
    const auto report = repair();
    EXPECT_TRUE(report.lost.empty()) << words(report.lost);
    expect_whole();
    EXPECT_EQ(value_of(view()->points(1, "train/loss")), points_of_steps(0, 1700));
    EXPECT_TRUE(fs::exists(report.kept.string() + "-wal"));
    EXPECT_FALSE(fs::exists(folder_ / "p/project.limbeck-wal"));
}

TEST_F(ProjectRepair, DoesNotTouchWhatANewerLimbeckWroteOrSomebodyWrites) {
    {
        const auto writer = value_of(Project::open(folder_ / "p", Project::Access::write));
        EXPECT_NE(error_of(Project::repair(folder_ / "p")).find("is being written by"), std::string::npos);
    }
    run_sql(folder_ / "p", "PRAGMA user_version=3");
    const auto before = folder_content(folder_ / "p");
    EXPECT_NE(error_of(Project::repair(folder_ / "p")).find("newer Limbeck"), std::string::npos);
    EXPECT_EQ(folder_content(folder_ / "p"), before);
}

TEST_F(ProjectRepair, LeavesAFileAloneInWhichNothingIsLimbecks) {
    write(std::string(20000, 'x'));
    const auto before = folder_content(folder_ / "p");
    EXPECT_NE(error_of(Project::repair(folder_ / "p")).find("nothing can be built"), std::string::npos);
    EXPECT_EQ(folder_content(folder_ / "p"), before);
}

/// Runs `work` in a process that is killed before the step with that number; false when there was none.
bool killed_at(int step, const std::function<void()>& work) {
    Child child([&](const Child::Wait& ready_and_wait) {
        int steps = 0;
        before_step() = [&](std::string_view) {
            if (steps++ != step) return;
            ready_and_wait(); // and is killed there
        };
        work();
        std::_Exit(0);
        return true;
    });
    const bool there = child.is_ready();
    child.kill();
    return there;
}

TEST_F(ProjectRepair, LeavesAReadableProjectAndTheOldDatabaseWhereverItIsKilled) {
    run_sql(folder_ / "p", "UPDATE run SET step=step+1 WHERE id=1");
    const auto damaged = folder_content(folder_ / "p");
    int step = 0;
    for (; killed_at(step, [&] { (void)Project::repair(folder_ / "p"); }); ++step) {
        SCOPED_TRACE("step " + std::to_string(step));
        EXPECT_FALSE(value_of(view()->runs()).empty());
        int kept = 0;
        for (const auto& [name, content] : folder_content(folder_ / "p"))
            kept += content == damaged.at("project.limbeck");
        EXPECT_GE(kept, 1);
        value_of(Project::repair(folder_ / "p"));
        EXPECT_EQ(value_of(view()->runs()).size(), 2u);
        expect_whole();
        fs::remove_all(folder_ / "p");
        fs::create_directory(folder_ / "p");
        fs::create_directory(folder_ / "p/objects");
        for (const auto& [name, content] : damaged)
            if (content != "(folder)") std::ofstream(folder_ / "p" / name, std::ios::binary) << content;
    }
    EXPECT_GE(step, 4);
}

TEST_F(ProjectRepair, MigratesOnACopyAndKeepsTheOldFileWhereverItIsKilled) {
    run_sql(folder_ / "p", "DROP TABLE run_stage; DROP TABLE further_teacher; PRAGMA user_version=1");
    const auto old = folder_content(folder_ / "p");
    int step = 0;
    for (; killed_at(step, [&] { (void)Project::open(folder_ / "p", Project::Access::write); }); ++step) {
        SCOPED_TRACE("step " + std::to_string(step));
        EXPECT_EQ(value_of(view()->runs()).size(), 2u) << "readable in either format";
        const auto now = folder_content(folder_ / "p");
        const bool migrated = now.at("project.limbeck") != old.at("project.limbeck");
        if (const auto kept = now.find("project.format-1.limbeck"); kept != now.end()) {
            EXPECT_EQ(kept->second, old.at("project.limbeck")) << "whole from the first moment";
        } else {
            EXPECT_FALSE(migrated) << "the old one goes only after it has its second name";
        }
        value_of(Project::open(folder_ / "p", Project::Access::write));
        expect_whole();
        EXPECT_EQ(folder_content(folder_ / "p").at("project.format-1.limbeck"), old.at("project.limbeck"));
        EXPECT_FALSE(fs::exists(folder_ / "p/project.format-1-2.limbeck")) << "one copy is enough";
        EXPECT_EQ(query(folder_ / "p", "PRAGMA user_version"), "2");
        fs::remove_all(folder_ / "p");
        fs::create_directory(folder_ / "p");
        fs::create_directory(folder_ / "p/objects");
        for (const auto& [name, content] : old)
            if (content != "(folder)") std::ofstream(folder_ / "p" / name, std::ios::binary) << content;
    }
    EXPECT_GE(step, 6);
}

} // namespace
} // namespace limbeck
