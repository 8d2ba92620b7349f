// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <clocale>
#include <cstdlib>
#include <fstream>

#include "backend/project/file_system.h"
#include "tests/backend/project/support.h"

// Where the project lies, and what happens to its folder while it is open.
namespace limbeck {
namespace {

namespace fs = std::filesystem;

class OddCircumstances : public testing::Test {
  protected:
    void TearDown() override { set_file_system_probe({}); }

    static void lie_on_nfs() {
        set_file_system_probe([](const fs::path&) { return 0x6969L; });
    }

    TemporaryFolder folder_;
};

TEST_F(OddCircumstances, OnANetworkThereIsNoWriteAheadLogAndANoticeSaysSo) {
    lie_on_nfs();
    {
        const auto project = value_of(Project::create(folder_ / "p", unusual_config()));
        fill_project(*project);
        EXPECT_FALSE(fs::exists(folder_ / "p/project.limbeck-wal"));
        EXPECT_FALSE(fs::exists(folder_ / "p/project.limbeck-shm"));
        ASSERT_EQ(project->notices().size(), 1u);
        EXPECT_NE(project->notices()[0].find("NFS"), std::string::npos) << project->notices()[0];
    }
    for (int i = 0; i < 2; ++i) {
        const auto project = value_of(Project::open(folder_ / "p", Project::Access::write));
        value_of(project->append_points(1, "train/hard", points_of_steps(i, i)));
        EXPECT_FALSE(fs::exists(folder_ / "p/project.limbeck-wal"));
        const auto viewer = value_of(Project::open(folder_ / "p", Project::Access::view));
        EXPECT_EQ(value_of(viewer->points(1, "train/hard")).size(), static_cast<std::size_t>(i) + 1);
    }
    EXPECT_FALSE(fs::exists(folder_ / "p/project.limbeck-journal"));
    set_file_system_probe([](const fs::path&) { return 0xEF53L; }); // ext4
    const auto local = value_of(Project::open(folder_ / "p", Project::Access::write));
    EXPECT_TRUE(local->notices().empty());
    EXPECT_TRUE(fs::exists(folder_ / "p/project.limbeck-wal"));
}

TEST_F(OddCircumstances, OnANetworkAViewerSeesWholeSavesOnly) {
    lie_on_nfs();
    fill_project(*value_of(Project::create(folder_ / "p", {})));
    Child writer([&](const Child::Wait& ready_and_wait) {
        const auto project = value_of(Project::open(folder_ / "p", Project::Access::write));
        for (int i = 0; i < 40; ++i)
            value_of(project->transaction([&]() -> Result<void> {
                for (const char* series : {"train/a", "train/b"})
                    if (auto done = project->append_points(1, series, points_of_steps(i, i)); !done)
                        return done;
                return {};
            }));
        ready_and_wait();
        return true;
    });
    const auto viewer = value_of(Project::open(folder_ / "p", Project::Access::view));
    std::size_t seen = 0;
    for (int i = 0; seen < 40; ++i) {
        ASSERT_LT(i, 100'000) << "the writer does not get on";
        const std::size_t first = value_of(viewer->points(1, "train/a")).size();
        const std::size_t second = value_of(viewer->points(1, "train/b")).size();
        ASSERT_GE(second, first) << "b is saved together with a";
        seen = first;
    }
    EXPECT_TRUE(writer.let_go());
}

TEST_F(OddCircumstances, ALogThatWasLeftIsTakenInOnANetworkToo) {
    Child writer([&](const Child::Wait& ready_and_wait) {
        const auto project = value_of(Project::create(folder_ / "p", {}));
        fill_project(*project);
        ready_and_wait();
        return true;
    });
    writer.wait_until_ready();
    writer.kill();
    fs::remove(folder_ / "p/project.limbeck-shm");
    ASSERT_TRUE(fs::exists(folder_ / "p/project.limbeck-wal"));
    lie_on_nfs();
    EXPECT_EQ(value_of(value_of(Project::open(folder_ / "p", Project::Access::view))->runs()).size(), 1u);
    EXPECT_FALSE(fs::exists(folder_ / "p/project.limbeck-shm"))
        << "no memory that machines would have to share";
    const auto project = value_of(Project::open(folder_ / "p", Project::Access::write));
    EXPECT_EQ(value_of(project->points(1, "train/loss")), points_of_steps(0, 1499));
    EXPECT_FALSE(fs::exists(folder_ / "p/project.limbeck-wal"));
    EXPECT_FALSE(fs::exists(folder_ / "p/project.limbeck-shm"));
}

TEST_F(OddCircumstances, AFolderThatIsMovedWhileItIsOpenIsSaidAndLosesNothing) {
    auto writer = value_of(Project::create(folder_ / "p", {}));
    fill_project(*writer);
    const auto viewer = value_of(Project::open(folder_ / "p", Project::Access::view));
    fs::rename(folder_ / "p", folder_ / "q");
    const auto refused = writer->append_points(1, "train/loss", points_of_steps(1500, 1600));
    EXPECT_NE(error_of(refused).find("moved, renamed or removed"), std::string::npos) << error_of(refused);
    EXPECT_FALSE(viewer->runs());
    fs::rename(folder_ / "q", folder_ / "p");
    value_of(writer->append_points(1, "train/loss", points_of_steps(1500, 1600)));
    EXPECT_EQ(value_of(viewer->points(1, "train/loss")).size(), 1601u);
    fs::rename(folder_ / "p", folder_ / "r");
    writer.reset();
    EXPECT_EQ(
        value_of(value_of(Project::open(folder_ / "r", Project::Access::write))->points(1, "train/loss"))
            .size(),
        1601u);
}

TEST_F(OddCircumstances, AFolderThatIsRemovedWhileItIsOpenIsSaid) {
    const auto writer = value_of(Project::create(folder_ / "p", {}));
    fill_project(*writer);
    fs::remove_all(folder_ / "p");
    EXPECT_NE(error_of(writer->add_run(unusual_run())).find("no longer where it was"), std::string::npos);
    EXPECT_FALSE(writer->put_object(small_tensors(3)));
    EXPECT_FALSE(writer->runs());
    EXPECT_FALSE(fs::exists(folder_ / "p")) << "nothing is made anew where it was";
}

TEST_F(OddCircumstances, AnotherDatabaseInItsPlaceIsSaid) {
    fill_project(*value_of(Project::create(folder_ / "p", {})));
    const auto viewer = value_of(Project::open(folder_ / "p", Project::Access::view));
    fs::copy_file(folder_ / "p/project.limbeck", folder_ / "p/new");
    fs::rename(folder_ / "p/new", folder_ / "p/project.limbeck");
    EXPECT_NE(error_of(viewer->runs()).find("was replaced"), std::string::npos) << error_of(viewer->runs());
}

TEST_F(OddCircumstances, AVeryLongPathIsRefusedInWordsAndLeavesNothing) {
    for (const std::size_t parts : {3U, 30U}) { // beyond SQLite's 512 bytes, and beyond the system's 4,096
        fs::path path = folder_.path();
        for (std::size_t i = 0; i < parts; ++i)
            path /= std::string(200, 'x');
        const auto made = Project::create(path, {});
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().kind, ErrorKind::document);
        EXPECT_GT(made.error().message.size(), 20u);
        EXPECT_TRUE(fs::is_empty(folder_.path()));
        EXPECT_FALSE(Project::open(path, Project::Access::view));
    }
}

TEST_F(OddCircumstances, ADecimalCommaChangesNoNumber) {
    const std::string before = std::setlocale(LC_NUMERIC, nullptr);
    const char* found = nullptr;
    for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "nl_NL.UTF-8", "pl_PL.UTF-8"})
        if ((found = std::setlocale(LC_NUMERIC, name))) break;
    if (!found) { // none is installed: make one
        std::ofstream(folder_ / "comma.src")
            << "LC_NUMERIC\ndecimal_point \",\"\nthousands_sep \".\"\ngrouping 3;3\n"
               "END LC_NUMERIC\nLC_CTYPE\ncopy \"POSIX\"\nEND LC_CTYPE\n";
        const std::string make =
            "cd '" + folder_.path().string() + "' && localedef -c -i comma.src ./comma >/dev/null 2>&1";
        [[maybe_unused]] const int warned = std::system(make.c_str());
        ::setenv("LOCPATH", folder_.path().c_str(), 1);
        found = std::setlocale(LC_NUMERIC, "comma");
        ::unsetenv("LOCPATH");
    }
    if (!found) GTEST_SKIP() << "no locale with a decimal comma is installed, and localedef makes none";
    ASSERT_STREQ(std::localeconv()->decimal_point, ",");
    fill_project(*value_of(Project::create(folder_ / "p", unusual_config())));
    const auto config = value_of(Project::open(folder_ / "p", Project::Access::view))->config();
    std::setlocale(LC_NUMERIC, before.c_str());
    EXPECT_EQ(value_of(config), unusual_config());
    const auto project = value_of(Project::open(folder_ / "p", Project::Access::view));
    EXPECT_EQ(value_of(project->config()), unusual_config());
    EXPECT_EQ(value_of(project->run(1)).seconds, unusual_run().seconds);
    EXPECT_TRUE(value_of(project->verify()).empty());
}

