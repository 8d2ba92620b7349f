// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "backend/answers/answer_writer.h"
#include "tests/backend/answers/answer_files.h"

namespace limbeck::test {
namespace {

using testing::HasSubstr;

TEST(AnswerFile, GivesBackWhatWasWrittenAndKnowsWhatWasNot) {
    const TemporaryFolder folder;
    const auto file = open_file(folder / "deep" / "er", "one", head_of());
    EXPECT_TRUE(file->is_new());
    ASSERT_TRUE(write_rows(*file, {7, 3, 4, 11}));
    for (std::int64_t row = 0; row < 12; ++row) {
        const bool there = row == 3 || row == 4 || row == 7 || row == 11;
        EXPECT_EQ(read_row(*file, row), there ? std::optional(answers_in(row)) : std::nullopt) << row;
    }
    EXPECT_FALSE(read_row(*file, -1));
    EXPECT_FALSE(read_row(*file, 12));
}

TEST(AnswerFile, IsThereForTheNextRun) {
    const TemporaryFolder folder;
    ASSERT_TRUE(write_rows(*open_file(folder.path(), "one", head_of()), {2}));
    const auto again = open_file(folder.path(), "one", head_of());
    EXPECT_FALSE(again->is_new());
    EXPECT_EQ(read_row(*again, 2), answers_in(2));
}

TEST(AnswerFile, TwoThatHaveItOpenSeeEachOthersRows) {
    const TemporaryFolder folder;
    const auto one = open_file(folder.path(), "one", head_of());
    const auto other = open_file(folder.path(), "one", head_of());
    ASSERT_TRUE(write_rows(*one, {1, 5}));
    ASSERT_TRUE(write_rows(*other, {5, 6}));
    for (const std::int64_t row : {1, 5, 6}) {
        EXPECT_EQ(read_row(*one, row), answers_in(row));
        EXPECT_EQ(read_row(*other, row), answers_in(row));
    }
}

TEST(AnswerFile, AnotherHeadIsAnotherFile) {
    const TemporaryFolder folder;
    ASSERT_TRUE(write_rows(*open_file(folder.path(), "one", head_of()), {2}));
    std::vector<AnswerFileHead> others(6, head_of());
    others[0].key = "another key";
    others[1].rows = 13;
    others[2].classes = 4;
    others[3].half = true;
    others[4].views = 2;
    others[5].asked = 5;
    for (const AnswerFileHead& other : others) {
        const auto file = open_file(folder.path(), "one", other);
        EXPECT_TRUE(file->is_new());
        EXPECT_FALSE(read_row(*file, 2));
        ASSERT_TRUE(open_file(folder.path(), "one", head_of())->is_new());
    }
}

/// The rule that the cache stands on: whatever happens to the bytes, a row is what was written, or absent.
TEST(AnswerFile, AFlippedByteMakesARowAbsentAndNeverWrong) {
    const TemporaryFolder folder;
    const auto path = folder / "one.answers";
    ASSERT_TRUE(write_rows(*open_file(folder.path(), "one", head_of()), {0, 2, 3, 11}));
    const std::string whole = bytes_in(path);
    int absent = 0, anew = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const unsigned char flip : {0x01, 0x80, 0xFF}) {
            std::string changed = whole;
            changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ flip);
            put_bytes(path, changed);
            const auto file = open_file(folder.path(), "one", head_of());
            anew += file->is_new();
            for (std::int64_t row = 0; row < 12; ++row) {
                const auto found = read_row(*file, row);
                const bool was_there = row == 0 || row == 2 || row == 3 || row == 11;
                if (found) {
                    EXPECT_TRUE(was_there) << row << " at byte " << at;
                    EXPECT_EQ(*found, answers_in(row)) << row << " at byte " << at;
                } else {
                    absent += was_there;
                }
            }
        }
        if (at == 64) at = 4096 - 16; // the rest of the head is under the same sum
    }
    // Every byte of the head makes the file anew (four rows gone), every byte of a row takes that row alone.
    EXPECT_EQ(anew, 3 * (65 + 15));
    EXPECT_EQ(absent, 4 * anew + 3 * 4 * 16);
}

TEST(AnswerFile, IsTheSameUnderAnotherNameOfTheData) {
    const TemporaryFolder folder;
    ASSERT_TRUE(write_rows(*open_file(folder.path(), "one", head_of()), {2}));
    auto moved = head_of();
    moved.about.data = "idx:/elsewhere";
    const auto file = open_file(folder.path(), "one", moved);
    EXPECT_FALSE(file->is_new());
    EXPECT_EQ(read_row(*file, 2), answers_in(2));
    ASSERT_TRUE(write_rows(*file, {3}));
    EXPECT_EQ(read_row(*open_file(folder.path(), "one", head_of()), 3), answers_in(3));
}

TEST(AnswerFile, KnowsThatNothingWasEverWritten) {
    const TemporaryFolder folder;
    EXPECT_TRUE(open_file(folder.path(), "one", head_of())->is_empty());
    const auto file = open_file(folder.path(), "one", head_of());
    EXPECT_FALSE(file->is_new());
    EXPECT_TRUE(file->is_empty());
    ASSERT_TRUE(write_rows(*file, {0}));
    EXPECT_FALSE(file->is_empty());
}

