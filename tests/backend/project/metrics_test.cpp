// SPDX-License-Identifier: GPL-3.0-or-later
#include <sqlite3.h>

#include "tests/backend/project/support.h"

namespace limbeck {
namespace {

/// What SQLite is asked for in all connections that are opened while it lives: statements and rows.
class WorkCounter {
  public:
    WorkCounter() {
        work = 0;
        sqlite3_auto_extension(reinterpret_cast<void (*)()>(&watch));
    }

    ~WorkCounter() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&watch)); }

    WorkCounter(const WorkCounter&) = delete;
    WorkCounter& operator=(const WorkCounter&) = delete;

    static inline int work = 0;

  private:
    static int count(unsigned, void*, void*, void*) {
        ++work;
        return 0;
    }

    static int watch(sqlite3* database, const char**, const void*) {
        return sqlite3_trace_v2(database, SQLITE_TRACE_STMT | SQLITE_TRACE_ROW, &count, nullptr);
    }
};

class ProjectMetrics : public testing::Test {
  protected:
    TemporaryFolder folder_;
    std::unique_ptr<Project> project_ = value_of(Project::create(folder_ / "p", {}));
    RunId run_ = value_of(project_->add_run({}));

    std::vector<MetricPoint> loss() { return value_of(project_->points(run_, "train/loss")); }

    void append(std::int64_t first, std::int64_t last) {
        value_of(project_->append_points(run_, "train/loss", points_of_steps(first, last)));
    }

    /// One point of each named series of this step.
    void evaluate(std::int64_t step, const std::map<std::string, double>& values) {
        for (const auto& [series, value] : values)
            value_of(project_->append_points(run_, series, std::vector<MetricPoint>{{step, value, 0, 1}}));
    }
};

TEST_F(ProjectMetrics, GivesThePointsAfterAStep) {
    EXPECT_TRUE(value_of(project_->points_after(run_, "train/loss", -1)).empty());
    append(1, 2500);
    for (const std::int64_t step : {-1, 0, 1, 1023, 1024, 1025, 2048, 2499, 2500, 9000})
        EXPECT_EQ(value_of(project_->points_after(run_, "train/loss", step)),
                  points_of_steps(std::max<std::int64_t>(step + 1, 1), 2500))
            << step;
}

TEST_F(ProjectMetrics, KeepsPointsAcrossTheBordersOfChunksHoweverTheyCome) {
    std::int64_t next = 1;
    for (const std::int64_t count : {1, 1022, 1, 1, 1023, 1024, 2048, 3000, 5, 1}) {
        append(next, next + count - 1);
        next += count;
        ASSERT_EQ(loss(), points_of_steps(1, next - 1)) << "after " << next - 1 << " points";
        EXPECT_EQ(value_of(project_->last_point(run_, "train/loss"))->step, next - 1);
    }
    EXPECT_EQ(query(folder_ / "p", "SELECT count(*) FROM metric_chunk"),
              std::to_string((next - 1 + 1023) / 1024));
    EXPECT_TRUE(value_of(project_->verify()).empty());
}