TEST_F(OddCircumstances, AClockThatIsSetBackAYearHindersNobody) {
    Child writer([&](const Child::Wait& ready_and_wait) {
        fill_project(*value_of(Project::create(folder_ / "p", {})));
        const auto project = value_of(Project::open(folder_ / "p", Project::Access::write));
        value_of(project->append_points(1, "train/hard", points_of_steps(0, 9)));
        ready_and_wait();
        return true;
    });
    writer.wait_until_ready();
    writer.kill(); // its lock, log and files are of next year now
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "p"))
        fs::last_write_time(entry.path(), fs::file_time_type::clock::now() + std::chrono::hours(24 * 365));
    EXPECT_EQ(value_of(value_of(Project::open(folder_ / "p", Project::Access::view))->points(1, "train/hard"))
                  .size(),
              10u);
    const auto project = value_of(Project::open(folder_ / "p", Project::Access::write));
    value_of(project->append_points(1, "train/hard", points_of_steps(10, 19)));
    value_of(project->add_event({0, 1, 7, "distillation.temperature", 2, 3, "2025-05-01T10:01:00Z"}));
    const auto events = value_of(project->events(1));
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[1].step, 7) << "steps give the order, times do not";
    EXPECT_TRUE(value_of(project->verify()).empty());
}

} // namespace
} // namespace limbeck
