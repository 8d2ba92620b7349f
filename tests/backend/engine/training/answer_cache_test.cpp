// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "backend/engine/models/network.h"
#include "backend/engine/models/rows_in_shares.h"
#include "backend/engine/training/answer_cache.h"
#include "backend/engine/training/answers_setup.h"
#include "backend/types/catalogue.h"
#include "tests/backend/engine/training/toys.h"
#include "tests/support/temporary_folder.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;
using testing::HasSubstr;
using toys::bars;
using toys::distilled;
using toys::moons;
using toys::run;
using toys::start;

/// What a training gave: every number of every step, and the weights.
struct Trace {
    std::vector<double> values;
    TensorMap weights;
    std::string notes;

    bool operator==(const Trace& other) const { return values == other.values && weights == other.weights; }
};

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
        text += line + "\n";
    return text;
}

Trace train(const TrainingTask& task, const std::shared_ptr<Dataset>& data) {
    Trace trace;
    auto job = start(task, data);
    if (!job) return trace;
    trace.notes = joined(job->take_notes());
    trace.values = run(*job).values;
    trace.weights = *job->weights();
    trace.notes += joined(job->take_notes());
    return trace;
}

TrainingTask kept(TrainingTask task, const std::string& how, const TemporaryFolder* folder = nullptr) {
    task.teacher_cache = how;
    task.cache_key = std::string(64, '7');
    task.cache_about.teacher = "a teacher";
    if (folder) task.cache_folder = (*folder / "answers").string();
    return task;
}

TrainingTask augmented(TrainingTask task, std::int64_t padding, bool flip) {
    task.crop_padding = padding;
    task.flip = flip;
    return task;
}

TrainingTask pictures(const std::shared_ptr<Dataset>& data) {
    return distilled(data, {"lenet", {}, {}}, {"resnet8", {}, {}});
}

// --- trainings ------------------------------------------------------------------------------------------

TEST(KeptAnswers, AreThoseOfTheLiveTeacherToTheBit) {
    const auto grey = bars(), coloured = bars(3, 16);

    struct Case {
        std::shared_ptr<Dataset> data;
        const char *teacher, *student;
    };

    const std::vector<Case> cases{
        {moons(), "mlp:hidden=64x64", "mlp"}, {grey, "mlp:hidden=100", "lenet"}, {grey, "lenet", "mlp"},
        {grey, "resnet8", "lenet"},           {coloured, "wrn_16_1", "lenet"},   {coloured, "vgg8", "mlp"}};
    for (const Case& each : cases) {
        for (const auto& [padding, flip] : {std::pair(0, false), {0, true}, {1, false}, {1, true}}) {
            if (!each.data->input.is_image() && (padding > 0 || flip)) continue;
            for (const std::int64_t batch : {7, 16}) {
                auto task = augmented(distilled(each.data, *parse_network_spec(each.student),
                                                *parse_network_spec(each.teacher)),
                                      padding, flip);
                task.optimization.batch_size = batch;
                const TemporaryFolder folder;
                const Trace live = train(kept(task, "off"), each.data);
                EXPECT_EQ(live.notes, "");
                for (const char* how : {"auto", "float32"}) {
                    SCOPED_TRACE(std::string(each.teacher) + " padding " + std::to_string(padding) +
                                 (flip ? " flip" : "") + " batch " + std::to_string(batch) + " " + how);
                    const Trace cached = train(kept(task, how, &folder), each.data);
                    EXPECT_TRUE(cached == live);
                    EXPECT_THAT(cached.notes, HasSubstr("cached (float32)"));
                }
            }
        }
    }
}

TEST(KeptAnswers, AreAskedForOnceForEachSample) {
    const auto data = bars(); // 48 samples in batches of 10
    const Trace trace = train(kept(pictures(data), "float32"), data);
    EXPECT_THAT(trace.notes, HasSubstr("cached (float32), 48 at most, in memory, 1.2 kB when all are there"));
    EXPECT_THAT(trace.notes, HasSubstr("48 of 48 kept; the teacher was asked in 5 of 15 steps"));
}

