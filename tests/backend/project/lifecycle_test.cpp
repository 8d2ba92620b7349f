// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>

#include "tests/backend/project/support.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;
using testing::Test;

TEST(ProjectLifecycle, GivesBackTheConfigurationItWasMadeWith) {
    const TemporaryFolder folder;
    value_of(Project::create(folder / "p", unusual_config()));
    const auto project = value_of(Project::open(folder / "p", Project::Access::view));
    EXPECT_EQ(value_of(project->config()), unusual_config());
    EXPECT_EQ(project->folder(), folder / "p");
    EXPECT_EQ(project->access(), Project::Access::view);
}

TEST(ProjectLifecycle, KeepsASavedConfiguration) {
    const TemporaryFolder folder;
    value_of(value_of(Project::create(folder / "p", {}))->save_config(unusual_config()));
    EXPECT_EQ(value_of(value_of(Project::open(folder / "p", Project::Access::write))->config()),
              unusual_config());
}

TEST(ProjectLifecycle, IsOneFileAndAFolderOfObjectsWhenClosed) {
    const TemporaryFolder folder;
    {
        const auto project = value_of(Project::create(folder / "p", {}));
        fill_project(*project);
        EXPECT_TRUE(fs::exists(folder / "p/project.limbeck-wal"));
    }
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder / "p"))
        names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names, (std::vector<std::string>{"objects", "project.json", "project.limbeck"}));
}

TEST(ProjectLifecycle, GivesTheRoomOfItsLogBackWhenAskedTo) {
    const TemporaryFolder folder;
    const auto project = value_of(Project::create(folder / "p", {}));
    fill_project(*project);
    ASSERT_GT(fs::file_size(folder / "p/project.limbeck-wal"), 0U);
    const auto runs = value_of(project->runs());
    project->give_back_log();
    EXPECT_EQ(fs::file_size(folder / "p/project.limbeck-wal"), 0U);
    EXPECT_EQ(value_of(project->runs()), runs);
}

TEST(ProjectLifecycle, OpensByItsFileAsWellAsByItsFolder) {
    const TemporaryFolder folder;
    value_of(Project::create(folder / "p", {}));
    for (const char* way : {"p", "p/", "p/project.limbeck", "./p/../p"})
        EXPECT_EQ(value_of(Project::open(folder / way, Project::Access::view))->folder(), folder / "p")
            << way;
}

TEST(ProjectLifecycle, IsMadeInFoldersThatDoNotExistYetAndInEmptyOnes) {
    const TemporaryFolder folder;
    value_of(Project::create(folder / "a/b/c", {}));
    fs::create_directory(folder / "empty");
    value_of(Project::create(folder / "empty", {}));
    EXPECT_TRUE(fs::exists(folder / "a/b/c/project.limbeck"));
    EXPECT_TRUE(fs::exists(folder / "empty/project.limbeck"));
}

TEST(ProjectLifecycle, IsNotMadeWhereThereIsSomethingAlready) {
    const TemporaryFolder folder;
    value_of(Project::create(folder / "p", {}));
    const auto before = folder_content(folder.path());
    EXPECT_NE(error_of(Project::create(folder / "p", {})).find("not empty"), std::string::npos);
    EXPECT_NE(error_of(Project::create(folder / "p/project.limbeck", {})).find("is a file"),
              std::string::npos);
    EXPECT_EQ(folder_content(folder.path()), before);
}

TEST(ProjectLifecycle, WorksInFoldersWhoseNamesAreNoUtf8OrLookLikeUris) {
    const TemporaryFolder folder;
    for (const std::string name : {"caf\xE9 \xFF", "file:x?mode=ro#%41", "日本", "a%20b"}) {
        {
            const auto project = value_of(Project::create(folder / name, unusual_config()));
            fill_project(*project);
        }
        const auto project = value_of(Project::open(folder / name, Project::Access::view));
        EXPECT_EQ(value_of(project->runs()).size(), 1u) << name;
        EXPECT_TRUE(value_of(project->verify()).empty()) << name;
    }
}

TEST(ProjectLifecycle, NamesStrangePathsInErrorsAsReadableText) {
    const auto refused = Project::open("/nowhere/caf\xE9", Project::Access::view);
    EXPECT_NE(error_of(refused).find("\"/nowhere/caf\\xe9\""), std::string::npos) << error_of(refused);
}

