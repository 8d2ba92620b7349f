// SPDX-License-Identifier: GPL-3.0-or-later
// Steps that are recorded once and replayed give the same numbers as steps that are done one by one. Without
// a GPU a stand-in does the recorded work anew at each replay, as it was when it was recorded: what would be
// fixed in a graph is fixed there too. The tests named OnAGpu do it in earnest.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <torch/torch.h>

#include "backend/engine/device/graph_capture.h"
#include "backend/engine/objectives/objective.h"
#include "backend/types/catalogue.h"
#include "tests/backend/engine/training/toys.h"

namespace limbeck {
namespace {

using namespace toys;

// A small step by itself takes a loop of its own, which a graph does not: equal but for rounding. Here steps
// are compared to the bit, also where the program is carried to a machine without CTest.
[[maybe_unused]] const int without_small_answers = setenv("LIMBECK_SMALL_ANSWERS", "off", 1);

struct Counts {
    int recorded = 0, replayed = 0;
    bool operator==(const Counts&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Counts& counts) {
    return out << counts.recorded << " recorded, " << counts.replayed << " replayed";
}

class StandIn final : public GraphCapture {
  public:
    explicit StandIn(Counts& counts) : counts_(counts) {}

    void capture(const std::function<void()>& work) override {
        work_ = work;
        ++counts_.recorded;
    }

    void replay() override {
        ++counts_.replayed;
        work_();
    }

  private:
    Counts& counts_;
    std::function<void()> work_;
};

/// For as long as it lives, jobs that are prepared have graphs.
class Pretending {
  public:
    Pretending() {
        pretend_graphs([this] { return std::make_unique<StandIn>(counts); });
    }

    explicit Pretending(std::function<std::unique_ptr<GraphCapture>()> make) {
        pretend_graphs(std::move(make));
    }

    ~Pretending() { pretend_graphs({}); }

    Pretending(const Pretending&) = delete;
    Pretending& operator=(const Pretending&) = delete;