TEST(KeptAnswers, ServeLaterRunsWithoutTheTeacher) {
    const auto data = bars();
    for (const char* how : {"float32", "half"}) {
        const TemporaryFolder folder;
        const auto task = kept(pictures(data), how, &folder);
        const Trace first = train(task, data);
        EXPECT_THAT(first.notes, HasSubstr("asked in 5 of 15"));
        const Trace second = train(task, data);
        EXPECT_THAT(second.notes, HasSubstr("48 of 48 kept; the teacher was asked in 0 of 15"));
        EXPECT_TRUE(first == second);
        // Another student, seed, rate and loss: the answers are the same.
        auto other = task;
        other.network = {"resnet8", {}, {}};
        other.seed = 5;
        other.terms.front().options["temperature"] = 7;
        EXPECT_THAT(train(other, data).notes, HasSubstr("asked in 0 of 15"));
    }
}

TEST(KeptAnswers, OfAnotherKeyOrWayOfComputingAreNotTaken) {
    const auto data = bars();
    const TemporaryFolder folder;
    const auto task = kept(pictures(data), "float32", &folder);
    train(task, data);
    std::vector<TrainingTask> others(5, task);
    others[0].cache_key = std::string(64, '8');
    others[1].flip = true;
    others[2].optimization.batch_size = 20; // other kernels
    others[3].precision = "bfloat16";
    others[4].teacher_cache = "half";
    for (const TrainingTask& other : others)
        EXPECT_THAT(train(other, data).notes, testing::Not(HasSubstr("asked in 0 of")));
    EXPECT_THAT(train(task, data).notes, HasSubstr("asked in 0 of 15"));
}

TEST(KeptAnswers, GoOnToTheSameBitsWhetherTheyAreStillThereOrLost) {
    const auto data = bars();
    for (const char* how : {"float32", "half"}) {
        const auto task = augmented(pictures(data), 1, true);
        const TemporaryFolder folder, empty;
        const Trace whole = train(kept(task, how), data);
        auto job = start(kept(task, how, &folder), data);
        run(*job, 7);
        const TensorMap weights = *job->weights(), state = *job->state();
        job.reset();
        for (const TemporaryFolder* there : {&folder, &empty, static_cast<const TemporaryFolder*>(nullptr)}) {
            auto on = start(kept(task, how, there), data);
            ASSERT_TRUE(on->restore(weights, state));
            run(*on);
            EXPECT_EQ(*on->weights(), whole.weights) << how;
        }
        // In the very job too: what it keeps is of the teacher, not of the step.
        auto same = start(kept(task, how, &folder), data);
        run(*same, 12);
        ASSERT_TRUE(same->restore(weights, state));
        run(*same);
        EXPECT_EQ(*same->weights(), whole.weights) << how;
    }
}

TEST(KeptAnswers, FollowAChangeOfTheTemperature) {
    const auto data = bars();
    const auto trained = [&](const std::string& how) {
        auto job = start(kept(pictures(data), how), data);
        auto rows = run(*job, 7);
        EXPECT_TRUE(job->set_live("distillation.temperature", 1.5));
        const auto more = run(*job);
        rows.values.insert(rows.values.end(), more.values.begin(), more.values.end());
        return rows.values;
    };
    EXPECT_EQ(trained("float32"), trained("off"));
}

TEST(KeptAnswers, OfSeveralTeachersAreTheirAverage) {
    const auto data = bars();
    auto task = pictures(data);
    task.more_teachers.push_back({toys::mlp("24"), toys::fresh_weights(toys::mlp("24"), data, 98)});
    const Trace live = train(kept(task, "off"), data);
    EXPECT_TRUE(train(kept(task, "float32"), data) == live);
    task.average_logits = true;
    EXPECT_FALSE(train(kept(task, "float32"), data) == live);
}

