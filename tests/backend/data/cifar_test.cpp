// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "backend/data/data.h"
#include "tests/backend/data/data_files.h"

namespace limbeck {
namespace {

using namespace testing_support;

std::vector<std::uint8_t> records(int count, int label_bytes, int classes) {
    std::vector<std::uint8_t> bytes;
    for (int i = 0; i < count; ++i) {
        if (label_bytes == 2) bytes.push_back(255); // the coarse label is not looked at
        bytes.push_back(static_cast<std::uint8_t>(i % classes));
        for (int k = 0; k < 3072; ++k)
            bytes.push_back(static_cast<std::uint8_t>(k / 1024 * 100 + i));
    }
    return bytes;
}

void write_cifar10(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    for (int i = 1; i <= 5; ++i)
        write_file(folder / ("data_batch_" + std::to_string(i) + ".bin"), records(10, 1, 10));
    write_file(folder / "test_batch.bin", records(7, 1, 10));
}

DataConfig cifar(const char* kind, const std::filesystem::path& folder) {
    DataConfig config;
    config.dataset = {kind, folder.string()};
    return config;
}

TEST(Cifar10, IsReadWithItsTestBatchAndNames) {
    TemporaryFolder folder;
    write_cifar10(folder.path());
    const auto dataset = load_dataset(cifar("cifar10", folder.path()), "").value();
    EXPECT_EQ(dataset->input, (InputSpec{{3, 32, 32}}));
    EXPECT_EQ(dataset->size(), 57);
    EXPECT_EQ(dataset->test.size(), 7u);
    EXPECT_EQ(dataset->class_names[6], "frog");
    EXPECT_EQ(dataset->labels[13], 3);
    EXPECT_EQ(dataset->bytes[13 * 3072 + 1024], 103) << "channel by channel";
    EXPECT_EQ(dataset->mean.size(), 3u);
    EXPECT_EQ(probe_dataset(cifar("cifar10", folder.path()), "").value().samples, 57);
}

TEST(Cifar10, IsFoundInTheFolderThatTheArchiveMakes) {
    TemporaryFolder folder;
    write_cifar10(folder / "cifar-10-batches-bin");
    EXPECT_TRUE(load_dataset(cifar("cifar10", folder.path()), ""));
}

TEST(Cifar10, TakesTheNamesThatLieWithIt) {
    TemporaryFolder folder;
    write_cifar10(folder.path());
    std::ofstream(folder / "batches.meta.txt") << "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n";
    EXPECT_EQ(load_dataset(cifar("cifar10", folder.path()), "").value()->class_names[9], "j");
}

TEST(Cifar100, IsReadByItsFineLabels) {
    TemporaryFolder folder;
    write_file(folder / "train.bin", records(120, 2, 100));
    const auto dataset = load_dataset(cifar("cifar100", folder.path()), "").value();
    EXPECT_EQ(dataset->classes(), 100);
    EXPECT_EQ(dataset->labels[99], 99);
    EXPECT_EQ(dataset->test.size(), 24u) << "without test.bin the test part is drawn";
}

TEST(Cifar, RefusesWhatIsNotIt) {
    TemporaryFolder folder;
    const auto refusal = [&] {
        const auto dataset = load_dataset(cifar("cifar10", folder.path()), "");
        return dataset ? std::string() : dataset.error().message;
    };
    EXPECT_NE(refusal().find("data_batch_1.bin"), std::string::npos);
    write_file(folder / "data_batch_1", {1});
    EXPECT_NE(refusal().find("Python"), std::string::npos);
    write_cifar10(folder.path());
    std::filesystem::resize_file(folder / "data_batch_3.bin", 3073 * 10 - 1);
    EXPECT_NE(refusal().find("whole number of records"), std::string::npos);
    std::filesystem::resize_file(folder / "data_batch_3.bin", 0);
    EXPECT_NE(refusal().find("is empty"), std::string::npos) << refusal();
    write_file(folder / "data_batch_3.bin", records(11, 1, 11));
    EXPECT_NE(refusal().find("record 10 (byte 30730) has label 10"), std::string::npos) << refusal();
}

} // namespace
} // namespace limbeck
