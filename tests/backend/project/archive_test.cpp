// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <fstream>
#include <gmock/gmock.h>

#include "backend/project/archive.h"
#include "tests/backend/project/support.h"
#include "tests/backend/project/zip_maker.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

std::string whole(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
}

class Archive : public testing::Test {
  protected:
    Archive() {
        project = value_of(Project::create(folder / "secret place/p", unusual_config()));
        fill_project(*project);
    }

    std::unique_ptr<Project> unpacked(const fs::path& file, const fs::path& to) {
        const fs::path made = value_of(unpack_archive(file, to));
        auto opened = value_of(Project::open(made, Project::Access::write));
        EXPECT_TRUE(value_of(opened->verify()).empty());
        return opened;
    }

    TemporaryFolder folder;
    std::unique_ptr<Project> project;
};

TEST_F(Archive, HoldsAllOfAProjectThatIsBeingWritten) {
    std::vector<double> progress;
    const auto note = [&](double share) {
        progress.push_back(share);
        return true;
    };
    value_of(write_archive(*project, folder / "a.zip", {}, note));
    EXPECT_TRUE(looks_like_archive(folder / "a.zip"));
    EXPECT_TRUE(std::is_sorted(progress.begin(), progress.end()));
    EXPECT_EQ(progress.back(), 1.0);
    progress.clear();
    value_of(unpack_archive(folder / "a.zip", folder / "deep/q", note));
    EXPECT_TRUE(std::is_sorted(progress.begin(), progress.end()));
    EXPECT_EQ(progress.back(), 1.0);

    const auto copy = value_of(Project::open(folder / "deep/q", Project::Access::write));
    EXPECT_TRUE(value_of(copy->verify()).empty());
    EXPECT_EQ(value_of(copy->config()), unusual_config());
    EXPECT_EQ(value_of(copy->points(1, "train/loss")), points_of_steps(0, 1499));
    EXPECT_EQ(value_of(copy->events(1)).size(), 1u);
    EXPECT_EQ(value_of(copy->run(1)).name, unusual_run().name);
    EXPECT_EQ(value_of(copy->object((*value_of(copy->checkpoint(1, "last"))).weights)), small_tensors(1));
    EXPECT_EQ(value_of(copy->left_out()).weights_to, 0);
    EXPECT_FALSE(value_of(copy->left_out()).data_references);
    // Both go on, each for itself, and numbers of runs go on too.
    EXPECT_EQ(value_of(copy->add_run(unusual_run())), 2);
    EXPECT_EQ(value_of(project->runs()).size(), 1u);
    for (const auto& [name, content] : folder_content(folder.path()))
        EXPECT_THAT(name, Not(HasSubstr("tmp"))) << "left behind";
}

TEST_F(Archive, OfTheSameContentHasTheSameBytes) {
    value_of(write_archive(*project, folder / "a.zip", {}));
    value_of(write_archive(*project, folder / "b.zip", {}));
    EXPECT_EQ(whole(folder / "a.zip"), whole(folder / "b.zip"));
}

TEST_F(Archive, ReplacesAnOlderOneAndNeverAFolder) {
    std::ofstream(folder / "a.zip") << "older";
    value_of(write_archive(*project, folder / "a.zip", {}));
    EXPECT_GT(fs::file_size(folder / "a.zip"), 100u);
    EXPECT_THAT(error_of(write_archive(*project, folder.path(), {})), HasSubstr("that is a folder"));
    EXPECT_THAT(error_of(write_archive(*project, folder / "no/such/a.zip", {})), HasSubstr("that is there"));
}

TEST_F(Archive, WithoutWeightsHasNoneAndSaysSo) {
    value_of(write_archive(*project, folder / "a.zip", {.weights = false}));
    for (const MadeEntry& entry : entries_of(folder / "a.zip"))
        EXPECT_THAT(entry.name, Not(HasSubstr("objects")));
    const auto copy = unpacked(folder / "a.zip", folder / "q");
    EXPECT_EQ(value_of(copy->left_out()).weights_to, 1);
    EXPECT_FALSE(value_of(copy->left_out()).data_references);
    EXPECT_FALSE(value_of(copy->checkpoint(1, "last")));
    EXPECT_EQ(value_of(copy->run(1)).teacher_weights, "");
    EXPECT_EQ(value_of(copy->run(1)).config, unusual_config());
    EXPECT_EQ(value_of(copy->points(1, "train/loss")).size(), 1500u);
    // The project itself keeps what it has.
    EXPECT_TRUE(value_of(project->checkpoint(1, "last")));
    EXPECT_EQ(value_of(project->left_out()).weights_to, 0);
    // Weights of later runs are no less there.
    fill_project(*copy);
    value_of(write_archive(*copy, folder / "b.zip", {}));
    EXPECT_TRUE(value_of(unpacked(folder / "b.zip", folder / "r")->checkpoint(2, "last")));
}

