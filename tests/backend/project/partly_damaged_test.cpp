// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>

#include "tests/backend/project/support.h"

// What of a damaged project still opens, and what is refused.
namespace limbeck {
namespace {

namespace fs = std::filesystem;

/// Three runs with all there is; the second has two curves.
class PartlyDamaged : public testing::Test {
  protected:
    void SetUp() override {
        const auto project = value_of(Project::create(folder_ / "p", unusual_config()));
        for (int i = 0; i < 3; ++i)
            fill_project(*project);
        value_of(project->append_points(2, "validation/accuracy", points_of_steps(0, 9)));
    }

    std::unique_ptr<Project> view() { return value_of(Project::open(folder_ / "p", Project::Access::view)); }

    std::vector<RunId> ids(const Project& project) {
        std::vector<RunId> list;
        for (const RunRecord& run : value_of(project.runs()))
            list.push_back(run.id);
        return list;
    }

    static std::string words(const std::vector<Project::Finding>& findings) {
        std::string text;
        for (const auto& finding : findings)
            text += finding.where + ": " + finding.what + "\n";
        return text;
    }

    void expect_told(const Project& project, const std::string& part) {
        EXPECT_NE(words(project.damage()).find(part), std::string::npos) << words(project.damage());
    }

    /// Fills pages that hold a text with 'x', behind SQLite's back.
    int overwrite_pages_with(const std::string& text, std::size_t from = 0) {
        const fs::path file = folder_ / "p/project.limbeck";
        std::string content = folder_content(folder_ / "p").at("project.limbeck");
        int pages = 0;
        for (std::size_t page = 4096; page < content.size(); page += 4096)
            if (content.substr(page, 4096).find(text) != std::string::npos) {
                content.replace(page + from, 4096 - from, std::string(4096 - from, 'x'));
                ++pages;
            }
        std::ofstream(file, std::ios::binary) << content;
        return pages;
    }

