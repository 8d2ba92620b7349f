// SPDX-License-Identifier: GPL-3.0-or-later
// Archives from strangers: each is refused in words, and nothing of it is left anywhere.
#include <fstream>
#include <gmock/gmock.h>

#include "backend/project/archive.h"
#include "backend/project/schema.h"
#include "tests/backend/project/support.h"
#include "tests/backend/project/zip_maker.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class HostileArchive : public testing::Test {
  protected:
    HostileArchive() {
        const auto project = value_of(Project::create(folder / "p", unusual_config()));
        fill_project(*project);
        value_of(write_archive(*project, folder / "good.zip", {}));
        entries = entries_of(folder / "good.zip");
    }

    MadeEntry& entry(const std::string& start) {
        for (MadeEntry& each : entries)
            if (each.name.starts_with(start)) return each;
        throw std::runtime_error("no entry " + start);
    }

    /// The error of unpacking `entries`; fails the test where anything is left of it.
    std::string refused() {
        make_zip(folder / "bad.zip", entries);
        return refused(folder / "bad.zip");
    }

    std::string refused(const fs::path& file) {
        const auto before = folder_content(folder.path());
        const auto result = unpack_archive(file, folder / "deep/q");
        EXPECT_EQ(folder_content(folder.path()), before);
        if (!result) {
            EXPECT_EQ(result.error().kind, ErrorKind::document) << result.error().message;
        }
        return error_of(result);
    }

    /// The database of the archive after SQL on it.
    void change_database(const std::string& sql) {
        fs::create_directory(folder / "changed");
        std::ofstream(folder / "changed/project.limbeck", std::ios::binary)
            << entry("project.limbeck").content;
        run_sql(folder / "changed", sql);
        entry("project.limbeck").content = folder_content(folder / "changed").at("project.limbeck");
    }

    TemporaryFolder folder;
    std::vector<MadeEntry> entries;
};

TEST_F(HostileArchive, IsToldFromAGoodOneThatIsMadeTheSameWay) {
    make_zip(folder / "same.zip", entries);
    value_of(unpack_archive(folder / "same.zip", folder / "q"));
    entry("project.limbeck").method = 8;
    make_zip(folder / "deflated.zip", entries);
    value_of(unpack_archive(folder / "deflated.zip", folder / "r"));
}

TEST_F(HostileArchive, MayHaveBeenPackedByHandWithAFolderAndOtherFiles) {
    for (MadeEntry& each : entries)
        each.name = "My experiment/" + each.name;
    entries.push_back({.name = "My experiment/objects/", .attributes = 040755U << 16});
    entries.push_back({.name = "My experiment/notes.txt", .content = "mine"});
    entries.push_back({.name = "__MACOSX/x", .content = "?"});
    make_zip(folder / "hand.zip", entries);
    std::vector<std::string> ignored;
    value_of(unpack_archive(folder / "hand.zip", folder / "q", {}, &ignored));
    EXPECT_THAT(ignored, UnorderedElementsAre("\"My experiment/notes.txt\"", "\"__MACOSX/x\""));
    EXPECT_EQ(folder_content(folder / "q").size(), 3u) << "the database, objects/ and one object";
}

TEST_F(HostileArchive, MayNotNameAPlaceOutsideOfTheFolder) {
    for (const std::string name :
         {"../evil", "a/../../evil", "/tmp/evil", "..", "a\\..\\evil", "C:evil", "\\evil", ""}) {
        entries.push_back({.name = name, .content = "x"});
        EXPECT_THAT(refused(), HasSubstr("outside of the folder")) << name;
        entries.back().name = "objects/" + name;
        if (name.starts_with("..")) {
            EXPECT_THAT(refused(), HasSubstr("outside of the folder")) << name;
        }
        entries.pop_back();
    }
    entries.push_back({.name = std::string("good\0../evil", 12), .content = "x"});
    EXPECT_THAT(refused(), HasSubstr("outside of the folder"));
}

TEST_F(HostileArchive, MayNotHoldLinksAndDevices) {
    for (const std::uint32_t type : {0120777U, 0020666U, 0010666U, 0140666U}) {
        entries.push_back({.name = "objects/link", .content = "/etc", .attributes = type << 16});
        EXPECT_THAT(refused(), HasSubstr("a link or a device"));
        entries.pop_back();
    }
    entry("objects/").attributes = 0120777U << 16;
    EXPECT_THAT(refused(), HasSubstr("a link or a device"));
}

TEST_F(HostileArchive, MayNotNameAFileTwice) {
    entries.push_back(entry("project.limbeck"));
    EXPECT_THAT(refused(), HasSubstr("twice"));
}

TEST_F(HostileArchive, MayNotBeEncryptedOrPackedUnknowably) {
    entry("objects/").flags = 1;
    EXPECT_THAT(refused(), HasSubstr("encrypted"));
    entry("objects/").flags = 0;
    entry("objects/").method = 14;
    EXPECT_THAT(refused(), HasSubstr("Limbeck does not know"));
}

TEST_F(HostileArchive, MayNotClaimMoreBytesThanItHas) {
    MadeEntry& object = entry("objects/");
    object.size = 0xFFFF0000U;
    EXPECT_THAT(refused(), HasSubstr("is said to have 4294901760 bytes"));
    object.size.reset();
    object.packed_size = 0x7FFFFFFF;
    EXPECT_THAT(refused(), HasSubstr("more bytes than the archive has"));
    object.packed_size.reset();
    entry("project.limbeck").size = static_cast<std::uint32_t>(entry("project.limbeck").content.size() + 1);
    EXPECT_THAT(refused(), HasSubstr("are said"));
    entry("project.limbeck").size = 4096;
    EXPECT_NE(refused(), "(no error)");
}

