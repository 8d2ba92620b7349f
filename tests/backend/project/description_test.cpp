// SPDX-License-Identifier: GPL-3.0-or-later
// project.json: written for people and version control, never read.
#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/backend/project/support.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class ProjectDescription : public testing::Test {
  protected:
    std::string text() const {
        std::ifstream in(folder / "p/project.json", std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    }

    nlohmann::json json() const { return nlohmann::json::parse(text()); }

    TemporaryFolder folder;
};

TEST_F(ProjectDescription, SaysWhatTheProjectSays) {
    const auto project = value_of(Project::create(folder / "p", unusual_config()));
    EXPECT_EQ(json().at("configuration"), nlohmann::json::parse(to_json(unusual_config())));
    EXPECT_TRUE(json().at("runs").empty());
    fill_project(*project);
    const auto run = json().at("runs").at(0);
    EXPECT_EQ(run.at("id"), 1);
    EXPECT_EQ(run.at("role"), "assistant");
    EXPECT_EQ(run.at("state"), "stopped");
    EXPECT_EQ(run.at("name"), unusual_run().name);
    EXPECT_EQ(run.at("configuration").at("training").at("epochs"), 77);
    ExperimentConfig config = unusual_config();
    config.training.epochs = 78;
    value_of(project->save_config(config));
    EXPECT_EQ(json().at("configuration").at("training").at("epochs"), 78);
    value_of(project->remove_run(1));
    EXPECT_TRUE(json().at("runs").empty());
}

TEST_F(ProjectDescription, HasTheResultsOfARunThatIsOverAndOneValueALine) {
    const auto project = value_of(Project::create(folder / "p", {}));
    RunRecord run;
    run.state = RunState::running;
    run.id = value_of(project->add_run(run));
    const std::vector<MetricPoint> points{{5, 0.1, 0.1F, 0.1F}, {10, 0.925, 0.925F, 0.925F}};
    value_of(project->append_points(run.id, "validation/accuracy", points));
    EXPECT_FALSE(json().at("runs").at(0).contains("metrics"));
    run.state = RunState::finished;
    value_of(project->update_run(run));
    EXPECT_EQ(json().at("runs").at(0).at("metrics").at("best_accuracy"), 0.925);
    EXPECT_THAT(text(), HasSubstr("\n        \"best_accuracy\": 0.925,\n"));
}

TEST_F(ProjectDescription, StaysAsItIsWhileARunGoesOn) {
    const auto project = value_of(Project::create(folder / "p", {}));
    RunRecord run;
    run.state = RunState::running;
    run.id = value_of(project->add_run(run));
    value_of(project->update_run(run));
    const std::string before = text();
    const auto written = fs::last_write_time(folder / "p/project.json");
    for (int step = 1; step <= 20; ++step) {
        run.step = step;
        run.seconds = step * 0.1;
        value_of(project->update_run(run));
    }
    EXPECT_EQ(text(), before);
    EXPECT_EQ(fs::last_write_time(folder / "p/project.json"), written);
}

TEST_F(ProjectDescription, OfEqualContentHasEqualBytes) {
    value_of(Project::create(folder / "p", unusual_config()));
    const std::string first = text();
    value_of(Project::create(folder / "q", unusual_config()));
    fs::rename(folder / "p", folder / "old");
    fs::rename(folder / "q", folder / "p");
    EXPECT_EQ(text(), first);
    EXPECT_THAT(first, Not(HasSubstr(folder.path().string()))) << "nothing of this machine is in it";
}

TEST_F(ProjectDescription, IsNeverReadAndNotWrittenByViewers) {
    fill_project(*value_of(Project::create(folder / "p", unusual_config())));
    std::ofstream(folder / "p/project.json") << "{\"configuration\": rubbish";
    const auto before = folder_content(folder.path());
    const auto viewed = value_of(Project::open(folder / "p", Project::Access::view));
    EXPECT_EQ(value_of(viewed->config()), unusual_config());
    EXPECT_TRUE(value_of(viewed->verify()).empty());
    EXPECT_EQ(folder_content(folder.path()), before);
    fs::remove(folder / "p/project.json");
    const auto project = value_of(Project::open(folder / "p", Project::Access::write));
    EXPECT_EQ(value_of(project->config()), unusual_config());
    EXPECT_EQ(value_of(project->runs()).size(), 1u);
}

TEST_F(ProjectDescription, ThatCannotBeWrittenHindersNothing) {
    const auto project = value_of(Project::create(folder / "p", {}));
    EXPECT_FALSE(project->take_trouble());
    fs::remove(folder / "p/project.json");
    fs::create_directories(folder / "p/project.json/in the way");
    value_of(project->save_config(unusual_config()));
    EXPECT_EQ(value_of(project->config()), unusual_config());
    EXPECT_THAT(project->take_trouble().value_or(""), HasSubstr("project.json"));
    value_of(project->save_config({}));
    EXPECT_FALSE(project->take_trouble()) << "told once";
    fs::remove_all(folder / "p/project.json");
    value_of(project->save_config(unusual_config()));
    EXPECT_EQ(json().at("configuration").at("training").at("epochs"), 77);
    for (const auto& [name, content] : folder_content(folder.path()))
        EXPECT_THAT(name, Not(HasSubstr("tmp")));
}

} // namespace
} // namespace limbeck
