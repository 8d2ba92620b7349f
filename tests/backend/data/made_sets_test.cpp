// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <set>

#include "backend/data/data.h"
#include "backend/types/catalogue.h"

namespace limbeck {
namespace {

DataConfig made(const char* kind, std::int64_t samples = 0) {
    DataConfig config;
    config.dataset = {kind, ""};
    config.samples = samples;
    return config;
}

std::shared_ptr<const Dataset> load(const DataConfig& config) {
    auto dataset = load_dataset(config, "");
    EXPECT_TRUE(dataset) << (dataset ? "" : dataset.error().message);
    return dataset ? *dataset : nullptr;
}

TEST(Glyphs, AreTheSameBytesOnEveryMachine) {
    // Fixed when the set was made: whoever changes it breaks every run that was recorded before.
    EXPECT_EQ(load(made("glyphs", 200))->fingerprint,
              "ba957063028c25dd9d801f71a20a453ecadf53e61c1dfd37ebfc0db25e6ace86");
    EXPECT_EQ(load(made("spirals", 300))->fingerprint,
              "3f691922e56904471b39fc0bbd849fe21144bd9676269dab45e16df1f50870b9");
}

TEST(Glyphs, HaveTheirUsualShapeAndNumber) {
    const auto start = std::chrono::steady_clock::now();
    const auto dataset = load(made("glyphs"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30))
        << "about one second is usual";
    EXPECT_EQ(dataset->input, (InputSpec{{1, 28, 28}}));
    EXPECT_EQ(dataset->size(), 12000);
    EXPECT_EQ(dataset->classes(), 10);
    EXPECT_EQ(dataset->bytes.size(), 12000u * 784u);
    EXPECT_TRUE(dataset->values.empty());
}

TEST(Glyphs, DifferByTheirSeed) {
    DataConfig other = made("glyphs", 50);
    other.seed = 1;
    EXPECT_NE(load(made("glyphs", 50))->bytes, load(other)->bytes);
}

TEST(Glyphs, OnlyGrowByWhatIsAdded) {
    const auto few = load(made("glyphs", 40)), many = load(made("glyphs", 80));
    EXPECT_TRUE(std::equal(few->bytes.begin(), few->bytes.end(), many->bytes.begin()));
}

TEST(Glyphs, AreNeverTheSamePictureTwice) {
    const auto dataset = load(made("glyphs", 500));
    std::set<std::string> different;
    for (std::int64_t i = 0; i < dataset->size(); ++i)
        different.emplace(dataset->bytes.begin() + i * 784, dataset->bytes.begin() + (i + 1) * 784);
    EXPECT_EQ(different.size(), 500u);
}

TEST(Glyphs, WithoutNoiseLieOnBlackPaper) {
    DataConfig quiet = made("glyphs", 100);
    quiet.noise = 0;
    const auto dataset = load(quiet);
    const auto black = std::count(dataset->bytes.begin(), dataset->bytes.end(), 0);
    EXPECT_GT(black, 50 * 784);
    for (std::int64_t i = 0; i < 100; ++i)
        EXPECT_GT(*std::max_element(dataset->bytes.begin() + i * 784, dataset->bytes.begin() + (i + 1) * 784),
                  100)
            << "sample " << i << " shows nothing";
}

TEST(MadeSets, HaveEqualClassesAndFiniteValues) {
    for (const char* kind : {"moons", "spirals", "circles"}) {
        const auto dataset = load(made(kind, 600));
        EXPECT_EQ(dataset->input, (InputSpec{{2}}));
        EXPECT_EQ(dataset->values.size(), 1200u);
        for (std::int64_t label = 0; label < dataset->classes(); ++label)
            EXPECT_EQ(std::count(dataset->labels.begin(), dataset->labels.end(), label),
                      600 / dataset->classes())
                << kind;
        for (float value : dataset->values)
            EXPECT_LT(std::abs(value), 4) << kind;
    }
}

TEST(MadeSets, AreFarApartWithoutNoise) {
    DataConfig quiet = made("circles", 300);
    quiet.noise = 0;
    const auto dataset = load(quiet);
    for (std::size_t i = 0; i < 300; ++i) {
        const double radius = std::hypot(dataset->values[2 * i], dataset->values[2 * i + 1]);
        const double nearest[] = {0.175, 0.65, 1.3};
        EXPECT_NEAR(radius, nearest[dataset->labels[i]], 0.18) << i;
    }
}

TEST(MadeSets, AreProbedWithTheShapeThatLoadingGives) {
    for (const DatasetEntry& entry : dataset_catalogue()) {
        if (entry.needs_folder) continue;
        DataConfig config = made("", 60);
        config.dataset.kind = entry.kind;
        const auto shape = probe_dataset(config, "");
        ASSERT_TRUE(shape);
        const auto dataset = load(config);
        EXPECT_EQ(shape->input, dataset->input);
        EXPECT_EQ(shape->classes, dataset->classes());
        EXPECT_EQ(shape->samples, dataset->size());
    }
}

TEST(MadeSets, StopWhenTheyAreToldTo) {
    const auto dataset = load_dataset(made("glyphs"), "", [] { return false; });
    ASSERT_FALSE(dataset);
    EXPECT_EQ(dataset.error().kind, ErrorKind::cancelled);
}

TEST(MadeSets, RefuseSettingsThatMakeNoSense) {
    DataConfig huge = made("glyphs", std::int64_t{1} << 60), negative = made("moons", -1),
               noisy = made("moons");
    noisy.noise = std::numeric_limits<double>::quiet_NaN();
    for (const DataConfig& config : {huge, negative, noisy, made("glyhps")}) {
        const auto dataset = load_dataset(config, "");
        ASSERT_FALSE(dataset);
        EXPECT_EQ(dataset.error().kind, ErrorKind::configuration);
        EXPECT_FALSE(dataset.error().field.empty());
    }
}

} // namespace
} // namespace limbeck