TEST(KeptAnswers, LieOnTheDiskAloneWhereMemoryIsShort) {
    const auto data = bars();
    const auto task = augmented(pictures(data), 1, true);
    const Trace live = train(kept(task, "off"), data);
    for (const char* how : {"auto", "float32"}) {
        const TemporaryFolder folder;
        auto small = kept(task, how, &folder);
        small.cache_budget = 1000;
        const Trace first = train(small, data), second = train(small, data);
        EXPECT_THAT(first.notes, HasSubstr("864 at most, on the disk"));
        EXPECT_THAT(second.notes, HasSubstr("the teacher was asked in 0 of 15 steps"));
        EXPECT_TRUE(first == live);
        EXPECT_TRUE(second == live);
    }
}

TEST(KeptAnswers, WithoutAnyRoomAreLiveOrRefusedWithNumbers) {
    const auto data = bars();
    auto task = kept(pictures(data), "auto");
    task.cache_budget = 1000;
    const Trace trace = train(task, data);
    EXPECT_THAT(trace.notes, HasSubstr("Teacher's answers: live, because 96 samples × 1 views × 3 classes"));
    EXPECT_TRUE(trace == train(kept(pictures(data), "off"), data));
    task.teacher_cache = "float32";
    const auto refused = toys::engine().prepare(task, data);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::configuration);
    EXPECT_THAT(refused.error().message, HasSubstr("no folder to put them into"));
}

TEST(KeptAnswers, AreRefusedInWordsWhereTheyWouldNotBeExact) {
    const auto data = bars();
    std::vector<std::pair<TrainingTask, std::string>> cases;
    cases.emplace_back(pictures(data), "mixup blends samples");
    cases.back().first.mixup = true;
    cases.back().first.hard_weight = 0;
    cases.emplace_back(pictures(data), "features (at)");
    cases.back().first.terms.push_back({.id = "at", .weight = 0, .taps = {}, .options = {}});
    for (auto& [task, words] : cases) {
        for (const char* how : {"float32", "half"}) {
            const auto refused = toys::engine().prepare(kept(task, how), data);
            ASSERT_FALSE(refused);
            EXPECT_EQ(refused.error().kind, ErrorKind::configuration);
            EXPECT_EQ(refused.error().field, "teacher.cache");
            EXPECT_THAT(refused.error().message, HasSubstr(words));
        }
        EXPECT_THAT(train(kept(task, "auto"), data).notes, HasSubstr(words));
    }
    const auto refused = toys::engine().prepare(kept(toys::alone(), "half"), moons());
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("nobody teaches"));
}

TEST(KeptAnswers, ThatChangedOnTheDiskAreAskedForAnew) {
    const auto data = bars();
    const TemporaryFolder folder;
    const auto task = kept(pictures(data), "float32", &folder);
    const Trace whole = train(task, data);
    const auto file = fs::directory_iterator(folder / "answers")->path();
    std::string bytes;
    {
        std::ifstream in(file, std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(in), {});
    }
    for (std::size_t at = 4096; at < bytes.size(); at += 7) // a row has 16
        bytes[at] = static_cast<char>(bytes[at] ^ 0x40);
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
    const Trace again = train(task, data);
    EXPECT_TRUE(again == whole);
    EXPECT_THAT(again.notes, HasSubstr("asked in 5 of 15"));
    EXPECT_THAT(train(task, data).notes, HasSubstr("asked in 0 of 15")); // mended
}

TEST(KeptAnswers, AFullDiskDoesNotStopTheTraining) {
    const auto data = bars();
    for (const std::int64_t budget : {1000, 1'000'000}) {
        const TemporaryFolder folder;
        auto task = kept(augmented(pictures(data), 1, true), "float32", &folder);
        task.cache_budget = budget;
        const Trace live = train(kept(task, "off"), data);
        rlimit before{};
        ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
        rlimit small = before;
        small.rlim_cur = 8192; // half of what the rows would take
        ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
        auto job = start(task, data);
        const auto rows = run(*job);
        const auto weights = *job->weights();
        ASSERT_TRUE(job->state()); // hands over what is left
        std::string notes = joined(job->take_notes());
        for (int i = 0; i < 200 && notes.find("no longer kept") == std::string::npos; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            notes += joined(job->take_notes());
        }
        job.reset();
        ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
        EXPECT_THAT(notes, HasSubstr("cannot be written: File too large. The teacher's answers are no longer "
                                     "kept on the disk"));
        EXPECT_EQ(rows.values, live.values);
        EXPECT_EQ(weights, live.weights);
    }
}