TEST_F(ProjectMetrics, OpeningWithRunsAndResultsAsksForAsMuchHoweverManyPointsThereAre) {
    evaluate(1, {{"validation/accuracy", 0.5}});
    const auto work = [&] {
        project_.reset();
        const WorkCounter counter;
        project_ = value_of(Project::open(folder_ / "p", Project::Access::write));
        EXPECT_EQ(value_of(project_->runs()).size(), 1U);
        EXPECT_EQ(value_of(project_->summary(run_)).last_accuracy, 0.5);
        return WorkCounter::work;
    };
    append(1, 100);
    const int few = work();
    EXPECT_GT(few, 0);
    append(101, 50'000);
    EXPECT_EQ(work(), few);
}

TEST_F(ProjectMetrics, ListsTheSeriesOfARunAndKnowsNoOthers) {
    evaluate(1, {{"train/loss", 1}, {"test/accuracy", 0.5}});
    EXPECT_EQ(value_of(project_->series_of(run_)), (std::vector<std::string>{"test/accuracy", "train/loss"}));
    EXPECT_TRUE(value_of(project_->points(run_, "train/hard")).empty());
    EXPECT_EQ(value_of(project_->last_point(run_, "train/hard")), std::nullopt);
}

TEST_F(ProjectMetrics, RefusesPointsThatGoBackInTime) {
    append(1, 10);
    const auto refused = project_->append_points(run_, "train/loss", points_of_steps(5, 6));
    EXPECT_NE(error_of(refused).find("step 5 came after one of step 10"), std::string::npos)
        << error_of(refused);
    EXPECT_EQ(loss(), points_of_steps(1, 10));
}

TEST_F(ProjectMetrics, DropsWhatCameAfterAStepAndGoesOnFromThere) {
    append(1, 5000);
    evaluate(1000, {{"validation/accuracy", 0.5}});
    evaluate(4000, {{"validation/accuracy", 0.6}, {"test/accuracy", 0.4}});
    for (const std::int64_t step : {900, 3500})
        value_of(project_->add_event({0, run_, step, "distillation.temperature", 4, 2, ""}));
    for (const std::int64_t step : {4999, 4096, 3073, 3072, 3071}) {
        value_of(project_->truncate_points(run_, step));
        ASSERT_EQ(loss(), points_of_steps(1, step));
        EXPECT_TRUE(value_of(project_->verify()).empty());
    }
    EXPECT_EQ(value_of(project_->points(run_, "validation/accuracy")).size(), 1u);
    EXPECT_EQ(value_of(project_->series_of(run_)).size(), 2u); // test/accuracy has no point left
    EXPECT_EQ(value_of(project_->events(run_)).size(), 1u);
    append(3072, 3500);
    EXPECT_EQ(loss(), points_of_steps(1, 3500));
    value_of(project_->truncate_points(run_, 0));
    EXPECT_TRUE(loss().empty());
    EXPECT_TRUE(value_of(project_->verify()).empty());
}

TEST_F(ProjectMetrics, ChoosesTheBestEpochOnValidationAndReportsItsTest) {
    evaluate(100, {{"validation/accuracy", 0.7}, {"validation/agreement", 0.6}, {"test/accuracy", 0.65}});
    evaluate(200, {{"validation/accuracy", 0.9}, {"validation/agreement", 0.8}, {"test/accuracy", 0.85}});
    evaluate(300, {{"validation/accuracy", 0.9}, {"validation/agreement", 0.95}, {"test/accuracy", 0.99}});
    evaluate(400, {{"validation/accuracy", 0.8},
                   {"validation/agreement", 0.7},
                   {"validation/teacher_accuracy", 0.97},
                   {"test/accuracy", 0.75},
                   {"test/agreement", 0.72},
                   {"test/teacher_accuracy", 0.96}});
    const RunSummary summary = value_of(project_->summary(run_));
    EXPECT_EQ(summary.last_accuracy, 0.8);
    EXPECT_EQ(summary.last_agreement, 0.7);
    EXPECT_EQ(summary.best_accuracy, 0.9);
    EXPECT_EQ(summary.best_epoch, 2); // the earlier of two equals
    EXPECT_EQ(summary.best_agreement, 0.8);
    EXPECT_EQ(summary.best_test_accuracy, 0.85);
    EXPECT_EQ(summary.teacher_accuracy, 0.97);
    EXPECT_EQ(summary.test_accuracy, 0.75);
    EXPECT_EQ(summary.test_agreement, 0.72);
    EXPECT_EQ(summary.test_teacher_accuracy, 0.96);
}

TEST_F(ProjectMetrics, SumsUpARunWithoutEvaluationsAsUnknown) {
    append(1, 3);
    const RunSummary summary = value_of(project_->summary(run_));
    EXPECT_EQ(summary.last_accuracy, std::nullopt);
    EXPECT_EQ(summary.best_test_accuracy, std::nullopt);
    EXPECT_EQ(summary.best_epoch, 0);
}

} // namespace
} // namespace limbeck