    Counts counts;
};

/// Everything that a run leaves behind.
struct Outcome {
    StepRows rows;
    TensorMap weights, state;
    std::vector<std::string> notes;
};

/// Bit for bit: NaN is what a share that was not measured is.
void expect_same(const Outcome& one, const Outcome& other) {
    EXPECT_EQ(one.rows.steps, other.rows.steps);
    ASSERT_EQ(one.rows.values.size(), other.rows.values.size());
    const auto columns = one.rows.values.size() / std::max<std::size_t>(1, one.rows.steps.size());
    for (std::size_t i = 0; i < one.rows.values.size(); ++i)
        ASSERT_EQ(std::memcmp(&one.rows.values[i], &other.rows.values[i], sizeof(double)), 0)
            << "column " << i % columns << " of step " << one.rows.steps[i / columns] << ": "
            << one.rows.values[i] << " and " << other.rows.values[i];
    EXPECT_EQ(one.rows.first_bad_step, other.rows.first_bad_step);
    EXPECT_EQ(one.weights, other.weights);
    EXPECT_EQ(one.state, other.state);
}

/// What a person may do in the middle of a run.
void change(TrainingJob& job, bool with_teacher) {
    ASSERT_TRUE(job.set_live("training.learning_rate", 0.013));
    ASSERT_TRUE(job.set_live("distillation.hard_weight", 0.45));
    if (!with_teacher) return;
    ASSERT_TRUE(job.set_live("distillation.soft_weight", 1.3));
    if (job.live("distillation.temperature")) {
        ASSERT_TRUE(job.set_live("distillation.temperature", 2.1));
    }
}

void append(StepRows& all, const StepRows& more) {
    all.steps.insert(all.steps.end(), more.steps.begin(), more.steps.end());
    all.values.insert(all.values.end(), more.values.begin(), more.values.end());
    all.first_bad_step = more.first_bad_step;
}

/// A whole run with changes after the fourth step and an evaluation after the sixth, gone on from a
/// checkpoint in another job after the ninth.
Outcome whole_run(const TrainingTask& task, std::shared_ptr<const Dataset> data) {
    Outcome outcome;
    auto first = start(task, data);
    const bool with_teacher = !task.terms.empty();
    append(outcome.rows, run(*first, 4));
    change(*first, with_teacher);
    append(outcome.rows, run(*first, 2));
    EXPECT_TRUE(first->evaluate(Part::validation, {}));
    append(outcome.rows, run(*first, 3));
    auto second = start(task, data);
    run(*second, 3);
    EXPECT_TRUE(second->restore(*first->weights(), *first->state()));
    append(outcome.rows, run(*second));
    outcome.weights = *second->weights();
    outcome.state = *second->state();
    outcome.notes = second->take_notes();
    return outcome;
}

struct Case {
    std::string name;
    TrainingTask (*task)(std::shared_ptr<const Dataset> data);
    std::shared_ptr<Dataset> (*data)();
};

void PrintTo(const Case& each, std::ostream* out) {
    *out << each.name;
}

std::shared_ptr<Dataset> points() {
    return moons();
}

std::shared_ptr<Dataset> pictures() {
    return bars(); // 48 samples in batches of 10: the last has 8
}

TrainingTask of_points(std::shared_ptr<const Dataset> data) {
    return distilled(std::move(data));
}

TrainingTask of_pictures(std::shared_ptr<const Dataset> data) {
    auto task = distilled(std::move(data), {"resnet8", {}, {}}, {"lenet", {}, {}});
    task.crop_padding = 2;
    task.flip = true;
    return task;
}

const Case cases[] = {
    {"points", of_points, points},
    {"alone", [](std::shared_ptr<const Dataset>) { return alone(); }, points},
    {"pictures", of_pictures, pictures},
    {"adamw",
     [](std::shared_ptr<const Dataset> data) {
         auto task = of_pictures(std::move(data));
         task.optimization.optimizer = "adamw";
         task.optimization.schedule = "cosine";
         task.optimization.warmup_epochs = 0.5;
         return task;
     },
     pictures},
    {"adamw_points",
     [](std::shared_ptr<const Dataset> data) {
         auto task = of_points(std::move(data));
         task.optimization.optimizer = "adamw";
         task.optimization.schedule = "step";
         task.optimization.step_every = 1;
         return task;
     },
     points},
    {"plain_sgd_cosine",
     [](std::shared_ptr<const Dataset> data) {
         auto task = of_points(std::move(data));
         task.optimization.momentum = 0;
         task.optimization.schedule = "cosine";
         task.optimization.warmup_epochs = 1.5;
         return task;
     },
     points},
    {"kept_answers",
     [](std::shared_ptr<const Dataset> data) {
         auto task = distilled(std::move(data), {"resnet8", {}, {}}, {"lenet", {}, {}});
         task.teacher_cache = "float32";
         task.optimization.batch_size = 16;
         return task;
     },
     pictures},
    {"several_terms",
     [](std::shared_ptr<const Dataset> data) {
         auto task = of_pictures(std::move(data));
         for (const char* id : {"dkd", "nkd", "mse-logits", "dist"})
             task.terms.push_back({id, 0.2, {}, {}});
         return task;
     },
     pictures},
    {"features",
     [](std::shared_ptr<const Dataset> data) {
         auto task = distilled(std::move(data), {"resnet8", {}, {}}, {"resnet8", {}, {}});
         task.terms.push_back({"at", 10, {}, {}});
         task.terms.push_back({"hint", 0.5, {}, {{"adapter", 1}}});
         return task;
     },
     pictures},
    {"initial_stage",
     [](std::shared_ptr<const Dataset> data) {
         auto task = distilled(std::move(data), {"resnet8", {}, {}}, {"resnet8", {}, {}});
         task.optimization.learning_rate = 1e-3;
         task.terms.push_back({"ft", 0.5, {}, {{"initial_epochs", 1}}});
         return task;
     },
     pictures},
    {"several_teachers",
     [](std::shared_ptr<const Dataset> data) {
         auto task = of_points(data);
         task.more_teachers.push_back({mlp("8"), fresh_weights(mlp("8"), data, 98)});
         return task;
     },
     points},
    {"peers",
     [](std::shared_ptr<const Dataset>) {
         auto task = alone();
         task.role = Role::student;
         task.peers = {mlp("8"), mlp("12")};
         task.terms = {{"kd", 1.0, {}, {{"temperature", 1}}}};
         return task;
     },
     points},
    {"bfloat16",
     [](std::shared_ptr<const Dataset> data) {
         auto task = of_pictures(std::move(data));
         task.precision = "bfloat16";
         return task;
     },
     pictures},
};

class Replayed : public testing::TestWithParam<Case> {
  protected:
    std::shared_ptr<const Dataset> data_ = GetParam().data();
    TrainingTask task_ = GetParam().task(data_);
};

TEST_P(Replayed, StepsGiveTheSameBits) {
    const auto plain = whole_run(task_, data_);
    const Pretending graphs;
    const auto replayed = whole_run(task_, data_);
    EXPECT_GE(graphs.counts.replayed, 5);
    expect_same(plain, replayed);
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Pairs, Replayed, testing::ValuesIn(cases), case_name);

TEST(StepGraphs, AreRecordedAfterOneStepAndServeAllFullBatchesWhateverIsChanged) {
    const auto data = moons(); // 64 samples in batches of 10: seven steps an epoch, the last of 4
    const Pretending graphs;
    auto job = start(distilled(data), data);
    run(*job, 1);
    EXPECT_EQ(graphs.counts, (Counts{0, 0}));
    run(*job, 6);
    EXPECT_EQ(graphs.counts, (Counts{1, 5}));
    change(*job, true);
    run(*job, 7);
    EXPECT_EQ(graphs.counts, (Counts{1, 11}));
    ASSERT_TRUE(job->set_live("distillation.soft_weight", 0)); // what has no weight is computed another way
    run(*job, 3);
    EXPECT_EQ(graphs.counts, (Counts{2, 13}));
    EXPECT_EQ(job->take_notes(), std::vector<std::string>{});
}

TEST(StepGraphs, AreNotForWhatTheHostHasAPartIn) {
    const auto data = bars();
    const auto resnets = [&] { return distilled(data, {"resnet8", {}, {}}, {"resnet8", {}, {}}); };
    auto mixed = resnets(), contrast = resnets(), curriculum = resnets();
    mixed.mixup = true;
    contrast.terms.push_back({"crd", 0.1, {}, {}});
    curriculum.terms = {{"ctkd", 0.5, {}, {}}};
    for (const auto& task : {mixed, contrast, curriculum}) {
        const auto plain = whole_run(task, data);
        const Pretending graphs;
        expect_same(plain, whole_run(task, data));
        EXPECT_EQ(graphs.counts, (Counts{0, 0}));
    }
}

TEST(StepGraphs, BeginWhereTheAnswersAreThere) {
    const auto data = moons();
    auto task = distilled(data);
    task.teacher_cache = "float32";
    task.optimization.batch_size = 16; // four steps an epoch
    const Pretending graphs;
    auto job = start(task, data);
    run(*job, 5);
    EXPECT_EQ(graphs.counts, (Counts{0, 0}));
    run(*job, 7);
    EXPECT_EQ(graphs.counts, (Counts{1, 7}));
    const auto notes = job->take_notes();
    ASSERT_FALSE(notes.empty());
    EXPECT_NE(notes.back().find("was asked in 4 of 12 steps"), std::string::npos) << notes.back();
}

TEST(StepGraphs, TakeNoStepAfterOneThatWasNotFinite) {
    const auto poisoned = [](bool pretend) {
        const auto data = bars();
        auto task = alone({"resnet8", {}, {}});
        task.optimization.schedule = "constant";
        std::optional<Pretending> graphs;
        if (pretend) graphs.emplace();
        auto job = start(task, data);
        Outcome outcome;
        append(outcome.rows, run(*job, 3));
        EXPECT_TRUE(job->set_live("training.learning_rate", 1e30));
        append(outcome.rows, run(*job, 8));
        outcome.weights = *job->weights();
        outcome.state = *job->state();
        if (pretend) {
            EXPECT_GT(graphs->counts.replayed, 5);
        }
        return outcome;
    };
    const auto plain = poisoned(false);
    EXPECT_TRUE(plain.rows.first_bad_step);
    expect_same(plain, poisoned(true));
}

/// Runs the work, as a real recording does, and breaks off in its middle or at its end.
class Broken final : public GraphCapture {
  public:
    explicit Broken(bool memory) : memory_(memory) {}