TEST(ProjectLifecycle, SaysWhenThereIsNoProject) {
    const TemporaryFolder folder;
    EXPECT_NE(error_of(Project::open(folder / "none", Project::Access::view)).find("nothing by that name"),
              std::string::npos);
    EXPECT_NE(error_of(Project::open(folder.path(), Project::Access::write)).find("no file project.limbeck"),
              std::string::npos);
}

TEST(ProjectLifecycle, RefusesFilesThatAreNoProjectAndLeavesThemAlone) {
    const TemporaryFolder folder;
    fs::create_directory(folder / "p");
    const auto refuse = [&](const std::string& content, const std::string& words) {
        std::ofstream(folder / "p/project.limbeck", std::ios::binary) << content;
        for (const auto access : {Project::Access::view, Project::Access::write}) {
            const auto opened = Project::open(folder / "p", access);
            EXPECT_NE(error_of(opened).find(words), std::string::npos) << error_of(opened);
            EXPECT_EQ(opened.error().kind, ErrorKind::document);
        }
        EXPECT_EQ(folder_content(folder / "p"),
                  (std::map<std::string, std::string>{{"project.limbeck", content}}));
    };
    refuse("", "cut short or empty");
    refuse(std::string(5000, 'x'), "not an SQLite database");
    refuse(std::string("SQLite format 3\0", 16) + std::string(5000, '\0'), "of another program");
}

TEST(ProjectLifecycle, RefusesTheFormatOfANewerLimbeckNamingBothVersionsAndChangesNothing) {
    const TemporaryFolder folder;
    value_of(Project::create(folder / "p", {}));
    run_sql(folder / "p", "PRAGMA user_version=7");
    const auto before = folder_content(folder / "p");
    for (const auto access : {Project::Access::view, Project::Access::write}) {
        const auto opened = Project::open(folder / "p", access);
        EXPECT_NE(error_of(opened).find("newer Limbeck"), std::string::npos) << error_of(opened);
        EXPECT_NE(error_of(opened).find("format 7"), std::string::npos);
        EXPECT_NE(error_of(opened).find("knows format 2"), std::string::npos);
    }
    EXPECT_EQ(folder_content(folder / "p"), before);
}

TEST(ProjectLifecycle, RefusesViewsTriggersAndForeignTables) {
    for (const char* sql : {"CREATE VIEW v AS SELECT * FROM run",
                            "CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM event; END",
                            "CREATE TABLE other (x)", "CREATE INDEX i ON run (name)", "DROP TABLE event"}) {
        const TemporaryFolder folder;
        value_of(Project::create(folder / "p", {}));
        run_sql(folder / "p", sql);
        for (const auto access : {Project::Access::view, Project::Access::write})
            EXPECT_NE(error_of(Project::open(folder / "p", access)).find("tables are not those"),
                      std::string::npos)
                << sql;
    }
}

TEST(ProjectLifecycle, WritesSeveralThingsAsOneOrNotAtAll) {
    const TemporaryFolder folder;
    const auto project = value_of(Project::create(folder / "p", {}));
    const auto failed = project->transaction([&]() -> Result<void> {
        value_of(project->add_run(unusual_run()));
        return failure(ErrorKind::cancelled, "changed my mind");
    });
    EXPECT_EQ(error_of(failed), "changed my mind");
    EXPECT_EQ(failed.error().kind, ErrorKind::cancelled);
    EXPECT_TRUE(value_of(project->runs()).empty());
    const auto done = project->transaction([&]() -> Result<void> {
        value_of(project->add_run(unusual_run()));
        // A part that fails is undone by itself; the rest goes on.
        EXPECT_FALSE(project->append_points(99, "train/loss", points_of_steps(0, 3)));
        return {};
    });
    EXPECT_TRUE(done) << error_of(done);
    EXPECT_EQ(value_of(project->runs()).size(), 1u);
}

TEST(ProjectLifecycle, DoesNotWriteThroughAViewer) {
    const TemporaryFolder folder;
    value_of(Project::create(folder / "p", {}));
    const auto viewer = value_of(Project::open(folder / "p", Project::Access::view));
    EXPECT_NE(error_of(viewer->save_config({})).find("viewing only"), std::string::npos);
    EXPECT_FALSE(viewer->add_run({}));
    EXPECT_FALSE(viewer->put_object(small_tensors(1)));
    EXPECT_FALSE(viewer->remove_orphans());
    EXPECT_FALSE(viewer->transaction([]() -> Result<void> { return {}; }));
}

} // namespace
} // namespace limbeck
