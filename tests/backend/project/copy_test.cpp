// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>

#include "tests/backend/project/support.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;

/// All that a project says, row by row.
std::string dump(const fs::path& folder) {
    std::string text;
    for (const char* table : {"setting", "run", "series", "metric_chunk", "event", "object", "checkpoint"}) {
        const std::string columns =
            query(folder,
                  std::string("SELECT group_concat('quote(' || name || ')', '||') FROM pragma_table_info('") +
                      table + "')");
        text += query(folder, "SELECT " + columns + " FROM " + table);
    }
    return text;
}

TEST(ProjectCopy, EqualsTheOriginalWhileThatOneIsBeingWritten) {
    const TemporaryFolder folder;
    const auto project = value_of(Project::create(folder / "p", unusual_config()));
    fill_project(*project);
    std::vector<double> progress;
    value_of(project->copy_to(folder / "copies/q", [&](double done) { progress.push_back(done); }));
    EXPECT_EQ(dump(folder / "copies/q"), dump(folder / "p"));
    EXPECT_NE(dump(folder / "p").find("train/loss"), std::string::npos);
    EXPECT_TRUE(std::is_sorted(progress.begin(), progress.end()));
    ASSERT_FALSE(progress.empty());
    EXPECT_EQ(progress.back(), 1.0);

    const auto content = folder_content(folder / "copies");
    EXPECT_EQ(content.size(), 4u) << "the folder, its file, objects/ and one object";
    const auto copy = value_of(Project::open(folder / "copies/q", Project::Access::write));
    EXPECT_TRUE(value_of(copy->verify()).empty());
    EXPECT_EQ(value_of(copy->object(value_of(copy->run(1)).teacher_weights)), small_tensors(1));
    // Both go on, each for itself.
    value_of(copy->append_points(1, "train/loss", points_of_steps(1500, 1500)));
    value_of(project->append_points(1, "train/hard", points_of_steps(0, 0)));
    EXPECT_EQ(value_of(copy->series_of(1)).size(), 1u);
    EXPECT_EQ(value_of(project->points(1, "train/loss")).size(), 1500u);
}

TEST(ProjectCopy, CanBeMadeByAViewerIntoAnEmptyFolder) {
    const TemporaryFolder folder;
    fill_project(*value_of(Project::create(folder / "p", {})));
    fs::create_directory(folder / "q");
    value_of(value_of(Project::open(folder / "p", Project::Access::view))->copy_to(folder / "q/"));
    EXPECT_EQ(dump(folder / "q"), dump(folder / "p"));
}

TEST(ProjectCopy, IsRefusedWhereThereIsSomethingAlready) {
    const TemporaryFolder folder;
    const auto project = value_of(Project::create(folder / "p", {}));
    fs::create_directory(folder / "q");
    std::ofstream(folder / "q/mine.txt") << "mine";
    const auto before = folder_content(folder / "q");
    EXPECT_NE(error_of(project->copy_to(folder / "q")).find("not empty"), std::string::npos);
    EXPECT_FALSE(project->copy_to(folder / "p"));
    EXPECT_EQ(folder_content(folder / "q"), before);
}

TEST(ProjectCopy, LeavesNothingBehindWhenItFails) {
    const TemporaryFolder folder;
    const auto project = value_of(Project::create(folder / "p", {}));
    fill_project(*project);
    const fs::path object = folder / "p/objects" / value_of(project->run(1)).teacher_weights;
    std::ofstream(object, std::ios::binary | std::ios::app) << "x";
    const auto before = folder_content(folder.path());
    const auto failed = project->copy_to(folder / "copies/deep/q");
    EXPECT_NE(error_of(failed).find("is damaged"), std::string::npos) << error_of(failed);
    EXPECT_EQ(folder_content(folder.path()), before);
}

} // namespace
} // namespace limbeck