    void capture(const std::function<void()>&) override {
        if (memory_) TORCH_CHECK_WITH(OutOfMemoryError, false, "the GPU has no more");
        TORCH_CHECK(false, "operation not permitted when stream is capturing");
    }

    void replay() override { ADD_FAILURE() << "nothing was recorded"; }

  private:
    bool memory_;
};

TEST(StepGraphs, ThatCannotBeRecordedAreDoneWithoutAndSayWhy) {
    for (const bool memory : {false, true}) {
        const auto data = moons();
        const auto plain = whole_run(distilled(data), data);
        int tried = 0;
        const Pretending graphs([&] {
            ++tried;
            return std::make_unique<Broken>(memory);
        });
        const auto outcome = whole_run(distilled(data), data);
        expect_same(plain, outcome);
        EXPECT_EQ(tried, 2) << "once for each of the two jobs";
        ASSERT_EQ(outcome.notes.size(), 1u);
        EXPECT_NE(outcome.notes[0].find(memory ? "no more" : "not permitted"), std::string::npos)
            << outcome.notes[0];
    }
}

TEST(StepGraphs, CanBeSwitchedOff) {
    const auto data = moons();
    setenv(graph_variable, "off", 1);
    const Pretending graphs;
    auto job = start(distilled(data), data);
    unsetenv(graph_variable);
    run(*job);
    EXPECT_EQ(graphs.counts, (Counts{0, 0}));
    EXPECT_EQ(job->take_notes(), std::vector<std::string>{});
}

/// Refuses memory once, at the given request.
class Refusing final : public c10::MemoryReportingInfoBase {
  public:
    explicit Refusing(int at) : left_(at) {}