    TemporaryFolder folder_;
};

TEST_F(PartlyDamaged, ShowsTheOtherRunsWhenOneIsDamaged) {
    run_sql(folder_ / "p", "UPDATE run SET name='y' WHERE id=2");
    const auto project = view();
    EXPECT_EQ(ids(*project), (std::vector<RunId>{1, 3}));
    expect_told(*project, "table run, row id=2: does not fit its check sum: run 2 is left out");
    EXPECT_FALSE(project->run(2));
    EXPECT_EQ(value_of(project->points(3, "train/loss")), points_of_steps(0, 1499));
}

TEST_F(PartlyDamaged, FindsTheRunThatADamagedNumberBelongsTo) {
    run_sql(folder_ / "p", "UPDATE run_stage SET run=700 WHERE run=3");
    EXPECT_EQ(ids(*view()), (std::vector<RunId>{1, 2})) << "without its stage the third would be another run";
    expect_told(*view(), "run 3 is left out");
}

TEST_F(PartlyDamaged, LosesOfACurveThatOneOnly) {
    run_sql(folder_ / "p", "UPDATE series SET points=points+1 WHERE run=2 AND name='train/loss'");
    run_sql(folder_ / "p", "UPDATE metric_chunk SET data=zeroblob(length(data)) WHERE run=3 AND chunk=1");
    const auto project = view();
    EXPECT_EQ(ids(*project), (std::vector<RunId>{1, 2, 3}));
    EXPECT_EQ(value_of(project->series_of(2)), (std::vector<std::string>{"validation/accuracy"}));
    EXPECT_FALSE(project->points(2, "train/loss"));
    EXPECT_EQ(value_of(project->points(2, "validation/accuracy")), points_of_steps(0, 9));
    EXPECT_EQ(value_of(project->points(1, "train/loss")), points_of_steps(0, 1499));
    EXPECT_FALSE(project->points(3, "train/loss"));
    expect_told(*project, "the curve train/loss of run 2 is left out");
}

TEST_F(PartlyDamaged, LosesOfChangesAndWeightsThoseOfOneRunOnly) {
    run_sql(folder_ / "p", "UPDATE event SET to_value=77.0 WHERE run=1");
    run_sql(folder_ / "p", "UPDATE checkpoint SET epoch=epoch+1 WHERE run=2");
    const auto project = view();
    EXPECT_FALSE(project->events(1));
    EXPECT_EQ(value_of(project->events(2)).size(), 1u);
    EXPECT_FALSE(project->checkpoint(2, "last"));
    EXPECT_TRUE(value_of(project->checkpoint(1, "last")));
    EXPECT_FALSE(value_of(project->checkpoint(2, "best"))) << "there was none";
}

TEST_F(PartlyDamaged, ListsItsRunsWithoutAConfiguration) {
    run_sql(folder_ / "p", "UPDATE setting SET value='{}' WHERE name='configuration'");
    const auto project = view();
    EXPECT_FALSE(project->config());
    EXPECT_EQ(ids(*project).size(), 3u);
    expect_told(*project, "the configuration cannot be read");
    const auto refused = Project::open(folder_ / "p", Project::Access::write);
    EXPECT_NE(error_of(refused).find("Open it for viewing"), std::string::npos) << error_of(refused);
    EXPECT_NE(error_of(refused).find("check --repair"), std::string::npos) << error_of(refused);
}

TEST_F(PartlyDamaged, OpensWithAllThatIsNotOnDamagedPages) {
    const int pages = overwrite_pages_with("distillation.temperature"); // events
    ASSERT_GE(pages, 1);
    const auto before = folder_content(folder_ / "p");
    {
        const auto project = view();
        EXPECT_FALSE(project->damage().empty());
        EXPECT_FALSE(value_of(project->verify()).empty());
        for (const RunId run : ids(*project)) {
            EXPECT_EQ(value_of(project->points(run, "train/loss")), points_of_steps(0, 1499));
            EXPECT_TRUE(value_of(project->checkpoint(run, "last")));
        }
        EXPECT_EQ(value_of(project->object(value_of(project->checkpoint(1, "last"))->weights)),
                  small_tensors(1));
    }
    const auto refused = Project::open(folder_ / "p", Project::Access::write);
    EXPECT_NE(error_of(refused).find("cannot be opened for writing"), std::string::npos) << error_of(refused);
    EXPECT_NE(error_of(refused).find("check --repair"), std::string::npos) << error_of(refused);
    EXPECT_EQ(folder_content(folder_ / "p"), before) << "neither a viewer nor a refusal changes a byte";
}

TEST_F(PartlyDamaged, OpensWithTheChunksOnWholePages) {
    // The front of a page of points: what SQLite reads first of it.
    std::string content = folder_content(folder_ / "p").at("project.limbeck");
    int broken = 0;
    for (std::size_t page = 4096 * 3; page < content.size() && broken < 1; page += 4096)
        if (content[page] == 0x0A && content.substr(page, 4096).find("train/loss") != std::string::npos) {
            content[page] = 0x0B;
            ++broken;
        }
    ASSERT_EQ(broken, 1);
    std::ofstream(folder_ / "p/project.limbeck", std::ios::binary) << content;
    const auto project = view();
    EXPECT_FALSE(project->damage().empty());
    EXPECT_EQ(ids(*project).size(), 3u);
}

TEST_F(PartlyDamaged, NeverReplacesOrRemovesADamagedRow) {
    run_sql(folder_ / "p", "UPDATE event SET to_value=77.0 WHERE run=1; UPDATE run SET name='y' WHERE id=3;"
                           "UPDATE checkpoint SET epoch=epoch+1 WHERE run=2");
    const std::string rows =
        "SELECT group_concat(crc) FROM (SELECT crc FROM event WHERE run=1 UNION ALL SELECT crc "
        "FROM run WHERE id=3 UNION ALL SELECT crc FROM checkpoint WHERE run=2)";
    const std::string before = query(folder_ / "p", rows);
    {
        const auto project = value_of(Project::open(folder_ / "p", Project::Access::write));
        EXPECT_EQ(project->damage().size(), 3u);
        RunRecord third = unusual_run();
        third.id = 3;
        EXPECT_FALSE(project->update_run(third));
        EXPECT_FALSE(project->truncate_points(1, 3));
        EXPECT_FALSE(project->remove_run(1));
        EXPECT_FALSE(project->remove_run(3));
        EXPECT_FALSE(project->put_checkpoint(
            {2, "last", 1, 1, value_of(project->checkpoint(1, "last"))->weights, {}}));
        EXPECT_EQ(value_of(project->remove_orphans()), 0);
        // The rest is written as ever.
        const RunId fresh = value_of(project->add_run(unusual_run()));
        EXPECT_EQ(fresh, 4);
        value_of(project->append_points(1, "train/loss", points_of_steps(1500, 1600)));
        value_of(project->add_event({0, fresh, 5, "distillation.temperature", 4, 2, ""}));
        EXPECT_EQ(value_of(project->events(fresh)).size(), 1u);
    }
    EXPECT_EQ(query(folder_ / "p", rows), before);
    EXPECT_EQ(value_of(view()->points(1, "train/loss")).size(), 1601u);
}

TEST_F(PartlyDamaged, IsRefusedForWritingWhenRowsAreOutOfOrder) {
    run_sql(folder_ / "p", "UPDATE run SET id=9 WHERE id=3"); // in order still
    EXPECT_TRUE(Project::open(folder_ / "p", Project::Access::write));
    std::string content = folder_content(folder_ / "p").at("project.limbeck");
    const std::size_t at = content.find("event 2"); // none: the byte is found by its neighbours below
    EXPECT_EQ(at, std::string::npos);
    const std::string key = "\x02\x02\x05"
                            "distillation.temperature"; // run 2, event 2, step 5
    const std::size_t found = content.find(key);
    ASSERT_NE(found, std::string::npos);
    content[found] = 0x42; // run 66, between runs 1 and 3
    std::ofstream(folder_ / "p/project.limbeck", std::ios::binary) << content;
    EXPECT_NE(
        error_of(Project::open(folder_ / "p", Project::Access::write)).find("cannot be opened for writing"),
        std::string::npos);
    const auto project = view();
    EXPECT_FALSE(project->events(2)) << "it is his, says its check sum";
    EXPECT_EQ(value_of(project->events(1)).size(), 1u);
    EXPECT_EQ(value_of(project->events(3)).size(), 1u);
}

TEST_F(PartlyDamaged, TellsOfADamagedRowWhoseNumberIsThatOfAnotherRun) {
    const std::string object = value_of(view()->checkpoint(1, "last"))->weights;
    std::string content = folder_content(folder_ / "p").at("project.limbeck");
    const std::size_t at = content.find("\x02\x07" + object); // the further teacher (7) of run 2
    ASSERT_NE(at, std::string::npos);
    content[at] = 3; // which run 3 has too
    std::ofstream(folder_ / "p/project.limbeck", std::ios::binary) << content;
    EXPECT_EQ(ids(*view()), (std::vector<RunId>{1, 3})) << "without that teacher run 2 would be another one";
    expect_told(*view(), "run 2 is left out");
}

TEST_F(PartlyDamaged, IsRefusedInWordsWhenItsHeaderIsDamaged) {
    const std::string content = folder_content(folder_ / "p").at("project.limbeck");

    struct Case {
        std::size_t at;
        char value;
        const char* words;
    };

    for (const Case& one : {Case{0, 'X', "not an SQLite database"}, Case{16, 0x20, ""},
                            Case{16, 0x00, "how it is laid out"}, Case{18, 9, "how it is laid out"},
                            Case{21, 0, "how it is laid out"}, Case{57, 1, "how it is laid out"},
                            Case{60, 1, "newer Limbeck"}, Case{68, 'X', "of another program"}}) {
        std::string broken = content;
        broken[one.at] = one.value;
        std::ofstream(folder_ / "p/project.limbeck", std::ios::binary) << broken;
        for (const auto access : {Project::Access::view, Project::Access::write}) {
            const auto opened = Project::open(folder_ / "p", access);
            if (*one.words == 0) continue; // another size of pages: SQLite tells
            EXPECT_NE(error_of(opened).find(one.words), std::string::npos) << error_of(opened);
            EXPECT_NE(error_of(opened).find("check --repair"), std::string::npos) << error_of(opened);
        }
        EXPECT_EQ(folder_content(folder_ / "p").at("project.limbeck"), broken);
        const auto report = value_of(Project::repair(folder_ / "p"));
        EXPECT_TRUE(report.changed);
        EXPECT_TRUE(report.lost.empty()) << words(report.lost);
        EXPECT_EQ(ids(*view()).size(), 3u);
        EXPECT_EQ(folder_content(folder_ / "p").at(report.kept.filename()), broken) << "the old one is kept";
        fs::remove(report.kept);
    }
}

TEST_F(PartlyDamaged, TellsOfADamagedLogThatSQLiteIsSilentAbout) {
    Child writer([&](const Child::Wait& ready_and_wait) {
        const auto project = value_of(Project::open(folder_ / "p", Project::Access::write));
        for (int i = 0; i < 5; ++i)
            value_of(project->append_points(1, "train/loss", points_of_steps(1500 + i, 1500 + i)));
        ready_and_wait();
        return true;
    });
    writer.wait_until_ready();
    writer.kill();
    EXPECT_TRUE(view()->damage().empty()) << words(view()->damage());
    std::string log = folder_content(folder_ / "p").at("project.limbeck-wal");
    log[32 + 24 + 100] ^= 4; // the first frame's page: SQLite reads nothing of the log then
    std::ofstream(folder_ / "p/project.limbeck-wal", std::ios::binary) << log;
    expect_told(*view(), "frames of its log project.limbeck-wal are damaged");
    EXPECT_EQ(value_of(view()->points(1, "train/loss")).size(), 1500u);
    // The writer goes on without what is lost, and keeps the log for who can read more of it.
    value_of(Project::open(folder_ / "p", Project::Access::write));
    std::string kept;
    for (const auto& [name, content] : folder_content(folder_ / "p"))
        if (name.ends_with(".limbeck-wal") && content == log) kept = name;
    EXPECT_TRUE(kept.starts_with("project.damaged-")) << kept;
}

} // namespace
} // namespace limbeck
