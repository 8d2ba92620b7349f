// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>
#include <ctime>

#include <fcntl.h>
#include <sys/stat.h>

#include <gmock/gmock.h>

#include "tests/backend/answers/answer_files.h"

namespace limbeck::test {
namespace {

namespace fs = std::filesystem;

/// A file with `kilobytes` of rows, last used so many hours ago.
void make(const TemporaryFolder& folder, const std::string& name, std::int64_t kilobytes, int hours) {
    const auto head = head_of(kilobytes, 255); // a row and its sum are 1024 bytes
    std::vector<std::int64_t> rows;
    for (std::int64_t row = 0; row < kilobytes; ++row)
        rows.push_back(row);
    ASSERT_TRUE(write_rows(*open_file(folder.path(), name, head), rows));
    const timespec then{std::time(nullptr) - hours * 3600, 0};
    const timespec both[2]{then, then};
    ASSERT_EQ(utimensat(AT_FDCWD, (folder / (name + ".answers")).c_str(), both, 0), 0);
}

std::vector<std::string> names_in(const TemporaryFolder& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder.path()))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

using Names = std::vector<std::string>;

TEST(AnswerFolder, ListsWhatIsThereTheLastUsedFirst) {
    const TemporaryFolder folder;
    make(folder, "old", 3, 5);
    make(folder, "new", 2, 1);
    put_bytes(folder / "garbage.answers", std::string(9000, 'x'));
    put_bytes(folder / "notes.txt", "mine");
    const auto list = list_answers(folder.path(), true);
    ASSERT_EQ(list.size(), 2u);
    EXPECT_EQ(list[0].path.filename(), "new.answers");
    EXPECT_EQ(list[0].filled, 2);
    EXPECT_EQ(list[1].filled, 3);
    EXPECT_EQ(list[1].head.about.teacher, "resnet56");
    EXPECT_EQ(list[1].head.classes, 255);
    EXPECT_TRUE(list_answers(folder / "nowhere", true).empty());
}

TEST(AnswerFolder, CountsRowsThatAreWholeAlone) {
    const TemporaryFolder folder;
    const auto head = head_of(100'000, 255);
    const auto file = open_file(folder.path(), "one", head);
    ASSERT_TRUE(write_rows(*file, {0, 1, 4'000, 50'001, 99'999}));
    EXPECT_EQ(look_at_answers(folder / "one.answers", true)->filled, 5);
    std::string bytes = bytes_in(folder / "one.answers");
    bytes[4096 + 4'000 * 1024 + 700] ^= 1;
    put_bytes(folder / "one.answers", bytes); // now without holes
    EXPECT_EQ(look_at_answers(folder / "one.answers", true)->filled, 4);
}

TEST(AnswerFolder, TheLeastRecentlyUsedGoWhenThereIsNoRoom) {
    const TemporaryFolder folder;
    make(folder, "a", 1000, 3);
    make(folder, "b", 1000, 9);
    make(folder, "c", 1000, 6);
    const auto head = head_of(1000, 255);
    open_file(folder.path(), "d", head, 4'500'000);
    EXPECT_EQ(names_in(folder), (Names{"a.answers", "b.answers", "c.answers", "d.answers"}));
    open_file(folder.path(), "e", head, 3'500'000);
    EXPECT_EQ(names_in(folder), (Names{"a.answers", "c.answers", "d.answers", "e.answers"}));
    // Opened again it counts as used just now.
    ASSERT_FALSE(open_file(folder.path(), "c", head, 3'500'000)->is_new());
    open_file(folder.path(), "f", head, 2'500'000);
    EXPECT_EQ(names_in(folder), (Names{"c.answers", "d.answers", "e.answers", "f.answers"}));
}

TEST(AnswerFolder, AFileInUseStays) {
    const TemporaryFolder folder;
    make(folder, "old", 1000, 9);
    make(folder, "new", 1000, 1);
    const auto head = head_of(1000, 255);
    const auto used = open_file(folder.path(), "old", head);
    ASSERT_FALSE(used->is_new());
    const timespec long_ago[2]{{1000, 0}, {1000, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, (folder / "old.answers").c_str(), long_ago, 0), 0);
    const auto more = open_file(folder.path(), "more", head, 1'500'000);
    EXPECT_EQ(names_in(folder), (Names{"more.answers", "old.answers"}));
    const Removed removed = clear_answers(folder.path());
    EXPECT_EQ(removed.files, 0);
    EXPECT_EQ(removed.in_use, 2);
    EXPECT_EQ(read_row(*used, 5), answers_in(5, 255));
}

TEST(AnswerFolder, ClearingLeavesWhatIsNotItsOwn) {
    const TemporaryFolder folder;
    make(folder, "a", 10, 3);
    put_bytes(folder / "garbage.answers", "x");
    put_bytes(folder / "notes.txt", "mine");
    const Removed removed = clear_answers(folder.path());
    EXPECT_EQ(removed.files, 2);
    EXPECT_GT(removed.bytes, 10'000);
    EXPECT_EQ(names_in(folder), Names{"notes.txt"});
}

TEST(AnswerFolder, AFileThatAloneIsTooLargeIsRefused) {
    const TemporaryFolder folder;
    make(folder, "a", 10, 3);
    const auto refused = AnswerFile::open(folder.path(), "b", head_of(1000, 255), 1'000'000);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, testing::HasSubstr("would take 1 MB"));
    EXPECT_EQ(names_in(folder), Names{"a.answers"}); // nothing had to go for it
}

TEST(AnswerFolder, StandsWhereCachesStand) {
    const std::string before = std::getenv("XDG_CACHE_HOME") ? std::getenv("XDG_CACHE_HOME") : "";
    setenv("XDG_CACHE_HOME", "/somewhere/cache", 1);
    EXPECT_EQ(standard_answers_folder(), "/somewhere/cache/limbeck/answers");
    setenv("XDG_CACHE_HOME", "relative", 1); // to be ignored, says the standard
    setenv("HOME", "/home/somebody", 1);
    EXPECT_EQ(standard_answers_folder(), "/home/somebody/.cache/limbeck/answers");
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    EXPECT_EQ(standard_answers_folder(), "");
    if (!before.empty()) setenv("XDG_CACHE_HOME", before.c_str(), 1);
}

} // namespace
} // namespace limbeck::test
