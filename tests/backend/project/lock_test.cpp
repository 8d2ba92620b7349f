// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>
#include <unistd.h>

#include "tests/backend/project/support.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;

TEST(ProjectLock, RefusesASecondWriterAndNamesTheFirst) {
    const TemporaryFolder folder;
    Child writer([&](const Child::Wait& ready_and_wait) {
        const auto project = value_of(Project::create(folder / "p", {}));
        ready_and_wait();
        return true;
    });
    writer.wait_until_ready();
    const auto second = Project::open(folder / "p", Project::Access::write);
    EXPECT_NE(error_of(second).find("is being written by project_test, process "), std::string::npos)
        << error_of(second);
    EXPECT_NE(error_of(second).find("open it for viewing"), std::string::npos);
    EXPECT_TRUE(Project::open(folder / "p", Project::Access::view));
    EXPECT_TRUE(writer.let_go());
    EXPECT_TRUE(Project::open(folder / "p", Project::Access::write));
}

TEST(ProjectLock, HoldsWithinOneProcessToo) {
    const TemporaryFolder folder;
    auto first = value_of(Project::create(folder / "p", {}));
    EXPECT_NE(error_of(Project::open(folder / "p", Project::Access::write))
                  .find("process " + std::to_string(::getpid())),
              std::string::npos);
    first.reset();
    EXPECT_TRUE(Project::open(folder / "p", Project::Access::write));
}

TEST(ProjectLock, IsRecoveredWhenItsHolderIsDead) {
    const TemporaryFolder folder;
    value_of(Project::create(folder / "p", {}));
    std::ofstream(folder / "p/project.lock") << "limbeck, process 1 on elsewhere, since ever\n";
    EXPECT_TRUE(Project::open(folder / "p", Project::Access::write));
    EXPECT_FALSE(fs::exists(folder / "p/project.lock"));
}

TEST(ProjectLock, LeavesAReadableProjectWithAnInterruptedRunWhenTheWriterIsKilled) {
    for (int round = 0; round < 5; ++round) {
        const TemporaryFolder folder;
        int acknowledged[2];
        ASSERT_EQ(::pipe(acknowledged), 0);
        Child writer([&](const Child::Wait&) {
            const auto project = value_of(Project::create(folder / "p", {}));
            RunRecord run;
            run.state = RunState::running;
            run.id = value_of(project->add_run(run));
            for (std::int64_t step = 0;; step += 37) {
                value_of(project->append_points(run.id, "train/loss", points_of_steps(step, step + 36)));
                const std::int64_t saved = step + 36;
                if (::write(acknowledged[1], &saved, sizeof saved) != sizeof saved) return false;
            }
        });
        ::close(acknowledged[1]);
        std::int64_t saved = -1, next = 0;
        while (saved < 37 * (10 + 20 * round) && ::read(acknowledged[0], &next, sizeof next) == sizeof next)
            saved = next;
        writer.kill();
        while (::read(acknowledged[0], &next, sizeof next) == sizeof next)
            saved = next;
        ::close(acknowledged[0]);

        for (const auto access : {Project::Access::view, Project::Access::write}) {
            const auto project = value_of(Project::open(folder / "p", access));
            ASSERT_EQ(value_of(project->runs()).size(), 1u);
            EXPECT_EQ(value_of(project->runs())[0].state, RunState::interrupted);
            const auto points = value_of(project->points(1, "train/loss"));
            EXPECT_GE(points.back().step, saved);
            EXPECT_EQ(points, points_of_steps(0, points.back().step));
            EXPECT_TRUE(value_of(project->verify()).empty());
        }
        EXPECT_FALSE(fs::exists(folder / "p/project.limbeck-wal"));
    }
}

} // namespace
} // namespace limbeck
