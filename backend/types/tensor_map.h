// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace limbeck {

/// Element types of safetensors that Limbeck reads and writes.
enum class DType { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };

/// Bytes of one element.
std::size_t size_of(DType type);

/// A tensor as plain values: contiguous, row-major, little-endian bytes.
struct TensorData {
    DType dtype = DType::f32;
    std::vector<std::int64_t> shape;
    std::vector<std::byte> bytes; ///< size = product(shape) · size_of(dtype)
    bool operator==(const TensorData&) const = default;
};

/// Named tensors with the free text that safetensors keeps beside them (`__metadata__`).
struct TensorMap {
    std::map<std::string, TensorData> tensors;
    std::map<std::string, std::string> metadata;
    bool operator==(const TensorMap&) const = default;
};

} // namespace limbeck
