// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/tensors.h"

#include <array>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include <torch/torch.h>

namespace limbeck {

namespace {

struct TypePair {
    DType ours;
    torch::ScalarType torchs;
    const char* name;
};

constexpr std::array<TypePair, 10> type_pairs{{
    {DType::f64, torch::kFloat64, "float64"},
    {DType::f32, torch::kFloat32, "float32"},
    {DType::f16, torch::kFloat16, "float16"},
    {DType::bf16, torch::kBFloat16, "bfloat16"},
    {DType::i64, torch::kInt64, "int64"},
    {DType::i32, torch::kInt32, "int32"},
    {DType::i16, torch::kInt16, "int16"},
    {DType::i8, torch::kInt8, "int8"},
    {DType::u8, torch::kUInt8, "uint8"},
    {DType::boolean, torch::kBool, "bool"},
}};

/// Bytes of a shape; empty where a size is negative or the product does not fit.
std::optional<std::size_t> bytes_of(const std::vector<std::int64_t>& shape, std::size_t element) {
    std::size_t bytes = element;
    for (const std::int64_t size : shape) {
        if (size < 0) return std::nullopt;
        if (size != 0 && bytes > std::numeric_limits<std::size_t>::max() / static_cast<std::size_t>(size))
            return std::nullopt;
        bytes *= static_cast<std::size_t>(size);
    }
    return bytes;
}

} // namespace

torch::ScalarType to_torch(DType type) {
    for (const TypePair& pair : type_pairs)
        if (pair.ours == type) return pair.torchs;
    return torch::kFloat32; // not reached: the table holds every DType
}

Result<DType> from_torch(torch::ScalarType type) {
    for (const TypePair& pair : type_pairs)
        if (pair.torchs == type) return pair.ours;
    return failure(ErrorKind::internal, std::string("Tensors of type ") + c10::toString(type) +
                                            " cannot be kept; Limbeck keeps real numbers and integers.");
}

std::string to_string(torch::ScalarType type) {
    for (const TypePair& pair : type_pairs)
        if (pair.torchs == type) return pair.name;
    return c10::toString(type);
}

std::string shape_text(torch::IntArrayRef shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
}

Result<torch::Tensor> to_tensor(const TensorData& data) {
    const torch::ScalarType type = to_torch(data.dtype);
    const auto bytes = bytes_of(data.shape, c10::elementSize(type));
    if (!bytes || *bytes != data.bytes.size())
        return failure(ErrorKind::data, "A tensor of shape " + shape_text(data.shape) + " and type " +
                                            to_string(type) + " cannot have " +
                                            std::to_string(data.bytes.size()) + " bytes.");
    torch::Tensor tensor = torch::empty(data.shape, type);
    if (*bytes > 0) std::memcpy(tensor.data_ptr(), data.bytes.data(), *bytes);
    return tensor;
}

Result<TensorData> to_data(const torch::Tensor& tensor) {
    const Result<DType> type = from_torch(tensor.scalar_type());
    if (!type) return tl::unexpected<Error>(type.error());
    const torch::Tensor host = tensor.detach().to(torch::kCPU).contiguous();
    TensorData data{*type, host.sizes().vec(), std::vector<std::byte>(host.nbytes())};
    if (!data.bytes.empty()) std::memcpy(data.bytes.data(), host.const_data_ptr(), data.bytes.size());
    return data;
}

} // namespace limbeck
