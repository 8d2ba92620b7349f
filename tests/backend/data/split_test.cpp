// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "backend/data/compact.h"
#include "backend/data/data.h"
#include "backend/data/split.h"

namespace limbeck {
namespace {

Dataset points(std::int64_t count) {
    Dataset dataset;
    dataset.name = "points";
    dataset.input = {{1}};
    dataset.class_names = {"a", "b"};
    for (std::int64_t i = 0; i < count; ++i) {
        dataset.labels.push_back(i % 2);
        dataset.values.push_back(static_cast<float>(i));
    }
    return dataset;
}

std::set<std::int64_t> all_indices(const Dataset& dataset) {
    std::set<std::int64_t> all(dataset.train.begin(), dataset.train.end());
    all.insert(dataset.validation.begin(), dataset.validation.end());
    all.insert(dataset.test.begin(), dataset.test.end());
    EXPECT_EQ(all.size(), dataset.train.size() + dataset.validation.size() + dataset.test.size())
        << "parts overlap";
    return all;
}

TEST(Split, TakesTheFractionsAndLosesNoSample) {
    Dataset dataset = points(1000);
    ASSERT_TRUE(split(dataset, 1000, DataConfig{}));
    EXPECT_EQ(dataset.test.size(), 200u);
    EXPECT_EQ(dataset.validation.size(), 80u);
    EXPECT_EQ(dataset.train.size(), 720u);
    EXPECT_EQ(all_indices(dataset).size(), 1000u);
}

TEST(Split, LeavesNoPartEmptyHoweverSmallTheSet) {
    for (std::int64_t count = 3; count < 30; ++count)
        for (double fraction : {0.01, 0.5, 0.9}) {
            Dataset dataset = points(count);
            DataConfig config;
            config.test_fraction = config.validation_fraction = fraction;
            ASSERT_TRUE(split(dataset, count, config));
            EXPECT_FALSE(dataset.train.empty() || dataset.validation.empty() || dataset.test.empty())
                << count;
            EXPECT_EQ(all_indices(dataset).size(), static_cast<std::size_t>(count));
        }
}

TEST(Split, RefusesASetThatIsTooSmallForThreeParts) {
    for (std::int64_t count : {0, 1, 2}) {
        Dataset dataset = points(count);
        const auto done = split(dataset, count, DataConfig{});
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().kind, ErrorKind::data);
    }
}

TEST(Split, DependsOnTheSeedAlone) {
    Dataset first = points(100), again = points(100), other = points(100);
    DataConfig config;
    ASSERT_TRUE(split(first, 100, config));
    ASSERT_TRUE(split(again, 100, config));
    config.seed = 1;
    ASSERT_TRUE(split(other, 100, config));
    EXPECT_EQ(first.train, again.train);
    EXPECT_NE(first.train, other.train);
}

TEST(Split, KeepsTheTestPartThatTheDataBring) {
    Dataset dataset = points(100);
    ASSERT_TRUE(split(dataset, 70, DataConfig{}));
    EXPECT_EQ(dataset.test.size(), 30u);
    EXPECT_EQ(dataset.test.front(), 70);
    EXPECT_EQ(dataset.validation.size(), 7u);
}

TEST(Split, TakesASubsetWhereSamplesLimitsIt) {
    Dataset dataset = points(100);
    DataConfig config;
    config.samples = 25;
    ASSERT_TRUE(split(dataset, 60, config));
    EXPECT_EQ(dataset.train.size() + dataset.validation.size(), 25u);
    EXPECT_EQ(dataset.test.size(), 25u);
    const auto used = all_indices(dataset);
    drop_unused(dataset);
    EXPECT_EQ(dataset.size(), 50);
    const auto now = all_indices(dataset);
    EXPECT_EQ(*now.rbegin(), 49);
    std::set<std::int64_t> values;
    for (float value : dataset.values)
        values.insert(static_cast<std::int64_t>(value));
    EXPECT_EQ(values, used) << "the samples that stay are the ones that were drawn";
    for (std::int64_t i = 0; i < dataset.size(); ++i)
        EXPECT_EQ(dataset.labels[static_cast<std::size_t>(i)],
                  static_cast<std::int64_t>(dataset.values[static_cast<std::size_t>(i)]) % 2);
}

TEST(Normalisation, ComesFromTheTrainingPartAlone) {
    Dataset dataset = points(4);
    dataset.values = {1, 3, 1000, 2000};
    dataset.train = {0, 1};
    measure_normalisation(dataset);
    EXPECT_EQ(dataset.mean, std::vector<float>{2});
    EXPECT_EQ(dataset.stddev, std::vector<float>{1});
}

TEST(Normalisation, OfPicturesIsPerChannelAndNeverZero) {
    Dataset dataset;
    dataset.input = {{2, 1, 2}};
    dataset.class_names = {"a", "b"};
    dataset.bytes = {0, 255, 7, 7};
    dataset.labels = {0};
    dataset.train = {0};
    measure_normalisation(dataset);
    ASSERT_EQ(dataset.mean.size(), 2u);
    EXPECT_FLOAT_EQ(dataset.mean[0], 0.5f);
    EXPECT_FLOAT_EQ(dataset.stddev[0], 0.5f);
    EXPECT_FLOAT_EQ(dataset.mean[1], 7 / 255.0f);
    EXPECT_EQ(dataset.stddev[1], 1.0f);
}

TEST(Fingerprint, ChangesWithTheSplitAndTheSamples) {
    DataConfig config;
    config.dataset = {"moons", ""};
    config.samples = 100;
    const auto base = load_dataset(config, "").value()->fingerprint;
    EXPECT_EQ(base.size(), 64u);
    DataConfig split_otherwise = config, noisier = config;
    split_otherwise.validation_fraction = 0.2;
    noisier.noise = 0.16;
    EXPECT_NE(load_dataset(split_otherwise, "").value()->fingerprint, base);
    EXPECT_NE(load_dataset(noisier, "").value()->fingerprint, base);
    EXPECT_EQ(load_dataset(config, "/elsewhere").value()->fingerprint, base);
}

} // namespace
} // namespace limbeck