TEST(KeptAnswers, AFolderThatCannotBeMadeLeavesThemInMemory) {
    const auto data = bars();
    const TemporaryFolder folder;
    std::ofstream(folder / "answers") << "a file";
    const Trace trace = train(kept(pictures(data), "float32", &folder), data);
    EXPECT_THAT(trace.notes, HasSubstr("are kept in memory alone"));
    EXPECT_THAT(trace.notes, HasSubstr("asked in 5 of 15"));
    auto small = kept(pictures(data), "float32", &folder);
    small.cache_budget = 1000;
    const auto refused = toys::engine().prepare(small, data);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("cannot be made"));
    small.teacher_cache = "auto";
    EXPECT_THAT(train(small, data).notes, HasSubstr("live, because they do not fit into memory"));
}

// --- the cache itself -----------------------------------------------------------------------------------

/// Gives rows of a table by their samples' ids, and counts.
class TableSource final : public AnswerSource {
  public:
    explicit TableSource(torch::Tensor table) : table_(std::move(table)) {}

    Answers answer(const Batch& batch) override {
        ++calls;
        return {table_.index_select(0, batch.sample_ids), {}, {}};
    }

    std::int64_t calls = 0;

  private:
    torch::Tensor table_;
};

/// A batch of samples; what holds its ids outlives it.
struct Asked {
    std::vector<std::int64_t> ids;
    Batch batch;

    explicit Asked(std::vector<std::int64_t> which) : ids(std::move(which)) {
        batch.sample_ids = batch.labels = torch::tensor(ids);
        batch.host_ids = ids;
    }
};

torch::Tensor wild_logits(std::int64_t rows, std::int64_t classes) {
    // All magnitudes that half has in full, either sign.
    auto generator = at::make_generator<at::CPUGeneratorImpl>(3);
    const auto exponent = torch::rand({rows, classes}, generator) * 30 - 14;
    const auto sign = torch::randint(0, 2, {rows, classes}, generator) * 2 - 1;
    return (torch::exp2(exponent) * sign).to(torch::kFloat32);
}

AnswerCache::Options options_for(const torch::Tensor& table, bool half) {
    AnswerCache::Options options;
    options.samples = options.asked = table.size(0);
    options.classes = table.size(1);
    options.half = half;
    return options;
}

TEST(AnswerCache, HalfIsOffByAtMostTheErrorThatIsStated) {
    const auto logits = wild_logits(500, 20);
    AnswerCache cache(options_for(logits, true), std::make_unique<TableSource>(logits), nullptr);
    std::vector<std::int64_t> all(500);
    std::iota(all.begin(), all.end(), 0);
    const auto found = cache.answer(Asked(all).batch).logits;
    EXPECT_EQ(found.scalar_type(), torch::kFloat32);
    const auto error = ((found - logits).abs() / logits.abs()).max().item<double>();
    EXPECT_LE(error, std::exp2(-11));
    EXPECT_GT(error, std::exp2(-12)); // it is half indeed
    EXPECT_TRUE(cache.settle());
    // The first answer has the precision of the later ones.
    EXPECT_TRUE(torch::equal(cache.answer(Asked(all).batch).logits, found));
}

TEST(AnswerCache, WhatHalfCannotHoldEndsTheEpochInWords) {
    for (const bool from_disk : {false, true}) {
        const TemporaryFolder folder;
        auto logits = torch::zeros({20, 3});
        logits[7][1] = 1e5;
        for (int round = 0; round < (from_disk ? 2 : 1); ++round) {
            AnswerFileHead head;
            head.key = "key";
            head.rows = head.asked = 20;
            head.classes = 3;
            head.half = true;
            AnswerCache cache(options_for(logits, true), std::make_unique<TableSource>(logits),
                              from_disk ? std::move(*AnswerFile::open(folder.path(), "a", head, 1 << 20))
                                        : nullptr);
            cache.answer(Asked({1, 2, 3}).batch);
            EXPECT_TRUE(cache.settle());
            cache.answer(Asked({6, 7, 8}).batch);
            const auto settled = cache.settle();
            ASSERT_FALSE(settled);
            EXPECT_EQ(settled.error().kind, ErrorKind::numeric);
            EXPECT_THAT(settled.error().message, HasSubstr("beyond ±65504"));
        }
    }
}

