// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <numeric>

#include <zlib.h>

#include "backend/data/data.h"
#include "tests/backend/data/data_files.h"

namespace limbeck {
namespace {

using namespace testing_support;

constexpr std::uint32_t count = 30;

std::vector<std::uint8_t> some_labels(std::uint32_t n = count) {
    std::vector<std::uint8_t> labels(n);
    for (std::uint32_t i = 0; i < n; ++i)
        labels[i] = static_cast<std::uint8_t>(i % 3);
    return labels;
}

std::vector<std::uint8_t> some_pictures(std::uint32_t n = count) {
    std::vector<std::uint8_t> pictures(n * 6);
    std::iota(pictures.begin(), pictures.end(), std::uint8_t{0});
    return pictures;
}

void write_pair(const TemporaryFolder& folder, const std::string& part, std::uint32_t n = count) {
    write_file(folder / (part + "-images-idx3-ubyte"), idx_bytes({n, 2, 3}, some_pictures(n)));
    write_file(folder / (part + "-labels-idx1-ubyte"), idx_bytes({n}, some_labels(n)));
}

DataConfig idx(const std::filesystem::path& folder) {
    DataConfig config;
    config.dataset = {"idx", folder.string()};
    return config;
}

std::string refusal(const std::filesystem::path& folder) {
    const auto dataset = load_dataset(idx(folder), "");
    EXPECT_FALSE(dataset) << folder;
    if (dataset) return "";
    EXPECT_EQ(dataset.error().kind, ErrorKind::data) << dataset.error().message;
    EXPECT_EQ(dataset.error().field, "data.dataset");
    return dataset.error().message;
}

TEST(IdxFolder, IsReadWithItsOwnTestPart) {
    TemporaryFolder folder;
    write_pair(folder, "train");
    write_pair(folder, "t10k", 12);
    const auto dataset = load_dataset(idx(folder.path()), "").value();
    EXPECT_EQ(dataset->input, (InputSpec{{1, 2, 3}}));
    EXPECT_EQ(dataset->classes(), 3);
    EXPECT_EQ(dataset->size(), 42);
    EXPECT_EQ(dataset->test.size(), 12u);
    EXPECT_EQ(dataset->test.front(), 30);
    EXPECT_EQ(dataset->bytes[30 * 6 + 1], 1) << "the test pictures follow the training pictures";
    const auto shape = probe_dataset(idx(folder.path()), "").value();
    EXPECT_EQ(shape.samples, 42);
    EXPECT_EQ(shape.classes, 3);
}

TEST(IdxFolder, IsSplitWhereItBringsNoTestPart) {
    TemporaryFolder folder;
    write_pair(folder, "train");
    const auto dataset = load_dataset(idx(folder.path()), "").value();
    EXPECT_EQ(dataset->test.size(), 6u);
    EXPECT_EQ(dataset->size(), 30);
}

TEST(IdxFolder, IsFoundRelativeToTheProject) {
    TemporaryFolder folder;
    std::filesystem::create_directory(folder / "inner");
    write_pair(folder, "train");
    EXPECT_TRUE(load_dataset(idx(".."), folder / "inner"));
}

TEST(IdxFolder, IsReadPackedWithTheSameFingerprint) {
    TemporaryFolder plain, packed;
    write_pair(plain, "train");
    for (const char* name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"}) {
        std::ifstream in(plain / name, std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(in)), {});
        gzFile out = gzopen((packed / (std::string(name) + ".gz")).c_str(), "wb");
        ASSERT_EQ(gzwrite(out, bytes.data(), static_cast<unsigned>(bytes.size())),
                  static_cast<int>(bytes.size()));
        ASSERT_EQ(gzclose(out), Z_OK);
    }
    EXPECT_EQ(load_dataset(idx(plain.path()), "").value()->fingerprint,
              load_dataset(idx(packed.path()), "").value()->fingerprint);
}

TEST(IdxFolder, TakesNamesAsEmnistAndOthersHaveThem) {
    for (const char* prefix :
         {"emnist-digits-train-images-idx3-ubyte", "train-images.idx3-ubyte", "images-idx3-ubyte"}) {
        TemporaryFolder folder;
        std::string labels = prefix;
        labels.replace(labels.find("images"), 6, "labels");
        labels.replace(labels.find("idx3"), 4, "idx1");
        write_file(folder / prefix, idx_bytes({count, 2, 3}, some_pictures()));
        write_file(folder / labels, idx_bytes({count}, some_labels()));
        EXPECT_TRUE(load_dataset(idx(folder.path()), "")) << prefix;
    }
}

TEST(IdxFolder, KeepsOnlyTheSamplesAskedFor) {
    TemporaryFolder folder;
    write_pair(folder, "train", 100);
    DataConfig config = idx(folder.path());
    config.samples = 40;
    const auto dataset = load_dataset(config, "").value();
    EXPECT_EQ(dataset->size(), 40);
    EXPECT_EQ(dataset->bytes.size(), 240u);
}

TEST(IdxFolder, RefusesMissingFilesAndFolders) {
    TemporaryFolder folder;
    EXPECT_NE(refusal(folder / "nowhere").find("no such folder"), std::string::npos);
    EXPECT_NE(refusal(folder.path()).find("train-images-idx3-ubyte"), std::string::npos);
    write_pair(folder, "train");
    EXPECT_NE(refusal(folder / "train-images-idx3-ubyte").find("not a folder"), std::string::npos);
    std::filesystem::remove(folder / "train-labels-idx1-ubyte");
    EXPECT_NE(refusal(folder.path()).find("labels"), std::string::npos);
}

TEST(IdxFolder, RefusesHalfATestPair) {
    TemporaryFolder folder;
    write_pair(folder, "train");
    write_pair(folder, "t10k");
    std::filesystem::remove(folder / "t10k-labels-idx1-ubyte");
    EXPECT_NE(refusal(folder.path()).find("t10k-images"), std::string::npos);
}

TEST(IdxFolder, RefusesTwoSetsInOneFolder) {
    TemporaryFolder folder;
    write_pair(folder, "a-train");
    write_pair(folder, "b-train");
    EXPECT_NE(refusal(folder.path()).find("could be meant"), std::string::npos);
}

TEST(IdxFolder, RefusesATestPartOfAnotherShapeOrWithUnknownLabels) {
    TemporaryFolder folder;
    write_pair(folder, "train");
    write_file(folder / "t10k-images-idx3-ubyte", idx_bytes({2, 3, 2}, std::vector<std::uint8_t>(12)));
    write_file(folder / "t10k-labels-idx1-ubyte", idx_bytes({2}, {0, 1}));
    EXPECT_NE(refusal(folder.path()).find("1x3x2"), std::string::npos);
    write_file(folder / "t10k-images-idx3-ubyte", idx_bytes({2, 2, 3}, std::vector<std::uint8_t>(12)));
    write_file(folder / "t10k-labels-idx1-ubyte", idx_bytes({2}, {0, 3}));
    EXPECT_NE(refusal(folder.path()).find("label 3 at byte 9"), std::string::npos);
}

TEST(IdxFolder, RefusesTrailingBytes) {
    TemporaryFolder folder;
    write_pair(folder, "train");
    std::ofstream(folder / "train-images-idx3-ubyte", std::ios::app) << "x";
    EXPECT_NE(refusal(folder.path()).find("left over"), std::string::npos);
}

TEST(IdxFolder, RefusesEveryCutOfItsFiles) {
    TemporaryFolder folder;
    write_pair(folder, "train");
    for (const char* name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"}) {
        const auto path = folder / name;
        const auto whole = std::filesystem::file_size(path);
        std::ifstream in(path, std::ios::binary);
        std::vector<std::uint8_t> bytes((std::istreambuf_iterator<char>(in)), {});
        for (std::size_t size = 0; size < whole; ++size) {
            write_file(path, {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)});
            EXPECT_FALSE(refusal(folder.path()).empty());
        }
        write_file(path, bytes);
    }
    EXPECT_TRUE(load_dataset(idx(folder.path()), ""));
}