TEST_F(HostileArchive, MayNotLetItsFilesShareTheirBytes) {
    // A bomb of overlapping files: each entry points to the same packed bytes.
    MadeEntry bomb{.name = "x0", .content = std::string(1'000'000, '\0'), .method = 8};
    entries.push_back(bomb);
    const auto packed = [&] {
        make_zip(folder / "one.zip", {bomb});
        return static_cast<std::uint32_t>(fs::file_size(folder / "one.zip"));
    }();
    ASSERT_LT(packed, 2000u);
    for (int i = 1; i < 300; ++i) {
        entries.push_back(
            {.name = "x" + std::to_string(i), .size = 1'000'000, .packed_size = 0x8000, .offset = 0});
    }
    EXPECT_THAT(refused(), HasSubstr("more bytes than the archive has"));
}

TEST_F(HostileArchive, MayNotNeedMoreThanTheDiskHas) {
    // The database agrees with the directory, so that only the room on the disk is left to ask.
    MadeEntry& object = entry("objects/");
    constexpr std::int64_t huge = std::int64_t{1} << 60;
    const std::uint32_t sum = row_crc(object_table, {object.name.substr(8), huge});
    change_database("UPDATE object SET bytes=" + std::to_string(huge) + ", crc=" + std::to_string(sum));
    object.zip64_size = huge;
    EXPECT_THAT(refused(), HasSubstr("the disk has room for"));
}

TEST_F(HostileArchive, MayNotLackOrAlterAnObject) {
    MadeEntry& object = entry("objects/");
    const std::string content = object.content;
    object.content.back() ^= 1;
    EXPECT_THAT(refused(), HasSubstr("SHA-256"));
    object.content = content;
    object.crc = 7;
    EXPECT_THAT(refused(), HasSubstr("check sum"));
    object.crc.reset();
    object.name = "objects/other";
    EXPECT_THAT(refused(), HasSubstr("is not in it"));
}

TEST_F(HostileArchive, MayNotHoldADamagedOrForeignProject) {
    change_database("UPDATE run SET epoch=99");
    EXPECT_THAT(refused(), HasSubstr("check sum"));
    entry("project.limbeck").content = "SQLite format 3? no";
    EXPECT_THAT(refused(), HasSubstr("bytes"));
    entry("project.limbeck").content = std::string(4096, 'x');
    EXPECT_THAT(refused(), HasSubstr("not a project"));
    entry("project.limbeck").name = "project.limbeck/";
    EXPECT_THAT(refused(), HasSubstr("holds no project"));
}

TEST_F(HostileArchive, MayNotBringATrigger) {
    change_database("CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM run; END");
    EXPECT_THAT(refused(), HasSubstr("tables"));
}

TEST_F(HostileArchive, PackedByHandWhileItWasWrittenIsNotTakenForWhole) {
    entries.push_back({.name = "project.limbeck-wal", .content = "newest"});
    EXPECT_THAT(refused(), HasSubstr("while a program wrote"));
    entries.back().content.clear();
    make_zip(folder / "empty-log.zip", entries);
    value_of(unpack_archive(folder / "empty-log.zip", folder / "q"));
}

TEST_F(HostileArchive, MayBeAnyOtherFile) {
    std::ofstream(folder / "text.zip") << "not a zip";
    EXPECT_THAT(refused(folder / "text.zip"), HasSubstr("no directory as a zip has"));
    std::ofstream(folder / "none.zip") << "";
    EXPECT_NE(refused(folder / "none.zip"), "(no error)");
    make_zip(folder / "empty.zip", {});
    EXPECT_NE(refused(folder / "empty.zip"), "(no error)");
    make_zip(folder / "other.zip", {{.name = "notes.txt", .content = "mine"}});
    EXPECT_THAT(refused(folder / "other.zip"), HasSubstr("holds no project"));
    make_zip(folder / "two.zip", {{.name = "a/project.limbeck"}, {.name = "b/project.limbeck"}});
    EXPECT_THAT(refused(folder / "two.zip"), HasSubstr("several projects"));
    EXPECT_NE(refused(folder / "p"), "(no error)");
    EXPECT_NE(refused(folder / "missing.zip"), "(no error)");
}

TEST_F(HostileArchive, CutShortAnywhereIsRefused) {
    std::ifstream in(folder / "good.zip", std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    for (std::size_t length = 0; length < bytes.size(); length += bytes.size() / 20 + 1) {
        std::ofstream(folder / "cut.zip", std::ios::binary) << bytes.substr(0, length);
        EXPECT_NE(refused(folder / "cut.zip"), "(no error)") << length;
    }
}

TEST_F(HostileArchive, WithAnyByteChangedIsRefusedOrGivesTheSameProject) {
    std::ifstream in(folder / "good.zip", std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    const auto good = folder_content(value_of(unpack_archive(folder / "good.zip", folder / "good")));
    for (std::size_t at = 0; at < bytes.size(); at += 97) {
        std::string changed = bytes;
        changed[at] ^= 0x15;
        std::ofstream(folder / "changed.zip", std::ios::binary) << changed;
        const auto result = unpack_archive(folder / "changed.zip", folder / "q");
        if (!result) continue;
        EXPECT_EQ(folder_content(folder / "q"), good) << "byte " << at;
        fs::remove_all(folder / "q");
    }
}

} // namespace
} // namespace limbeck
