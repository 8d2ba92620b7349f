// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "backend/types/error.h"
#include "backend/types/tensor_map.h"

/// The safetensors format (https://huggingface.co/docs/safetensors): 8 bytes little-endian header length, a
/// JSON header, the tensors' bytes. The reader is strict, because weights come from strangers: header of 2
/// bytes to 100 MB within the file, valid UTF-8 JSON without duplicate names or unknown members, known
/// element types, sizes that fit the shapes, data without holes, overlaps or left-overs. It allocates no more
/// than the file's size justifies. Names keep their exact bytes; data need not be aligned.
namespace limbeck {

/// Errors (ErrorKind::data) name the file, the tensor, what was found and what would be right.
Result<TensorMap> read_safetensors(const std::filesystem::path& file);
/// The same from memory; `name` stands for the file in errors.
Result<TensorMap> parse_safetensors(std::span<const std::byte> bytes, const std::string& name);

/// Equal maps give equal bytes: tensors are ordered by descending element size, then name, and the header is
/// padded with spaces to a multiple of 8, so that every tensor is aligned to its elements.
Result<std::vector<std::byte>> format_safetensors(const TensorMap& tensors);
/// SHA-256 of these bytes: the name that a project gives the object with these tensors.
Result<std::string> digest_of(const TensorMap& tensors);
/// Writes to a temporary name, fsyncs, renames: after a failure the old file, or none, is there.
Result<void> write_safetensors(const std::filesystem::path& file, const TensorMap& tensors);

} // namespace limbeck
