// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>

#include "tests/backend/project/support.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;

/// Everything that can be read, as one error or none.
Result<void> read_all(const Project& project) {
    const auto check = [](const auto& result) {
        if (!result) throw result.error();
        return *result;
    };
    try {
        check(project.config());
        for (const RunRecord& run : check(project.runs())) {
            for (const std::string& series : check(project.series_of(run.id)))
                check(project.points(run.id, series));
            check(project.events(run.id));
            check(project.checkpoint(run.id, "last"));
            if (!run.teacher_weights.empty()) check(project.object(run.teacher_weights));
        }
    } catch (const Error& error) {
        return tl::unexpected<Error>(error);
    }
    return {};
}

struct Damage {
    std::string sql, table, row;
};

void PrintTo(const Damage& damage, std::ostream* stream) {
    *stream << damage.sql;
}

class ProjectDamageOf : public testing::TestWithParam<Damage> {};

TEST_P(ProjectDamageOf, IsNoticedInTheRowThatItIsIn) {
    const TemporaryFolder folder;
    fill_project(*value_of(Project::create(folder / "p", {})));
    run_sql(folder / "p", GetParam().sql);
    const auto project = value_of(Project::open(folder / "p", Project::Access::view));
    // Points are looked at when they are read, all other rows at the opening.
    std::string told;
    for (const Project::Finding& finding : project->damage())
        told += finding.where + ": " + finding.what + "\n";
    if (told.empty()) {
        const auto read = read_all(*project);
        ASSERT_FALSE(read) << "not noticed";
        EXPECT_EQ(read.error().kind, ErrorKind::document);
        told = error_of(read);
        EXPECT_NE(told.find("table \"" + GetParam().table + "\""), std::string::npos) << told;
    } else {
        EXPECT_NE(told.find("table " + GetParam().table + ", "), std::string::npos) << told;
    }
    EXPECT_NE(told.find(GetParam().row), std::string::npos) << told;
    const auto findings = value_of(project->verify());
    ASSERT_FALSE(findings.empty());
    EXPECT_NE(findings[0].where.find("table " + GetParam().table + ", row " + GetParam().row),
              std::string::npos)
        << findings[0].where;
}

INSTANTIATE_TEST_SUITE_P(
    EachTable, ProjectDamageOf,
    testing::Values(
        Damage{"UPDATE setting SET value=replace(value, '\"temperature\": 4', '\"temperature\": 5') "
               "WHERE name='configuration'",
               "setting", "name=configuration"},
        Damage{"UPDATE run SET name='x'", "run", "id=1"}, Damage{"UPDATE run SET seconds=0.0", "run", "id=1"},
        Damage{"UPDATE run SET parent=NULL", "run", "id=1"}, Damage{"UPDATE run SET id=2", "run", "id=2"},
        Damage{"UPDATE run SET crc=crc+1", "run", "id=1"},
        Damage{"UPDATE series SET last_step=last_step+1", "series", "run=1, name=train/loss"},
        Damage{"UPDATE metric_chunk SET data=CAST(substr(data,1,100)||x'ff'||substr(data,102) AS BLOB) WHERE "
               "chunk=0",
               "metric_chunk", "run=1, series=train/loss, chunk=0"},
        Damage{"UPDATE metric_chunk SET data=zeroblob(length(data)) WHERE chunk=1", "metric_chunk",
               "run=1, series=train/loss, chunk=1"},
        Damage{"UPDATE event SET to_value=5.0", "event", "run=1, id=1"},
        Damage{"UPDATE event SET to_value=NULL", "event", "run=1, id=1"},
        Damage{"UPDATE checkpoint SET step=step+1", "checkpoint", "run=1, kind=last"},
        Damage{"UPDATE run_stage SET stage=1", "run_stage", "run=1"},
        Damage{"UPDATE run_stage SET run=5", "run_stage", "run=5"},
        Damage{"UPDATE further_teacher SET teacher=8", "further_teacher", "run=1, position=1"},
        Damage{"UPDATE object SET bytes=bytes+1", "object", "sha256="}));

