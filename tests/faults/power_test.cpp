// SPDX-License-Identifier: GPL-3.0-or-later
// The power goes at any moment: what was told to be saved is there, and the project is as before or as after
// the step that was on, never something between.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/faults/disk.h"
#include "tests/faults/file_calls.h"
#include "tests/faults/long_variant.h"
#include "tests/faults/store_script.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

namespace fs = std::filesystem;

class PowerTest : public testing::Test {
  protected:
    PowerTest() { expected_ = expected_contents(reference_.path()); }

    Disk record_script() {
        Workbench bench{live_.path(), nullptr};
        file_calls::watch(live_.path());
        file_calls::record();
        file_calls::mark(0);
        std::int64_t number = 0;
        for (const ScriptStep& step : store_script()) {
            const auto done = step.work(bench);
            EXPECT_TRUE(done) << step.name << ": " << done.error().message;
            file_calls::mark(++number);
        }
        const auto events = file_calls::recorded();
        file_calls::forget();
        return Disk(fs::path(), events);
    }

    /// What is wrong with what a disk holds; empty: nothing.
    std::string fault_of(const Disk& disk, std::size_t call, Disk::Unsafe unsafe, std::uint64_t seed) {
        const TemporaryFolder folder;
        disk.restore(call, unsafe, seed, folder.path());
        const auto safe = static_cast<std::size_t>(disk.mark_before(call));
        const std::string viewed = content_of(folder.path());
        if (const std::string fault = compare(viewed, safe); !fault.empty()) return "viewed, " + fault;
        if (viewed.empty() || viewed.starts_with("error")) return {}; // not made yet
        if (const auto opened = Project::open(folder / "p", Project::Access::write); !opened)
            return "cannot be opened for writing: " + opened.error().message;
        // What a writer recovers is what a viewer has seen.
        return content_of(folder.path()) == viewed ? "" : "a writer found something else than a viewer";
    }

    std::string compare(const std::string& content, std::size_t safe) const {
        if (content == expected_[safe]) return {};
        if (safe + 1 < expected_.size() && content == expected_[safe + 1]) return {};
        if (safe == 0 && (content.empty() || content.starts_with("error"))) return {}; // being made
        return "after step " + std::to_string(safe) +
               " it has neither the old nor the new content: " + content.substr(0, 400);
    }

    TemporaryFolder reference_, live_;
    std::vector<std::string> expected_;
};

TEST_F(PowerTest, LeavesTheOldOrTheNewStateAndNothingThatWasSafeIsLost) {
    const Disk disk = record_script();
    const auto random_states = static_cast<std::uint64_t>(times("LIMBECK_POWER_STATES", 1));
    const bool every_call = random_states > 1;
    std::int64_t states = 0, syncs = 0;
    for (std::size_t call = 0; call <= disk.calls(); ++call) {
        if (disk.mark_before(call) < 0) continue;
        const bool at_sync =
            call == disk.calls() || disk.is_sync(call) || (call > 0 && disk.is_sync(call - 1));
        if (call < disk.calls() && disk.is_sync(call)) ++syncs;
        if (!at_sync && !every_call) continue;
        const auto check = [&](Disk::Unsafe unsafe, std::uint64_t seed) {
            ++states;
            const std::string fault = fault_of(disk, call, unsafe, seed);
            ASSERT_EQ(fault, "") << "before call " << call << " of " << disk.calls() << ", unsafe "
                                 << static_cast<int>(unsafe) << ", seed " << seed;
        };
        check(Disk::Unsafe::lost, 0);
        check(Disk::Unsafe::kept, 0);
        for (std::uint64_t seed = 1; seed <= random_states; ++seed) {
            check(Disk::Unsafe::cut, seed * 1000 + call);
            check(Disk::Unsafe::some, seed * 1000 + call);
        }
        if (HasFatalFailure()) return;
    }
    EXPECT_GT(syncs, 50);
    std::cout << "power: " << states << " states of the disk around " << syncs << " syncs\n";
}

} // namespace
} // namespace limbeck::test
