// SPDX-License-Identifier: GPL-3.0-or-later
// What needs a project and no training: new, show, check, export of nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "backend/types/catalogue.h"
#include "backend/types/config.h"
#include "tests/app/cli/program.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

using testing::HasSubstr;

class Projects : public testing::Test {
  protected:
    Outcome cli(const std::vector<std::string>& arguments) { return limbeck_cli(arguments, folder.path()); }

    ExperimentConfig config_of(const std::string& project) {
        const auto config = config_from_json(cli({"show", project, "--config"}).out);
        EXPECT_TRUE(config) << (config ? "" : config.error().message);
        return config.value_or(ExperimentConfig{});
    }

    TemporaryFolder folder;
};

TEST_F(Projects, AreMadeFromSpecsAndSettings) {
    const Outcome made = cli({"new", "p", "--dataset", "moons", "--teacher", "mlp:hidden=8x8", "--student",
                              "mlp:hidden=4", "--set", "training.epochs=3", "--set=training.seed=7"});
    ASSERT_EQ(made.code, 0) << made.err;
    EXPECT_THAT(made.out, HasSubstr("limbeck-cli run p"));
    const ExperimentConfig config = config_of("p");
    EXPECT_EQ(config.data.dataset.kind, "moons");
    EXPECT_EQ(to_string(config.teacher.network), "mlp:hidden=8x8");
    EXPECT_EQ(to_string(config.student.network), "mlp:hidden=4");
    EXPECT_EQ(config.training.epochs, 3);
    EXPECT_EQ(config.training.seed, 7u);
}

TEST_F(Projects, AreMadeFromEverySampleThatNeedsNoFolder) {
    for (const SampleExperiment& sample : sample_experiments()) {
        const std::string id(sample.id);
        const Outcome made = cli({"new", id, "--sample", id});
        const bool needs_folder = find_dataset(sample.config.data.dataset.kind)->needs_folder;
        EXPECT_EQ(made.code, needs_folder ? 2 : 0) << made.err;
        if (made.code == 0) {
            EXPECT_EQ(config_of(id), sample.config);
        }
    }
    EXPECT_THAT(cli({"new", "x", "--sample", "glpyhs"}).err, HasSubstr("nearest is glyphs"));
}

TEST_F(Projects, TakeBackTheConfigurationThatShowPrints) {
    ASSERT_EQ(cli({"new", "a", "--sample", "spirals", "--set", "training.learning_rate=0.0123"}).code, 0);
    std::ofstream(folder / "config.json") << cli({"show", "a", "--config"}).out;
    const Outcome again = cli({"new", "b", "--config", "config.json"});
    ASSERT_EQ(again.code, 0) << again.err;
    EXPECT_EQ(config_of("a"), config_of("b"));
    const auto shown = cli({"show", "a", "--json"}).last("configuration").at("configuration");
    std::ofstream(folder / "compact.json") << shown.dump();
    ASSERT_EQ(cli({"new", "c", "--config", "compact.json"}).code, 0);
    EXPECT_EQ(config_of("a"), config_of("c"));
    const std::string spec = shown.at("teacher").at("model").dump();
    ASSERT_EQ(cli({"new", "d", "--sample", "spirals", "--student", spec}).code, 0);
    EXPECT_EQ(config_of("d").student.network, config_of("a").teacher.network);
}

TEST_F(Projects, TravelAsOneFile) {
    ASSERT_EQ(cli({"new", "p", "--dataset", "idx:/home/someone/fashion"}).code, 0);
    const Outcome archived = cli({"archive", "p", "-o", "p.zip", "--json"});
    ASSERT_EQ(archived.code, 0) << archived.err;
    EXPECT_EQ(archived.last("result").at("weights"), true);
    EXPECT_EQ(archived.last("result").at("bytes"), std::filesystem::file_size(folder / "p.zip"));
    const Outcome shown = cli({"show", "p.zip"});
    EXPECT_EQ(shown.code, 1);
    EXPECT_THAT(shown.err, HasSubstr("limbeck-cli unpack"));
    const Outcome unpacked = cli({"unpack", "p.zip", "-o", "deep/q"});
    ASSERT_EQ(unpacked.code, 0) << unpacked.err;
    EXPECT_THAT(unpacked.out, HasSubstr("deep/q"));
    EXPECT_EQ(config_of("deep/q"), config_of("p"));
    EXPECT_EQ(cli({"check", "deep/q"}).code, 0);
    EXPECT_EQ(cli({"unpack", "p.zip", "-o", "deep/q"}).code, 1) << "something is there already";
    EXPECT_EQ(cli({"unpack", "p.zip"}).code, 2);
    EXPECT_EQ(cli({"archive", "p"}).code, 2);

    const Outcome bare =
        cli({"archive", "p", "-o", "bare.zip", "--without-weights", "--without-data-references"});
    ASSERT_EQ(bare.code, 0) << bare.err;
    EXPECT_THAT(bare.out, HasSubstr("without the paths"));
    ASSERT_EQ(cli({"unpack", "bare.zip", "-o", "r"}).code, 0);
    EXPECT_THAT(cli({"show", "r"}).out, HasSubstr("It leaves out the paths of data sets"));
    EXPECT_EQ(config_of("r").data.dataset.path, "(left out of the archive)");
    EXPECT_EQ(cli({"show", "r", "--json"}).last("configuration").at("data_references_left_out"), true);
}

