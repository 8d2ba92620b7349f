// SPDX-License-Identifier: GPL-3.0-or-later
// Whole experiments through the program: train, look, repeat, export.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "backend/project/safetensors.h"
#include "tests/app/cli/program.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {
namespace {

using testing::HasSubstr;

const std::vector<std::string> small_moons{"--sample", "moons",
                                           "--set",    "data.samples=300",
                                           "--set",    "teacher.training.epochs=3",
                                           "--set",    "training.epochs=3",
                                           "--set",    "training.threads=1"};

class Training : public testing::Test {
  protected:
    Outcome cli(const std::vector<std::string>& arguments) { return limbeck_cli(arguments, folder.path()); }

    void make(const std::string& project) {
        std::vector<std::string> words{"new", project};
        words.insert(words.end(), small_moons.begin(), small_moons.end());
        ASSERT_EQ(cli(words).code, 0);
    }

    std::string csv(const std::string& project, int run) {
        const Outcome exported =
            cli({"export", project, "--run", std::to_string(run), "--format", "csv", "-o", "-"});
        EXPECT_EQ(exported.code, 0) << exported.err;
        return exported.out;
    }

    TemporaryFolder folder;
};

TEST_F(Training, EndsWithATableOfTeacherStudentAloneAndStudent) {
    make("p");
    const Outcome ran = cli({"run", "p"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    for (const char* words :
         {"teacher ", "student alone", "student with teacher", "agreement", "predictive KL", "points"})
        EXPECT_THAT(ran.out, HasSubstr(words));
    const Outcome shown = cli({"show", "p"});
    EXPECT_THAT(shown.out, HasSubstr("finished"));
    EXPECT_THAT(shown.out, HasSubstr("3/3"));
    EXPECT_EQ(cli({"check", "p"}).code, 0);
}

TEST_F(Training, TrainsAChainAndNamesEveryNetworkOfIt) {
    make("p");
    const Outcome ran = cli({"run", "p", "--set", "distillation.scheme=assistants", "--set",
                             "distillation.assistants=mlp:hidden=24;mlp:hidden=12"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    for (const char* words : {"assistant 1", "assistant 2", "student with teacher", "points"})
        EXPECT_THAT(ran.out, HasSubstr(words));
    const Outcome shown = cli({"show", "p", "--json"});
    EXPECT_THAT(shown.out, HasSubstr(R"("role":"assistant")"));
    EXPECT_THAT(shown.out, HasSubstr(R"("stage":1)"));
    ASSERT_EQ(cli({"export", "p", "--run", "4", "--format", "safetensors", "-o", "w"}).code, 0);
    const auto weights = read_safetensors(folder.path() / "w");
    ASSERT_TRUE(weights);
    EXPECT_EQ(weights->metadata.at("limbeck.network"), "mlp:hidden=12");
}

TEST_F(Training, TellsItsCourseAsJson) {
    make("p");
    const Outcome ran = cli({"run", "p", "--json"});
    ASSERT_EQ(ran.code, 0) << ran.err;
    std::map<std::string, int> events;
    for (const auto& object : ran.objects())
        ++events[object.at("event").get<std::string>()];
    EXPECT_EQ(events["configuration"], 1);
    EXPECT_EQ(events["result"], 1);
    EXPECT_GE(events["run"], 3);
    EXPECT_GE(events["metrics"], 9);
    const auto result = ran.last("result");
    EXPECT_EQ(result.at("exit_code"), 0);
    ASSERT_EQ(result.at("results").size(), 3u);
    const auto& student = result.at("results")[2];
    EXPECT_EQ(student.at("who"), "student with teacher");
    for (const char* value : {"validation_accuracy", "test_accuracy", "test_agreement", "test_predictive_kl"})
        EXPECT_TRUE(student.at(value).is_number()) << value;
    const double margin = (student.at("test_accuracy").get<double>() -
                           result.at("results")[1].at("test_accuracy").get<double>()) *
                          100;
    EXPECT_NEAR(result.at("margin_points").get<double>(), margin, 1e-9);
}

TEST_F(Training, KeepsItsTeacherForTheNextRun) {
    make("p");
    ASSERT_EQ(cli({"run", "p"}).code, 0);
    const Outcome second = cli({"run", "p", "--set", "distillation.temperature=8", "--json"});
    ASSERT_EQ(second.code, 0) << second.err;
    EXPECT_EQ(second.last("result").at("runs").size(), 1u) << "teacher and student alone are there already";
    EXPECT_EQ(second.last("result").at("results")[0].at("run"), 1);
    EXPECT_EQ(cli({"show", "p", "--json"})
                  .last("configuration")
                  .at("configuration")
                  .at("distillation")
                  .at("temperature"),
              2.0)
        << "--set is for this run only";
}

TEST_F(Training, RepeatsARunToTheBit) {
    make("p");
    ASSERT_EQ(cli({"run", "p"}).code, 0);
    const Outcome repeated = cli({"repeat", "p", "--run", "3", "--json"});
    ASSERT_EQ(repeated.code, 0) << repeated.err;
    const auto run = repeated.last("result").at("runs")[0];
    EXPECT_EQ(run.at("parent"), 3);
    EXPECT_EQ(csv("p", 3), csv("p", run.at("id").get<int>()));
}

TEST_F(Training, GivesTheSameNumbersInAnotherProject) {
    make("a");
    make("b");
    ASSERT_EQ(cli({"run", "a"}).code, 0);
    ASSERT_EQ(cli({"run", "b"}).code, 0);
    for (int run = 1; run <= 3; ++run)
        EXPECT_EQ(csv("a", run), csv("b", run)) << run;
    ASSERT_EQ(cli({"run", "b", "--set", "training.seed=1"}).code, 0);
    EXPECT_NE(csv("a", 3), csv("b", 6)) << "another seed gives other numbers";
}

TEST_F(Training, ExportsItsMetricsAsCsv) {
    make("p");
    ASSERT_EQ(cli({"run", "p"}).code, 0);
    ASSERT_EQ(cli({"export", "p", "--run", "3", "--format", "csv", "-o", "metrics.csv"}).code, 0);
    std::ifstream file(folder / "metrics.csv");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(text, csv("p", 3));
    EXPECT_TRUE(text.starts_with("series,step,mean,minimum,maximum\n"));
    std::istringstream lines(text);
    int steps = 0;
    for (std::string line; std::getline(lines, line);) {
        EXPECT_EQ(std::count(line.begin(), line.end(), ','), 4) << line;
        steps += line.starts_with("train/loss,");
    }
    // 216 samples to train, in batches of 64.
    EXPECT_THAT(steps, testing::AllOf(testing::Ge(9), testing::Le(12)));
    EXPECT_THAT(text, HasSubstr("validation/agreement,"));
    EXPECT_THAT(text, HasSubstr("test/accuracy,"));
}

TEST_F(Training, ExportsWeightsWithWhatAStrangerNeeds) {
    make("p");
    ASSERT_EQ(cli({"run", "p"}).code, 0);
    for (const char* which : {"last", "best"}) {
        const Outcome exported = cli({"export", "p", "--run", "1", "--format", "safetensors", "--weights",
                                      which, "-o", "w.safetensors"});
        ASSERT_EQ(exported.code, 0) << exported.err;
        const auto weights = read_safetensors(folder / "w.safetensors").value();
        EXPECT_FALSE(weights.tensors.empty());
        EXPECT_EQ(weights.metadata.at("limbeck.network"), "mlp:hidden=64x64");
        EXPECT_EQ(weights.metadata.at("limbeck.input"), "[2]");
        EXPECT_EQ(weights.metadata.at("limbeck.classes"), R"(["upper","lower"])");
        EXPECT_EQ(nlohmann::json::parse(weights.metadata.at("limbeck.mean")).size(), 2u);
    }
}

TEST_F(Training, StartsFromExportedWeightsAsTheTeacher) {
    make("p");
    ASSERT_EQ(cli({"run", "p"}).code, 0);
    ASSERT_EQ(cli({"export", "p", "--run", "1", "--format", "safetensors", "-o", "w.safetensors"}).code, 0);
    make("q");
    const Outcome ran =
        cli({"run", "q", "--set", "teacher.model=mlp:hidden=64x64,weights=w.safetensors", "--json"});
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.last("result").at("runs").size(), 2u) << "no teacher is trained";
    EXPECT_EQ(csv("q", 2), csv("p", 3)) << "the same teacher teaches the same";
}

TEST_F(Training, FailsInWordsWhenTheDataAreNotThere) {
    ASSERT_EQ(cli({"new", "p", "--dataset", "idx:nowhere"}).code, 0);
    const Outcome ran = cli({"run", "p", "--json"});
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.err, HasSubstr("no such folder"));
    EXPECT_EQ(ran.last("result").at("exit_code"), 1);
}

TEST_F(Training, RefusesADeviceThatIsNotThere) {
    make("p");
    const Outcome ran = cli({"run", "p", "--device", "cuda:99"});
    EXPECT_NE(ran.code, 0);
    EXPECT_THAT(ran.err, HasSubstr("cuda:99"));
}

TEST_F(Training, KeepsTheTeachersAnswersForLaterRunsAndListsThem) {
    EXPECT_THAT(cli({"cache"}).out, HasSubstr("No teacher's answers are kept in"));
    make("p");
    const Outcome first = cli({"run", "p", "--json"});
    ASSERT_EQ(first.code, 0) << first.out;
    EXPECT_THAT(first.out, HasSubstr("Teacher's answers: cached (float32)"));
    EXPECT_THAT(first.out, HasSubstr("216 of 216 kept; the teacher was asked in"));
    const Outcome second = cli({"run", "p", "--set", "distillation.temperature=8"});
    EXPECT_THAT(second.out + second.err, HasSubstr("the teacher was asked in 0 of"));

    const nlohmann::json listed = cli({"cache", "--json"}).last("answers");
    EXPECT_EQ(listed.at("kept"), 216);
    EXPECT_EQ(listed.at("of"), 216);
    EXPECT_EQ(listed.at("precision"), "float32");
    EXPECT_EQ(listed.at("dataset"), "moons");
    EXPECT_THAT(cli({"cache"}).out, HasSubstr("216"));
    EXPECT_THAT(cli({"show", "p"}).out, HasSubstr("teacher's answers: cached (float32), 216 of 216 kept"));
    const nlohmann::json run = cli({"show", "p", "--json"}).last("run");
    EXPECT_EQ(run.at("answers").at("kept"), 216);
    EXPECT_EQ(run.at("answers").at("teacher_weights"), run.at("run").at("teacher_weights"));

    const nlohmann::json removed = cli({"cache", "--clear", "--json"}).last("result");
    EXPECT_EQ(removed.at("removed"), 1);
    EXPECT_EQ(cli({"cache", "--json"}).last("result").at("files"), 0);
    EXPECT_TRUE(cli({"show", "p", "--json"}).last("run").at("answers").is_null());
    // Nothing of it is needed to train the same again.
    const int run_id = run.at("run").at("id");
    ASSERT_EQ(cli({"repeat", "p", "--run", std::to_string(run_id)}).code, 0);
    EXPECT_EQ(csv("p", run_id), csv("p", run_id + 1));
}

} // namespace
} // namespace limbeck::test
