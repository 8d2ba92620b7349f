// SPDX-License-Identifier: GPL-3.0-or-later
// A disk that is full, or broken, from any call on: the store says so, keeps what was saved, and goes on with
// the same step when the disk works again.
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <iostream>

#include "tests/faults/file_calls.h"
#include "tests/faults/long_variant.h"
#include "tests/faults/store_script.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

namespace fs = std::filesystem;

class FullDiskTest : public testing::Test {
  protected:
    FullDiskTest() { expected_ = expected_contents(reference_.path()); }

    void expect_old_or_new(const fs::path& folder, std::size_t safe, const std::string& where) const {
        const std::string content = content_of(folder);
        const bool being_made = safe == 0 && (content.empty() || content.starts_with("error"));
        EXPECT_TRUE(being_made || content == expected_[safe] || content == expected_[safe + 1])
            << where << ": " << content.substr(0, 400);
    }

    /// A life in which calls fail from the nth on until the first step that says so. False: none failed.
    bool live_with(unsigned calls, std::int64_t nth, int error_number) {
        const TemporaryFolder folder;
        Workbench bench{folder.path(), nullptr};
        file_calls::watch(folder.path());
        file_calls::fail(calls, nth, error_number);
        const auto steps = store_script();
        bool met = false;
        for (std::size_t i = 0; i < steps.size() && !testing::Test::HasFailure(); ++i) {
            const std::string where = "call " + std::to_string(nth) + " fails (" +
                                      std::to_string(error_number) + "), step \"" + steps[i].name + "\"";
            Result<void> done = reach(bench, i);
            if (done) done = steps[i].work(bench);
            if (done) continue;
            met = true;
            EXPECT_TRUE(file_calls::failed()) << where << " failed by itself: " << done.error().message;
            EXPECT_FALSE(done.error().message.empty());
            EXPECT_NE(done.error().kind, ErrorKind::internal) << where << ": " << done.error().message;
            file_calls::heal();
            expect_old_or_new(folder.path(), i, where);
            done = reach(bench, i);
            if (done) done = steps[i].work(bench);
            EXPECT_TRUE(done) << where << " cannot be done again: " << done.error().message;
            expect_old_or_new(folder.path(), i + 1 < expected_.size() ? i : i - 1, where);
        }
        met = met || file_calls::failed(); // where nobody needed to know (tidying up, closing)
        file_calls::heal();
        bench.project.reset();
        EXPECT_EQ(content_of(folder.path()), expected_.back())
            << "call " << nth << ", error " << error_number;
        file_calls::forget();
        return met;
    }

    /// Every `stride`th call.
    void live_with_each(unsigned calls, std::int64_t stride, std::vector<int> errors, const char* title) {
        std::int64_t lives = 0, nth = 0;
        while (!HasFailure()) {
            const int error_number = errors[static_cast<std::size_t>(lives) % errors.size()];
            if (!live_with(calls, nth, error_number)) break;
            ++lives;
            nth += stride;
        }
        EXPECT_GT(lives, 4);
        std::cout << title << ": " << lives << " lives, the last with call " << nth - stride << " failing\n";
    }

    TemporaryFolder reference_;
    std::vector<std::string> expected_;
};

TEST_F(FullDiskTest, IsToldAtWhateverWriteAndTheSameStepWorksWhenThereIsRoom) {
    const std::int64_t stride = times("LIMBECK_FAULT_STRIDE", 7);
    live_with_each(file_calls::making | file_calls::writing, stride, {ENOSPC, EDQUOT, EFBIG}, "full disk");
}

TEST_F(FullDiskTest, ABrokenDiskIsToldAtWhateverCallAndTheSameStepWorksWhenItIsMended) {
    const std::int64_t stride = times("LIMBECK_FAULT_STRIDE", 7);
    live_with_each(file_calls::changing, stride, {EIO}, "broken disk");
}

TEST_F(FullDiskTest, WhatCannotBeReadIsToldAndIsThereWhenItCan) {
    const std::int64_t stride = times("LIMBECK_FAULT_STRIDE", 7);
    live_with_each(file_calls::reading, stride, {EIO}, "unreadable disk");
}

} // namespace
} // namespace limbeck::test
