// SPDX-License-Identifier: GPL-3.0-or-later
// A process that is killed at any moment, again and again: everything that it acknowledged is there, and its
// project is whole.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <optional>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/faults/long_variant.h"
#include "tests/faults/store_script.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Carries out the script from a step on and acknowledges every step that is done by a byte.
[[noreturn]] void write_and_acknowledge(const fs::path& folder, std::size_t first, int acknowledge) {
    Workbench bench{folder, nullptr};
    const auto steps = store_script();
    for (std::size_t i = first; i < steps.size(); ++i) {
        Result<void> done = reach(bench, i);
        if (done) done = steps[i].work(bench);
        if (!done) {
            std::cerr << steps[i].name << ": " << done.error().message << std::endl;
            ::_exit(1);
        }
        const char byte = 'k';
        if (::write(acknowledge, &byte, 1) != 1) ::_exit(2);
    }
    ::_exit(0);
}

struct Life {
    std::size_t acknowledged = 0; ///< steps
    bool killed = false;
    int status = 0;
};

/// A writer that is killed after some time, if it is still there.
Life let_live(const fs::path& folder, std::size_t first, std::chrono::microseconds time) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        write_and_acknowledge(folder, first, ends[1]);
    }
    ::close(ends[1]);
    ::usleep(static_cast<useconds_t>(time.count())); // the moment of the kill is what this is about
    ::kill(child, SIGKILL);
    Life life;
    for (char byte = 0; ::read(ends[0], &byte, 1) == 1;)
        ++life.acknowledged;
    ::close(ends[0]);
    ::waitpid(child, &life.status, 0);
    life.killed = WIFSIGNALED(life.status) && WTERMSIG(life.status) == SIGKILL;
    return life;
}

TEST(KillTest, NothingThatWasAcknowledgedIsLostAndTheProjectIsWhole) {
    const TemporaryFolder reference;
    const auto begin = Clock::now();
    const std::vector<std::string> expected = expected_contents(reference.path());
    const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
    // On a machine that stood still meanwhile, kills would come long after the writer's end.
    const auto window = std::min(whole / 4, std::chrono::microseconds(100'000));
    const std::int64_t wanted = times("LIMBECK_KILLS", 200);
    std::mt19937_64 random(7); // the same moments each time, as far as the machine lets them be

    std::int64_t kills = 0, lives = 0, steps = 0, between = 0;
    auto folder = std::make_optional<TemporaryFolder>();
    std::size_t next = 0;
    while (kills < wanted) {
        const std::chrono::microseconds time(
            static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(window.count() + 1)));
        const Life life = let_live(folder->path(), next, time);
        ASSERT_TRUE(life.killed || life.status == 0) << "the writer failed after step " << next;
        const std::size_t safe = next + life.acknowledged;
        steps += static_cast<std::int64_t>(life.acknowledged);
        if (life.killed) ++kills;
        const std::string content = content_of(folder->path());
        const bool being_made = safe == 0 && (content.empty() || content.starts_with("error"));
        const bool newer = safe + 1 < expected.size() && content == expected[safe + 1];
        ASSERT_TRUE(being_made || content == expected[safe] || newer)
            << "kill " << kills << ", step " << safe << " was acknowledged: " << content.substr(0, 500);
        if (newer && content != expected[safe]) ++between;
        next = newer ? safe + 1 : safe;
        if (being_made || safe + 1 >= expected.size()) {
            folder.emplace();
            next = 0;
            ++lives;
        }
    }
    std::cout << "kills: " << kills << " of a writer, " << steps << " steps acknowledged, " << lives
              << " projects; " << between << " kills between a step's end and its acknowledgement\n";
}

} // namespace
} // namespace limbeck::test
