// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>
#include <unistd.h>

#include "tests/backend/project/support.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;

void look_at_everything(const fs::path& folder) {
    const auto project = value_of(Project::open(folder, Project::Access::view));
    value_of(project->config());
    ASSERT_EQ(value_of(project->runs()).size(), 1u);
    EXPECT_EQ(value_of(project->points(1, "train/loss")), points_of_steps(0, 1499));
    value_of(project->summary(1));
    EXPECT_EQ(value_of(project->object(value_of(project->run(1)).teacher_weights)), small_tensors(1));
    EXPECT_TRUE(value_of(project->verify()).empty());
}

TEST(ProjectView, ChangesNoByteOfAClosedProject) {
    const TemporaryFolder folder;
    fill_project(*value_of(Project::create(folder / "p", {})));
    const auto before = folder_content(folder / "p");
    look_at_everything(folder / "p");
    EXPECT_EQ(folder_content(folder / "p"), before);
}

TEST(ProjectView, ChangesNoByteWhileAnotherProcessHoldsTheProjectAndSeesWhatThatOneSaves) {
    const TemporaryFolder folder;
    Child writer([&](const Child::Wait& ready_and_wait) {
        const auto project = value_of(Project::create(folder / "p", {}));
        fill_project(*project);
        ready_and_wait();
        value_of(project->append_points(1, "train/loss", points_of_steps(1500, 1600)));
        return true;
    });
    writer.wait_until_ready();
    const auto before = folder_content(folder / "p");
    ASSERT_TRUE(before.contains("project.limbeck-wal"));
    look_at_everything(folder / "p");
    EXPECT_EQ(folder_content(folder / "p"), before);
    const auto viewer = value_of(Project::open(folder / "p", Project::Access::view));
    EXPECT_EQ(value_of(viewer->points(1, "train/loss")).size(), 1500u);
    EXPECT_TRUE(writer.let_go());
    EXPECT_EQ(value_of(viewer->points(1, "train/loss")).size(), 1601u);
}

TEST(ProjectView, ChangesNoByteOfWhatAKilledWriterLeft) {
    const TemporaryFolder folder;
    Child writer([&](const Child::Wait& ready_and_wait) {
        const auto project = value_of(Project::create(folder / "p", {}));
        fill_project(*project);
        ready_and_wait();
        return true;
    });
    writer.wait_until_ready();
    writer.kill();
    const auto before = folder_content(folder / "p");
    ASSERT_TRUE(before.contains("project.limbeck-wal"));
    look_at_everything(folder / "p");
    EXPECT_EQ(folder_content(folder / "p"), before);
    fs::remove(folder / "p/project.limbeck-shm");
    look_at_everything(folder / "p");
    EXPECT_EQ(folder_content(folder / "p"), before);
    // The next writer makes it one file again.
    value_of(Project::open(folder / "p", Project::Access::write));
    EXPECT_FALSE(fs::exists(folder / "p/project.limbeck-wal"));
    look_at_everything(folder / "p");
}

TEST(ProjectView, MakesNoLogBesideAFileThatWasCopiedWithoutIts) {
    const TemporaryFolder folder;
    const auto project = value_of(Project::create(folder / "p", unusual_config()));
    fs::create_directory(folder / "copied");
    fs::copy_file(folder / "p/project.limbeck", folder / "copied/project.limbeck");
    const auto before = folder_content(folder / "copied");
    EXPECT_EQ(value_of(value_of(Project::open(folder / "copied", Project::Access::view))->config()),
              unusual_config());
    EXPECT_EQ(folder_content(folder / "copied"), before);
    EXPECT_FALSE(fs::exists(folder / "copied/project.limbeck-shm"));
}

TEST(ProjectView, ReadsALogLeftInAFolderThatMayNotBeWritten) {
    const TemporaryFolder folder;
    Child writer([&](const Child::Wait& ready_and_wait) {
        const auto project = value_of(Project::create(folder / "p", {}));
        fill_project(*project);
        ready_and_wait();
        return true;
    });
    writer.wait_until_ready();
    writer.kill();
    fs::remove(folder / "p/project.limbeck-shm");
    const auto before = folder_content(folder / "p");
    ASSERT_EQ(::chmod((folder / "p").c_str(), 0555), 0);
    Child viewer([&](const Child::Wait&) {
        // To root nothing is read-only: go on as somebody else.
        if (::getuid() == 0 && ::setuid(65534) != 0) return false;
        if (::access((folder / "p").c_str(), W_OK) == 0) return false;
        look_at_everything(folder / "p");
        const auto refused = Project::open(folder / "p", Project::Access::write);
        EXPECT_NE(error_of(refused).find("Permission denied"), std::string::npos) << error_of(refused);
        return !testing::Test::HasFailure();
    });
    EXPECT_TRUE(viewer.let_go());
    EXPECT_EQ(folder_content(folder / "p"), before);
    EXPECT_FALSE(fs::exists(folder / "p/project.limbeck-shm"));
    ::chmod((folder / "p").c_str(), 0755);
}

TEST(ProjectView, LetsTheWriterCloseAndTheNextWriterTidyUp) {
    const TemporaryFolder folder;
    auto writer = value_of(Project::create(folder / "p", {}));
    fill_project(*writer);
    auto viewer = value_of(Project::open(folder / "p", Project::Access::view));
    EXPECT_EQ(value_of(viewer->runs()).size(), 1u);
    writer.reset(); // cannot go back to one file: the viewer is there
    EXPECT_EQ(value_of(viewer->points(1, "train/loss")).size(), 1500u);
    viewer.reset();
    look_at_everything(folder / "p");
    value_of(Project::open(folder / "p", Project::Access::write));
    EXPECT_FALSE(fs::exists(folder / "p/project.limbeck-wal"));
    EXPECT_FALSE(fs::exists(folder / "p/project.limbeck-shm"));
}

TEST(ProjectView, DisturbsNoWriterThatComesAndGoes) {
    const TemporaryFolder folder;
    fill_project(*value_of(Project::create(folder / "p", {})));
    Child writer([&](const Child::Wait& ready_and_wait) {
        for (int i = 0; i < 60; ++i) {
            const auto project = value_of(Project::open(folder / "p", Project::Access::write));
            value_of(project->append_points(1, "train/hard", points_of_steps(i, i)));
        }
        ready_and_wait();
        return true;
    });
    std::size_t seen = 0;
    for (int i = 0; seen < 60; ++i) {
        ASSERT_LT(i, 20'000) << "the writer does not get on";
        const auto viewer = value_of(Project::open(folder / "p", Project::Access::view));
        ASSERT_EQ(value_of(viewer->runs()).size(), 1u);
        const std::size_t now = value_of(viewer->points(1, "train/hard")).size();
        ASSERT_GE(now, seen);
        seen = now;
    }
    EXPECT_TRUE(writer.let_go());
}

} // namespace
} // namespace limbeck