TEST(IdxFolder, RefusesAnnouncedSizesOfEveryKindBeforeAllocating) {
    for (const auto& extents : std::vector<std::vector<std::uint32_t>>{{0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF},
                                                                       {0xFFFFFFFF, 28, 28},
                                                                       {1, 0xFFFFFFFF, 1},
                                                                       {0x80000000, 2, 0x80000000},
                                                                       {0, 28, 28},
                                                                       {count, 0, 3}}) {
        TemporaryFolder folder;
        write_pair(folder, "train");
        write_file(folder / "train-images-idx3-ubyte", idx_bytes(extents, some_pictures()));
        EXPECT_NE(refusal(folder.path()).find("announces"), std::string::npos);
    }
}

TEST(IdxFolder, DoesNotWaitForAPipe) {
    TemporaryFolder folder;
    write_pair(folder, "train");
    std::filesystem::remove(folder / "train-images-idx3-ubyte");
    ASSERT_EQ(std::system(("mkfifo '" + (folder / "train-images-idx3-ubyte").string() + "'").c_str()), 0);
    EXPECT_NE(refusal(folder.path()).find("not a regular file"), std::string::npos);
}

TEST(FashionMnist, IsReadWhole) {
    const auto folder = shared_folder() / "data" / "fashion-mnist";
    if (shared_folder().empty() || !std::filesystem::exists(folder))
        GTEST_SKIP() << "Fashion-MNIST is not here";
    const auto dataset = load_dataset(idx(folder), "").value();
    EXPECT_EQ(dataset->size(), 70000);
    EXPECT_EQ(dataset->test.size(), 10000u);
    EXPECT_EQ(dataset->validation.size(), 6000u);
    EXPECT_EQ(dataset->class_names[9], "Ankle boot");
    // The origin gives 72.9404 as the mean pixel of all 60,000 training pictures; 54,000 of them train here.
    EXPECT_NEAR(dataset->mean[0] * 255, 72.9404, 0.2);
    for (std::int64_t label = 0; label < 10; ++label)
        EXPECT_EQ(std::count(dataset->labels.begin() + 60000, dataset->labels.end(), label), 1000);
}

} // namespace
} // namespace limbeck
