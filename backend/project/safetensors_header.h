// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "backend/types/tensor_map.h"

namespace limbeck {

inline constexpr std::uint64_t safetensors_header_limit = 100'000'000;

/// Where a tensor lies: bytes [begin, end) after the header.
struct SafetensorsEntry {
    std::string name;
    DType dtype = DType::f32;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0, end = 0;
};

struct SafetensorsHeader {
    std::vector<SafetensorsEntry> entries; ///< in the order of the data, gapless from 0 to data_size
    std::map<std::string, std::string> metadata;
};

/// "F32" for DType::f32.
std::string_view safetensors_name(DType type);

/// Number of bytes of a tensor; false when it does not fit into 63 bits or an extent is negative.
bool tensor_bytes(const std::vector<std::int64_t>& shape, DType dtype, std::uint64_t& bytes);

/// Parses and checks the JSON of a header against the number of data bytes that follow it. Throws Failure
/// (ErrorKind::data); messages begin with `name`, the file's.
SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_size,
                                           const std::string& name);

} // namespace limbeck