TEST_F(Archive, WithoutDataReferencesNamesNoFolderOfAnybody) {
    RunRecord run = unusual_run();
    run.state = RunState::failed;
    run.error = "Reading \"" + (project->folder() / "weights/résumé.safetensors").string() + "\" failed.";
    run.config.teacher.more = {{"lenet", {}, "/home/someone/lenet.safetensors"}};
    value_of(project->add_run(run));
    value_of(write_archive(*project, folder / "with.zip", {}));
    value_of(write_archive(*project, folder / "a.zip", {.data_references = false}));
    const auto all = [&](const char* name) {
        std::string text;
        for (const MadeEntry& entry : entries_of(folder / name))
            text += entry.content;
        return text;
    };
    for (const char* secret : {"fashion mnist", "résumé", "someone", "secret place"}) {
        EXPECT_THAT(all("with.zip"), HasSubstr(secret));
        EXPECT_THAT(all("a.zip"), Not(HasSubstr(secret)));
    }
    const auto copy = unpacked(folder / "a.zip", folder / "q");
    EXPECT_TRUE(value_of(copy->left_out()).data_references);
    EXPECT_EQ(value_of(copy->config()).data.dataset.kind, "idx");
    EXPECT_EQ(value_of(copy->config()).data.dataset.path, left_out_path);
    EXPECT_EQ(value_of(copy->run(1)).config.teacher.network.weights, left_out_path);
    EXPECT_EQ(value_of(copy->run(1)).config.student.network.weights, "") << "trained, and still said to be";
    EXPECT_THAT(value_of(copy->run(2)).error, HasSubstr(std::string(left_out_path)));
    EXPECT_TRUE(value_of(copy->checkpoint(1, "last"))) << "weights were asked for";
}

TEST_F(Archive, ThatIsCancelledLeavesNothing) {
    std::ofstream(folder / "a.zip") << "older";
    const auto before = folder_content(folder.path());
    for (int asked = 1; asked <= 3; ++asked) {
        int calls = 0;
        const auto stopped =
            write_archive(*project, folder / "a.zip", {}, [&](double) { return ++calls < asked; });
        ASSERT_FALSE(stopped);
        EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
        EXPECT_EQ(calls, asked);
        EXPECT_EQ(folder_content(folder.path()), before);
    }
    value_of(write_archive(*project, folder / "a.zip", {}));
    const auto written = folder_content(folder.path());
    for (int asked = 1; asked <= 3; ++asked) {
        int calls = 0;
        const auto stopped =
            unpack_archive(folder / "a.zip", folder / "deep/q", [&](double) { return ++calls < asked; });
        ASSERT_FALSE(stopped);
        EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
        EXPECT_EQ(folder_content(folder.path()), written);
    }
}

TEST_F(Archive, OfADamagedProjectIsRefused) {
    const fs::path object = folder / "secret place/p/objects" / value_of(project->run(1)).teacher_weights;
    std::ofstream(object, std::ios::binary | std::ios::app) << "x";
    EXPECT_THAT(error_of(write_archive(*project, folder / "a.zip", {})), HasSubstr("is damaged"));
    EXPECT_FALSE(fs::exists(folder / "a.zip"));
    value_of(write_archive(*project, folder / "a.zip", {.weights = false}));
    project.reset();
    run_sql(folder / "secret place/p", "UPDATE run SET epoch=99");
    project = value_of(Project::open(folder / "secret place/p", Project::Access::view));
    EXPECT_FALSE(write_archive(*project, folder / "b.zip", {}));
    EXPECT_FALSE(fs::exists(folder / "b.zip"));
}

TEST_F(Archive, IsNotTakenForAProject) {
    value_of(write_archive(*project, folder / "a.zip", {}));
    for (const auto access : {Project::Access::view, Project::Access::write})
        EXPECT_THAT(error_of(Project::open(folder / "a.zip", access)), HasSubstr("Unpack it"));
    EXPECT_FALSE(looks_like_archive(folder / "secret place/p/project.limbeck"));
    EXPECT_FALSE(looks_like_archive(folder.path()));
    EXPECT_FALSE(looks_like_archive(folder / "nothing"));
}

TEST_F(Archive, IsNotUnpackedOverAnything) {
    value_of(write_archive(*project, folder / "a.zip", {}));
    fs::create_directory(folder / "q");
    std::ofstream(folder / "q/mine.txt") << "mine";
    EXPECT_THAT(error_of(unpack_archive(folder / "a.zip", folder / "q")), HasSubstr("not empty"));
    EXPECT_EQ(whole(folder / "q/mine.txt"), "mine");
    fs::remove(folder / "q/mine.txt");
    value_of(unpack_archive(folder / "a.zip", folder / "q/"));
}

TEST_F(Archive, OfAViewedProjectOfTheFirstFormatIsOfThisOne) {
    project.reset();
    const fs::path old = folder / "secret place/p";
    run_sql(old, "DROP TABLE run_stage; DROP TABLE further_teacher; PRAGMA user_version=1");
    const auto before = folder_content(old);
    const auto viewed = value_of(Project::open(old, Project::Access::view));
    value_of(write_archive(*viewed, folder / "a.zip", {.weights = false, .data_references = false}));
    EXPECT_EQ(folder_content(old), before);
    unpacked(folder / "a.zip", folder / "q");
    EXPECT_EQ(query(folder / "q", "PRAGMA user_version"), "2");
}

} // namespace
} // namespace limbeck