TEST(AnswerFile, WhateverIsThereInstead) {
    const TemporaryFolder folder;
    const auto path = folder / "one.answers";
    ASSERT_TRUE(write_rows(*open_file(folder.path(), "one", head_of()), {2}));
    const std::string whole = bytes_in(path);
    for (const std::string& garbage :
         {std::string(), std::string("LIMBKANS"), std::string(5000, '\0'), whole.substr(0, 4095)}) {
        put_bytes(path, garbage);
        const auto file = open_file(folder.path(), "one", head_of());
        EXPECT_TRUE(file->is_new());
        EXPECT_FALSE(read_row(*file, 2));
    }
    put_bytes(path, whole.substr(0, whole.size() - 1)); // cut short within its last row
    EXPECT_FALSE(read_row(*open_file(folder.path(), "one", head_of()), 2));
    std::filesystem::remove(path);
    std::filesystem::create_symlink(folder / "elsewhere", path);
    EXPECT_TRUE(open_file(folder.path(), "one", head_of())->is_new());
    EXPECT_FALSE(std::filesystem::exists(folder / "elsewhere"));
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
    const auto refused = AnswerFile::open(folder.path(), "one", head_of(), answer_folder_limit);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("one.answers cannot be made"));
}

TEST(AnswerFile, RowsOfAnotherFileAreNotItsOwn) {
    const TemporaryFolder folder;
    auto other_head = head_of();
    other_head.key = "another key";
    ASSERT_TRUE(write_rows(*open_file(folder.path(), "one", head_of()), {2}));
    ASSERT_TRUE(write_rows(*open_file(folder.path(), "two", other_head), {2}));
    std::string mixed = bytes_in(folder / "two.answers");
    mixed.replace(0, 4096, bytes_in(folder / "one.answers").substr(0, 4096));
    put_bytes(folder / "one.answers", mixed);
    const auto file = open_file(folder.path(), "one", head_of());
    EXPECT_FALSE(file->is_new());
    EXPECT_FALSE(read_row(*file, 2));
}

TEST(AnswerFile, AFolderThatCannotBeMadeIsToldInWords) {
    const TemporaryFolder folder;
    put_bytes(folder / "file", "no folder");
    const auto refused = AnswerFile::open(folder / "file" / "answers", "one", head_of(), answer_folder_limit);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("cannot be made: Not a directory"));
}

TEST(AnswerFile, IsSparse) {
    const TemporaryFolder folder;
    const auto head = head_of(1'000'000, 100);
    ASSERT_TRUE(write_rows(*open_file(folder.path(), "one", head), {999'999}));

    struct stat status {};

    ASSERT_EQ(stat((folder / "one.answers").c_str(), &status), 0);
    EXPECT_GT(status.st_size, 400'000'000);
    const auto info = look_at_answers(folder / "one.answers", true);
    ASSERT_TRUE(info);
    EXPECT_LT(info->bytes, 100'000);
    EXPECT_EQ(info->filled, 1);
}

/// A child that may not write files beyond some size, as on a full disk: it gets an error and lives on.
TEST(AnswerFile, AFullDiskIsAnErrorAndNotTheEnd) {
    const TemporaryFolder folder;
    const pid_t child = fork();
    if (child == 0) {
        const rlimit small{8192, 8192};
        setrlimit(RLIMIT_FSIZE, &small);
        auto opened = AnswerFile::open(folder.path(), "one", head_of(100'000), answer_folder_limit);
        if (!opened) _exit(2);
        AnswerFile& file = **opened;
        if (!write_rows(file, {1})) _exit(3);
        const auto failed = write_rows(file, {90'000});
        if (failed || failed.error().message.find("File too large") == std::string::npos) _exit(4);
        AnswerWriter writer(file);
        const auto values = answers_in(80'000);
        const auto bytes = std::as_bytes(std::span(values));
        writer.post({80'000}, {bytes.begin(), bytes.end()});
        writer.finish();
        if (!writer.failed() || !writer.take_error() || writer.take_error()) _exit(5);
        writer.post({2}, {bytes.begin(), bytes.end()}); // given up: nothing more is written
        writer.finish();
        if (read_row(file, 2) || read_row(file, 1) != answers_in(1)) _exit(6);
        _exit(0);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(AnswerWriter, WritesAllBeforeItGoes) {
    const TemporaryFolder folder;
    const auto file = open_file(folder.path(), "one", head_of(1000));
    {
        AnswerWriter writer(*file);
        for (std::int64_t row = 0; row < 1000; ++row) {
            const auto values = answers_in(row);
            const auto bytes = std::as_bytes(std::span(values));
            writer.post({row}, {bytes.begin(), bytes.end()});
        }
    }
    for (std::int64_t row = 0; row < 1000; ++row)
        ASSERT_EQ(read_row(*file, row), answers_in(row));
}

} // namespace
} // namespace limbeck::test