TEST(ProjectDamage, ChangesATemperatureFourToFiveInTheTestAbove) {
    const TemporaryFolder folder;
    fill_project(*value_of(Project::create(folder / "p", {})));
    EXPECT_NE(query(folder / "p",
                    "SELECT instr(value, '\"temperature\": 4') FROM setting WHERE name='configuration'"),
              "0");
}

TEST(ProjectDamage, IsNoticedWhenAChunkOfPointsIsLost) {
    for (const char* sql :
         {"DELETE FROM metric_chunk WHERE chunk=0", "DELETE FROM metric_chunk WHERE chunk=1",
          "UPDATE metric_chunk SET chunk=7 WHERE chunk=1"}) {
        const TemporaryFolder folder;
        fill_project(*value_of(Project::create(folder / "p", {})));
        run_sql(folder / "p", sql);
        const auto project = value_of(Project::open(folder / "p", Project::Access::view));
        EXPECT_FALSE(project->points(1, "train/loss")) << sql;
        EXPECT_FALSE(value_of(project->verify()).empty()) << sql;
    }
}

TEST(ProjectDamage, IsFoundByTheCheckWhenARunOrAnObjectIsLost) {
    const TemporaryFolder folder;
    fill_project(*value_of(Project::create(folder / "p", {})));
    EXPECT_TRUE(value_of(value_of(Project::open(folder / "p", Project::Access::view))->verify()).empty());
    run_sql(folder / "p", "DELETE FROM run");
    fs::remove_all(folder / "p/objects");
    const auto findings = value_of(value_of(Project::open(folder / "p", Project::Access::view))->verify());
    EXPECT_EQ(findings.size(), 7u); // six tables with rows of the lost run, one object
}

/// Opens a damaged copy of fill_project(): true if that or reading says so; else all must be as it was.
bool is_noticed(const fs::path& folder) {
    const auto project = Project::open(folder, Project::Access::view);
    if (!project || !(*project)->damage().empty() || !read_all(**project)) return true;
    EXPECT_EQ(value_of((*project)->config()), unusual_config());
    EXPECT_EQ(value_of((*project)->runs()).size(), 1u);
    EXPECT_EQ(value_of((*project)->run(1)).seconds, unusual_run().seconds);
    EXPECT_EQ(value_of((*project)->points(1, "train/loss")), points_of_steps(0, 1499));
    EXPECT_EQ(value_of((*project)->events(1)).size(), 1u);
    EXPECT_TRUE(value_of((*project)->checkpoint(1, "last")).has_value());
    return false;
}

TEST(ProjectDamage, IsNoticedOrChangesNothingWhereverABitFlips) {
    const TemporaryFolder folder;
    fill_project(*value_of(Project::create(folder / "p", unusual_config())));
    const std::string content = folder_content(folder / "p").at("project.limbeck");
    int noticed = 0;
    for (std::size_t i = 0; i < content.size() && !testing::Test::HasFailure(); i += 61) {
        SCOPED_TRACE("byte " + std::to_string(i));
        std::string flipped = content;
        flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 8)));
        std::ofstream(folder / "p/project.limbeck", std::ios::binary) << flipped;
        noticed += is_noticed(folder / "p");
    }
    EXPECT_GT(noticed, 200); // about a third of this small file is content, the rest is room on its pages
}

TEST(ProjectDamage, IsNoticedOrChangesNothingWhereverTheFileIsCut) {
    const TemporaryFolder folder;
    fill_project(*value_of(Project::create(folder / "p", unusual_config())));
    const std::string content = folder_content(folder / "p").at("project.limbeck");
    for (std::size_t length = 0; length < content.size(); length += length < 200 ? 1 : 509) {
        SCOPED_TRACE("cut to " + std::to_string(length));
        std::ofstream(folder / "p/project.limbeck", std::ios::binary) << content.substr(0, length);
        const bool noticed = is_noticed(folder / "p");
        // Only of the last page may some bytes be missing: those that hold nothing.
        EXPECT_TRUE(noticed || content.size() - length < 4096);
    }
}

} // namespace
} // namespace limbeck