TEST(AnswerCache, AsksOnlyWhereARowIsMissing) {
    const auto logits = wild_logits(40, 5);
    auto source = std::make_unique<TableSource>(logits);
    const TableSource& seen = *source;
    AnswerCache cache(options_for(logits, false), std::move(source), nullptr);
    const auto ask = [&](std::vector<std::int64_t> ids) {
        const Asked asked(std::move(ids));
        EXPECT_TRUE(
            torch::equal(cache.answer(asked.batch).logits, logits.index_select(0, asked.batch.sample_ids)));
    };
    ask({1, 2, 3});
    EXPECT_EQ(cache.kept(), 3);
    ask({3, 1});
    EXPECT_EQ(seen.calls, 1);
    ask({3, 4, 3});
    EXPECT_EQ(seen.calls, 2);
    EXPECT_EQ(cache.kept(), 4);
    ask({4, 2});
    EXPECT_EQ(seen.calls, 2);
    EXPECT_EQ(cache.asked_live(), 2);
}

/// Its answers depend on where a sample stands.
class PlacedSource final : public AnswerSource {
  public:
    Answers answer(const Batch& batch) override {
        return {torch::arange(batch.labels.size(0)).to(torch::kFloat32).unsqueeze(1).repeat({1, 2}), {}, {}};
    }
};

/// Its answers depend on who stands beside a sample, in the last bit.
class SocialSource final : public AnswerSource {
  public:
    Answers answer(const Batch& batch) override {
        const auto own = batch.inputs.flatten(1).sum(1, true);
        return {own + 1e-6 * own.sum(), {}, {}};
    }
};

TEST(AnswerCache, ASourceWhoseAnswersDependOnTheBatchIsFoundOut) {
    const ResidentData data(bars(), torch::kCPU);
    PlacedSource placed;
    SocialSource social;
    EXPECT_FALSE(rows_stand_alone(placed, data, 10));
    EXPECT_FALSE(rows_stand_alone(social, data, 10));
    TableSource honest(wild_logits(96, 3));
    EXPECT_TRUE(rows_stand_alone(honest, data, 10));
    EXPECT_TRUE(rows_stand_alone(honest, data, 48)); // no strangers to be had
    EXPECT_TRUE(rows_stand_alone(honest, data, 40));
}

/// What the cache stands on: filled up to 16, no network's answer depends on place, mates or, for these
/// kernels, on the size of the batch. (Networks with a fixed input of their own are left to the check that is
/// made when a training begins.)
TEST(AnswerCache, EveryNetworkAnswersASampleByItselfAlone) {
    const auto shared = bars(3, 32);
    const auto data = std::make_shared<ResidentData>(shared, torch::kCPU);
    for (const ModelEntry& entry : model_catalogue()) {
        const std::string name(entry.name);
        const bool huge = name == "ResNet50" || name == "resnet50" || name == "resnet34" ||
                          name == "resnet110" || name == "vgg19" || name == "vgg16" || name == "wrn_40_2" ||
                          name == "resnet32x4" || name == "resnet18" || name == stack_model;
        if (huge) continue; // made of the same layers as their smaller siblings
        auto network = build_network({name, {}, {}}, shared->input, 3);
        ASSERT_TRUE(network) << name;
        initialise(**network, 1);
        (*network)->eval();
        for (auto& parameter : (*network)->parameters())
            if (parameter.dim() == 4)
                parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast));
        for (const std::int64_t batch : {7, 24, 41}) {
            LiveAnswers live(Teachers({*network}, false), false, Precision::float32,
                             std::max(fewest_rows, batch));
            EXPECT_TRUE(rows_stand_alone(live, *data, batch)) << name << ", batches of " << batch;
        }
    }
}

} // namespace
} // namespace limbeck
