// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <sys/resource.h>

#include "backend/data/data.h"
#include "tests/backend/data/data_files.h"

namespace limbeck {
namespace {

using namespace testing_support;

/// Puts two of the damaged files into a folder as images and labels.
class HostileIdx : public testing::Test {
  protected:
    void SetUp() override {
        from_ = shared_folder() / "data" / "hostile" / "idx";
        if (shared_folder().empty() || !std::filesystem::exists(from_))
            GTEST_SKIP() << "the damaged files are not here";
    }

    Result<std::shared_ptr<const Dataset>> load(const std::string& images, const std::string& labels) {
        TemporaryFolder folder;
        const auto put = [&](const std::string& file, const std::string& name) {
            std::filesystem::copy_file(from_ / file, folder / (name + (file.ends_with(".gz") ? ".gz" : "")));
        };
        put(images, "train-images-idx3-ubyte");
        put(labels, "train-labels-idx1-ubyte");
        DataConfig config;
        config.dataset = {"idx", folder.path().string()};
        return load_dataset(config, "");
    }

    std::filesystem::path from_;
};

TEST_F(HostileIdx, AcceptsTheGoodOnes) {
    for (const char* images :
         {"ok-images-idx3-ubyte", "ok-images-idx3-ubyte.gz", "bad-named-gz-but-plain-idx3-ubyte.gz"}) {
        const auto dataset = load(images, "ok-labels-idx1-ubyte");
        ASSERT_TRUE(dataset) << images << ": " << dataset.error().message;
        EXPECT_EQ((*dataset)->size(), 50);
    }
}

TEST_F(HostileIdx, RefusesTheBadOnesInWords) {
    const std::pair<const char*, const char*> pictures[] = {
        {"bad-count-4-billion-idx3-ubyte.gz", "more than the file can hold"},
        {"bad-count-too-large-idx3-ubyte", "more than the file can hold"},
        {"bad-gzip-crc-idx3-ubyte.gz", "damaged"},
        {"bad-gzip-cut-idx3-ubyte.gz", "cut off"},
        {"bad-header-cut-idx3-ubyte", "ends inside the IDX header"},
        {"bad-magic-idx3-ubyte", "not an IDX file"},
        {"bad-rank-0-idx", "rank 0"},
        {"bad-swapped-labels-as-images-idx1-ubyte", "rank 1"},
        {"bad-type-idx3-ubyte", "type 0x07"},
        {"bad-zero-images-idx3-ubyte", "no pictures at all"}};
    for (const auto& [images, words] : pictures) {
        const auto dataset = load(images, "ok-labels-idx1-ubyte");
        ASSERT_FALSE(dataset) << images;
        EXPECT_EQ(dataset.error().kind, ErrorKind::data);
        EXPECT_NE(dataset.error().message.find(words), std::string::npos)
            << images << ": " << dataset.error().message;
    }
    for (const auto& [labels, words] :
         {std::pair{"bad-label-count-49-idx1-ubyte", "49 labels for the 50 pictures"},
          std::pair{"bad-labels-out-of-range-idx1-ubyte", "label 250"}}) {
        const auto dataset = load("ok-images-idx3-ubyte", labels);
        ASSERT_FALSE(dataset) << labels;
        EXPECT_NE(dataset.error().message.find(words), std::string::npos) << dataset.error().message;
    }
}

TEST_F(HostileIdx, TakesNoMemoryForWhatAHeaderOnlyPromises) {
    rusage before{}, after{};
    getrusage(RUSAGE_SELF, &before);
    EXPECT_FALSE(load("bad-count-4-billion-idx3-ubyte.gz", "ok-labels-idx1-ubyte"));
    getrusage(RUSAGE_SELF, &after);
    EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 64 * 1024) << "KiB";
}

} // namespace
} // namespace limbeck