    void reportMemoryUsage(void*, std::int64_t bytes, std::size_t, std::size_t, c10::Device) override {
        if (bytes > 0 && --left_ == 0) TORCH_CHECK_WITH(OutOfMemoryError, false, "the GPU has no more");
    }

    bool memoryProfilingEnabled() const override { return true; }

    bool refused() const { return left_ <= 0; }

  private:
    int left_;
};

TEST(OutOfMemory, InAStepDropsTheGraphAndBeginsTheStepAnewOnce) {
#if defined(__SANITIZE_ADDRESS__)
    GTEST_SKIP() << "what is refused here is lost, which the sanitizer would report";
#endif
    const auto data = bars();
    const auto task = of_pictures(data); // five steps an epoch, the last of them done one by one
    Outcome plain;
    {
        const Pretending graphs;
        auto job = start(task, data);
        append(plain.rows, run(*job, 8));
        plain.weights = *job->weights();
        plain.state = *job->state();
        EXPECT_EQ(graphs.counts.recorded, 1);
    }
    int again = 0;
    for (const int at : {1, 20, 60, 120}) {
        const Pretending graphs;
        auto job = start(task, data);
        Outcome outcome;
        append(outcome.rows, run(*job, 4));
        const auto refusing = std::make_shared<Refusing>(at);
        {
            const c10::DebugInfoGuard listening(c10::DebugInfoKind::PROFILER_STATE, refusing);
            ASSERT_TRUE(job->step()) << "request " << at;
        }
        EXPECT_TRUE(refusing->refused());
        append(outcome.rows, *job->drain(true));
        append(outcome.rows, run(*job, 3));
        outcome.weights = *job->weights();
        outcome.state = *job->state();
        expect_same(plain, outcome);
        again += graphs.counts.recorded == 2;
    }
    EXPECT_EQ(again, 4) << "the graph was dropped and recorded anew";
}

TEST(OutOfMemory, OnTheCpuIsSaidAtOnce) {
#if defined(__SANITIZE_ADDRESS__)
    GTEST_SKIP() << "what is refused here is lost, which the sanitizer would report";
#endif
    const auto data = bars();
    auto job = start(of_pictures(data), data);
    run(*job, 4);
    const c10::DebugInfoGuard listening(c10::DebugInfoKind::PROFILER_STATE, std::make_shared<Refusing>(20));
    const auto step = job->step();
    ASSERT_FALSE(step);
    EXPECT_EQ(step.error().kind, ErrorKind::memory);
}

class HeldTemperature : public testing::TestWithParam<std::string> {};

/// A graph has no part in what the host changes: what such a term reads of its temperature must lie on the
/// device.
TEST_P(HeldTemperature, IsTheOnlyOneThatAReplayableTermReads) {
    TermContext context;
    context.classes = 5;
    const auto made = make_objective(GetParam(), {}, context);
    ASSERT_TRUE(made) << made.error().message;
    Objective& term = **made;
    ASSERT_TRUE(term.capturable());
    auto generator = at::make_generator<at::CPUGeneratorImpl>(3);
    TermInputs in;
    in.student_logits = torch::randn({6, 5}, generator).requires_grad_();
    in.teacher_logits = torch::randn({6, 5}, generator);
    in.labels = torch::arange(6).remainder(5);
    const auto look = [&] {
        const auto value = term.value(in);
        return torch::cat(
            {value.detach().view({1}), torch::autograd::grad({value}, {in.student_logits})[0].view({-1})});
    };
    term.set_option("temperature", 2.3);
    const auto before = look();
    term.set_option("temperature", 3.7);
    const auto after = look();
    ASSERT_FALSE(torch::equal(before, after));
    term.set_option("temperature", 2.3);
    term.hold_temperature(torch::kCPU);
    EXPECT_TRUE(torch::equal(look(), before));
    term.set_option("temperature", 3.7);
    EXPECT_TRUE(torch::equal(look(), before)) << "the device has not been told";
    term.refresh_temperature();
    EXPECT_TRUE(torch::equal(look(), after));
}

std::vector<std::string> tempered() {
    std::vector<std::string> ids;
    for (const ObjectiveEntry& entry : objective_catalogue())
        if (default_options(entry).contains("temperature")) ids.emplace_back(entry.id);
    return ids;
}

INSTANTIATE_TEST_SUITE_P(Catalogue, HeldTemperature, testing::ValuesIn(tempered()), toys::name_of_objective);

bool has_gpu() {
    const auto devices = engine().devices();
    return std::any_of(devices.begin(), devices.end(),
                       [](const DeviceInfo& device) { return device.id == "cuda:0" && device.available; });
}

class OnAGpu : public Replayed {
  protected:
    void SetUp() override {
        if (!has_gpu()) GTEST_SKIP() << "no GPU";
        task_.device = "cuda:0";
    }

