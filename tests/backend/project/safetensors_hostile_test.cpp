// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <sys/resource.h>

#include "backend/project/safetensors.h"
#include "tests/backend/project/support.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;

/// Folder of the hostile files; empty where the reference data are not there.
fs::path hostile_folder() {
    const char* shared = std::getenv("LIMBECK_SHARED");
    return shared && fs::exists(fs::path(shared) / "data/hostile/manifest.csv")
               ? fs::path(shared) / "data/hostile"
               : fs::path();
}

template <class T>
T scalar(const TensorMap& map, const std::string& name) {
    T value{};
    const auto& bytes = map.tensors.at(name).bytes;
    if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

std::vector<float> floats(const TensorMap& map, const std::string& name) {
    const auto& bytes = map.tensors.at(name).bytes;
    std::vector<float> values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

class HostileSafetensors : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = hostile_folder();
        if (folder_.empty()) GTEST_SKIP() << "the reference data (LIMBECK_SHARED) are not there";
    }

    TensorMap load(const std::string& name) {
        return value_of(read_safetensors(folder_ / "safetensors" / (name + ".safetensors")));
    }

    fs::path folder_;
};

TEST_F(HostileSafetensors, AreRefusedOrLoadedAsTheirListSaysInUnderATenthOfASecond) {
    std::ifstream manifest(folder_ / "manifest.csv");
    int accepted = 0, refused = 0;
    for (std::string line; std::getline(manifest, line);) {
        if (!line.starts_with("safetensors/")) continue;
        std::istringstream cells(line);
        std::string file, bytes, sha256, expect;
        std::getline(cells, file, ',');
        std::getline(cells, bytes, ',');
        std::getline(cells, sha256, ',');
        std::getline(cells, expect, ',');
        rusage before{}, after{};
        ::getrusage(RUSAGE_SELF, &before);
        const auto start = std::chrono::steady_clock::now();
        const auto loaded = read_safetensors(folder_ / file);
        const auto time = std::chrono::steady_clock::now() - start;
        ::getrusage(RUSAGE_SELF, &after);
        EXPECT_EQ(loaded.has_value(), expect == "accept") << file << ": " << error_of(loaded);
        EXPECT_LT(time, std::chrono::milliseconds(100)) << file;
        EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 16 * 1024) << file << ": grew by more than 16 MB";
        if (!loaded) {
            EXPECT_EQ(loaded.error().kind, ErrorKind::data) << file;
            EXPECT_NE(error_of(loaded).find(fs::path(file).filename()), std::string::npos)
                << error_of(loaded);
        }
        ++(loaded ? accepted : refused);
    }
    EXPECT_EQ(accepted, 9);
    EXPECT_EQ(refused, 21);
}

TEST_F(HostileSafetensors, KeepTheirValuesWhenTheyAreGood) {
    const std::vector<float> four{1, 2, 3, 4};
    EXPECT_EQ(floats(load("ok_minimal"), "w"), four);
    EXPECT_EQ(floats(load("ok_header_padded_spaces"), "w"), four);
    EXPECT_EQ(floats(load("ok_unaligned_header"), "w"), four);
    const TensorMap unordered = load("ok_keys_out_of_order");
    EXPECT_EQ(floats(unordered, "a"), (std::vector<float>{1, 2}));
    EXPECT_EQ(floats(unordered, "b"), (std::vector<float>{3, 4}));
    EXPECT_EQ(load("ok_metadata").metadata,
              (std::map<std::string, std::string>{{"format", "pt"}, {"note", "a"}}));
    EXPECT_EQ(load("ok_metadata").tensors.size(), 1u);
    EXPECT_TRUE(load("ok_scalar_rank0").tensors.begin()->second.shape.empty());
    EXPECT_EQ(load("ok_zero_size").tensors.at("e").shape, (std::vector<std::int64_t>{0, 5}));
    EXPECT_EQ(load("ok_unicode_name").tensors.begin()->first, "слой.веса/重み");

    const TensorMap all = load("ok_all_dtypes");
    EXPECT_EQ(scalar<double>(all, "t_f64"), 2.5);
    EXPECT_EQ(scalar<float>(all, "t_f32"), -1.25f);
    EXPECT_EQ(scalar<std::uint16_t>(all, "t_f16"), 0x3800);
    EXPECT_EQ(scalar<std::uint16_t>(all, "t_bf16"), 0x3F80);
    EXPECT_EQ(scalar<std::int64_t>(all, "t_i64"), -7);
    EXPECT_EQ(scalar<std::int32_t>(all, "t_i32"), 7);
    EXPECT_EQ(scalar<std::int16_t>(all, "t_i16"), -300);
    EXPECT_EQ(scalar<std::int8_t>(all, "t_i8"), -8);
    EXPECT_EQ(scalar<std::uint8_t>(all, "t_u8"), 200);
    EXPECT_EQ(scalar<std::uint8_t>(all, "t_bool"), 1);
}

TEST_F(HostileSafetensors, AreReadFromMemoryAsFromFiles) {
    for (const auto& entry : fs::directory_iterator(folder_ / "safetensors")) {
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string content(std::istreambuf_iterator<char>(file), {});
        const auto parsed = parse_safetensors(std::as_bytes(std::span(content)), "it");
        EXPECT_EQ(parsed.has_value(), entry.path().filename().string().starts_with("ok_")) << entry.path();
    }
}

} // namespace
} // namespace limbeck
