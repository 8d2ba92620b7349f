// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/safetensors_stream.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "backend/project/failure.h"
#include "backend/project/safetensors_header.h"

namespace limbeck {
namespace {

static_assert(std::endian::native == std::endian::little,
              "tensors are kept as the little-endian bytes of the file");

void read_all(const ByteSource& source, std::span<std::byte> bytes, const std::string& name) {
    if (source(bytes) != bytes.size())
        fail(ErrorKind::data, "Reading the safetensors file " + name +
                                  " failed: it ends early; another program may be writing it.");
}

std::vector<std::pair<std::string_view, const TensorData*>> in_file_order(const TensorMap& tensors) {
    std::vector<std::pair<std::string_view, const TensorData*>> order;
    for (const auto& [name, tensor] : tensors.tensors)
        order.emplace_back(name, &tensor);
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
        return size_of(a.second->dtype) > size_of(b.second->dtype);
    });
    return order;
}

std::string header_text(const TensorMap& tensors) {
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    if (!tensors.metadata.empty()) header["__metadata__"] = tensors.metadata;
    std::uint64_t position = 0;
    for (const auto& [name, tensor] : in_file_order(tensors)) {
        std::uint64_t bytes = 0;
        if (name == "__metadata__")
            fail(ErrorKind::data,
                 "Writing safetensors failed: no tensor may have the name \"__metadata__\".");
        if (!tensor_bytes(tensor->shape, tensor->dtype, bytes) || bytes != tensor->bytes.size())
            fail(ErrorKind::internal, "Writing safetensors failed: tensor \"" + std::string(name) +
                                          "\" has " + std::to_string(tensor->bytes.size()) +
                                          " bytes, which its shape does not give.");
        auto& entry = header[std::string(name)];
        entry["dtype"] = safetensors_name(tensor->dtype);
        entry["shape"] = tensor->shape;
        entry["data_offsets"] = {position, position + bytes};
        position += bytes;
    }
    std::string text;
    try {
        text = header.dump();
    } catch (const nlohmann::json::exception& error) {
        fail(ErrorKind::data, "Writing safetensors failed: a name or a note in it is not UTF-8.",
             error.what());
    }
    text.resize((text.size() + 7) / 8 * 8, ' ');
    if (text.size() > safetensors_header_limit)
        fail(ErrorKind::data,
             "Writing safetensors failed: the header would take more than the 100 MB that the format "
             "allows; write fewer tensors into one file.");
    return text;
}

} // namespace

TensorMap read_tensors(const ByteSource& source, std::uint64_t size, const std::string& name) {
    const std::string refused = "Reading the safetensors file " + name + " failed: ";
    if (size < 8)
        fail(ErrorKind::data, refused + "it has " + std::to_string(size) +
                                  " bytes, and the length of the header alone takes 8.");
    std::uint64_t length = 0;
    std::byte prefix[8];
    read_all(source, prefix, name);
    std::memcpy(&length, prefix, sizeof length);
    if (std::memcmp(prefix, "version ", 8) == 0)
        fail(ErrorKind::data,
             refused + "it is a Git LFS pointer in place of the file; `git lfs pull` fetches that.");
    if (length < 2 || length > safetensors_header_limit || length > size - 8)
        fail(ErrorKind::data, refused + "it gives " + std::to_string(length) +
                                  " bytes as the length of its header; 2 to " +
                                  std::to_string(std::min(size - 8, safetensors_header_limit)) +
                                  " are possible. It is cut short, or no safetensors file.");

    std::string json(static_cast<std::size_t>(length), '\0');
    read_all(source, std::as_writable_bytes(std::span(json)), name);
    SafetensorsHeader header = parse_safetensors_header(json, size - 8 - length, name);

    TensorMap result;
    result.metadata = std::move(header.metadata);
    for (SafetensorsEntry& entry : header.entries) {
        TensorData& tensor = result.tensors[entry.name];
        tensor.dtype = entry.dtype;
        tensor.shape = std::move(entry.shape);
        tensor.bytes.resize(static_cast<std::size_t>(entry.end - entry.begin));
        read_all(source, tensor.bytes, name);
    }
    return result;
}

void write_tensors(const TensorMap& tensors, const ByteSink& sink) {
    const std::string header = header_text(tensors);
    const std::uint64_t length = header.size();
    sink(std::as_bytes(std::span(&length, 1)));
    sink(std::as_bytes(std::span(header)));
    for (const auto& [name, tensor] : in_file_order(tensors))
        sink(tensor->bytes);
}

} // namespace limbeck