    Outcome without_graphs() {
        setenv(graph_variable, "off", 1);
        auto outcome = whole_run(task_, data_);
        unsetenv(graph_variable);
        return outcome;
    }
};

TEST_P(OnAGpu, ReplayedStepsGiveTheSameNumbers) {
    const auto plain = without_graphs(), again = without_graphs(), replayed = whole_run(task_, data_);
    for (const auto& note : replayed.notes)
        EXPECT_EQ(note.find("one by one"), std::string::npos) << note;
    if (plain.weights == again.weights) {
        expect_same(plain, replayed);
        return;
    }
    // Some kernels add up in the order in which threads come by.
    ASSERT_EQ(plain.rows.values.size(), replayed.rows.values.size());
    for (std::size_t i = 0; i < plain.rows.values.size(); ++i)
        if (const double value = plain.rows.values[i]; !std::isnan(value)) {
            EXPECT_NEAR(value, replayed.rows.values[i], 1e-2 * std::max(1.0, std::abs(value)));
        }
}

INSTANTIATE_TEST_SUITE_P(Pairs, OnAGpu, testing::ValuesIn(cases), case_name);

/// Any replayed step must cost the host less; how much less is what bench/run-gpu.sh measures. Here: that a
/// graph is there at all, by what is told where there is none.
TEST(OnTheGpu, GraphsAreThereOrItIsSaidWhy) {
    if (!has_gpu()) GTEST_SKIP() << "no GPU";
    const auto maker = graphs_of(torch::Device(torch::kCUDA, 0));
    EXPECT_NE(static_cast<bool>(maker.make), !maker.why_not.empty());
    EXPECT_TRUE(maker.make) << maker.why_not;
}

} // namespace
} // namespace limbeck
