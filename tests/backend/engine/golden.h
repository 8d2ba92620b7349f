// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <torch/torch.h>

#include "backend/engine/tensors.h"
#include "backend/types/tensor_map.h"

/// The reference data of others, and tensors to compare with them.
namespace limbeck::golden {

/// Folder of the golden files; empty where this machine has none.
inline std::filesystem::path folder() {
    const char* shared = std::getenv("LIMBECK_SHARED");
    return shared && *shared ? std::filesystem::path(shared) / "golden" : std::filesystem::path();
}

/// A reader of its own, so that a golden value does not pass through the code under test: 8 bytes with the
/// length of a JSON header, the header, the values.
inline TensorMap read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream content;
    content << file.rdbuf();
    const std::string bytes = content.str();
    std::uint64_t length = 0;
    if (bytes.size() < sizeof length) throw std::runtime_error("cannot read " + path.string());
    std::memcpy(&length, bytes.data(), sizeof length);
    const auto header = nlohmann::json::parse(bytes.substr(sizeof length, length));
    const std::map<std::string, DType> types{{"F64", DType::f64}, {"F32", DType::f32}, {"I64", DType::i64}};
    TensorMap map;
    for (const auto& [name, entry] : header.items()) {
        if (name == "__metadata__") {
            map.metadata = entry.get<std::map<std::string, std::string>>();
            continue;
        }
        const auto offsets = entry.at("data_offsets").get<std::pair<std::size_t, std::size_t>>();
        TensorData data{types.at(entry.at("dtype")), entry.at("shape"), {}};
        data.bytes.resize(offsets.second - offsets.first);
        std::memcpy(data.bytes.data(), bytes.data() + sizeof length + length + offsets.first,
                    data.bytes.size());
        map.tensors.emplace(name, std::move(data));
    }
    return map;
}

inline torch::Tensor tensor(const TensorMap& map, const std::string& name) {
    return to_tensor(map.tensors.at(name)).value();
}

/// max|a − b| / max|b|, and infinity where the shapes differ.
inline double relative_error(const torch::Tensor& a, const torch::Tensor& b) {
    if (a.sizes() != b.sizes()) return std::numeric_limits<double>::infinity();
    const torch::Tensor wide = b.to(torch::kFloat64);
    return ((a.to(torch::kFloat64) - wide).abs().max() / wide.abs().max()).item<double>();
}

} // namespace limbeck::golden

/// In a test: goes on only where the golden files are.
#define LIMBECK_NEED_GOLDEN()                                                                                \
    if (limbeck::golden::folder().empty())                                                                   \
    GTEST_SKIP() << "needs the golden files: set LIMBECK_SHARED to the folder that holds golden/"