TEST_F(Projects, KeepPathsRelativeToThemselves) {
    ASSERT_EQ(cli({"new", "inner/p", "--dataset", "idx:data/fashion"}).code, 0);
    EXPECT_EQ(config_of("inner/p").data.dataset.path, "../../data/fashion");
    ASSERT_EQ(cli({"new", "q", "--dataset", "idx:/data/fashion"}).code, 0);
    EXPECT_EQ(config_of("q").data.dataset.path, "/data/fashion");
}

TEST_F(Projects, StartWithTheObjectivesOwnDefaults) {
    ASSERT_EQ(cli({"new", "a", "--set", "distillation.objective=mse-logits"}).code, 0);
    EXPECT_EQ(config_of("a").distillation.temperature, 1);
    ASSERT_EQ(
        cli({"new", "b", "--set", "distillation.temperature=3", "--set", "distillation.objective=mse-logits"})
            .code,
        0);
    EXPECT_EQ(config_of("b").distillation.temperature, 3);
}

TEST_F(Projects, AreNotMadeFromWrongSettings) {
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"--dataset", "gylphs"},
                                               {"--dataset", "idx"},
                                               {"--teacher", "resnet9"},
                                               {"--student", "mlp:hidden=0"},
                                               {"--set", "training.epochs=many"},
                                               {"--dataset", "moons"},
                                               {"--sample", "moons", "--config", "f"},
                                               {"--config", "nowhere.json"},
                                               {"--set", "training.batch_size=20000"}}) {
        std::vector<std::string> all{"new", "p"};
        all.insert(all.end(), words.begin(), words.end());
        const Outcome outcome = cli(all);
        EXPECT_EQ(outcome.code, 2) << words[1];
        EXPECT_FALSE(outcome.err.empty());
        EXPECT_FALSE(std::filesystem::exists(folder / "p")) << "nothing is left behind by " << words[1];
    }
}

TEST_F(Projects, AreNotMadeOverOtherFiles) {
    std::filesystem::create_directory(folder / "p");
    std::ofstream(folder / "p" / "letter.txt") << "dear";
    EXPECT_EQ(cli({"new", "p", "--sample", "moons"}).code, 1);
    EXPECT_TRUE(std::filesystem::exists(folder / "p" / "letter.txt"));
}

TEST_F(Projects, AreFoundWhole) {
    ASSERT_EQ(cli({"new", "p", "--sample", "moons"}).code, 0);
    const Outcome checked = cli({"check", "p", "--json"});
    EXPECT_EQ(checked.code, 0);
    EXPECT_EQ(checked.last("result").at("findings"), 0);
    EXPECT_THAT(cli({"show", "p"}).out, HasSubstr("No runs yet"));
}

TEST_F(Projects, ThatAreDamagedAreShownCheckedAndRepaired) {
    ASSERT_EQ(cli({"new", "p", "--sample", "moons"}).code, 0);
    std::fstream file(folder / "p" / "project.limbeck", std::ios::in | std::ios::out | std::ios::binary);
    const std::string content(std::istreambuf_iterator<char>(file), {});
    const std::size_t at = content.find("\"moons\"");
    ASSERT_NE(at, std::string::npos);
    file.clear();
    file.seekp(static_cast<std::streamoff>(at) + 1);
    file.put('X'); // more than one bit, so that it cannot be put right
    file.close();
    EXPECT_THAT(cli({"show", "p"}).out, HasSubstr("the configuration cannot be read"));
    EXPECT_THAT(cli({"show", "p"}).out, HasSubstr("No runs yet"));
    const Outcome checked = cli({"check", "p"});
    EXPECT_EQ(checked.code, 1);
    EXPECT_THAT(checked.out, HasSubstr("check --repair"));
    EXPECT_THAT(cli({"run", "p"}).err, HasSubstr("cannot be opened for writing"));
    const Outcome repaired = cli({"check", "p", "--repair", "--json"});
    EXPECT_EQ(repaired.code, 0) << repaired.out;
    EXPECT_EQ(repaired.last("repair").at("changed"), true);
    EXPECT_EQ(repaired.last("lost").at("where"), "configuration");
    EXPECT_TRUE(std::filesystem::exists(repaired.last("repair").at("kept").get<std::string>()));
    EXPECT_EQ(cli({"check", "p"}).code, 0);
    EXPECT_EQ(cli({"show", "p"}).code, 0);
    const Outcome again = cli({"check", "p", "--repair", "--json"});
    EXPECT_EQ(again.last("repair").at("changed"), false) << "there is nothing more to repair";
}

TEST_F(Projects, ThatAreNoneAreRefusedInWords) {
    std::ofstream(folder / "project.limbeck") << "hello";
    for (const char* command : {"show", "check", "run", "resume"})
        for (const char* project : {"nowhere", "."}) {
            const Outcome outcome = cli({command, project});
            EXPECT_EQ(outcome.code, 1) << command << " " << project;
            EXPECT_FALSE(outcome.err.empty());
        }
}

TEST_F(Projects, WithoutRunsHaveNothingToResumeRepeatOrExport) {
    ASSERT_EQ(cli({"new", "p", "--sample", "moons"}).code, 0);
    EXPECT_EQ(cli({"resume", "p"}).code, 2);
    EXPECT_EQ(cli({"repeat", "p", "--run", "1"}).code, 2);
    EXPECT_EQ(cli({"export", "p", "--run", "1", "--format", "csv", "-o", "-"}).code, 2);
}

} // namespace
} // namespace limbeck::test
