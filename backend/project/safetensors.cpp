// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/safetensors.h"

#include <algorithm>

#include "backend/project/failure.h"
#include "backend/project/file_io.h"
#include "backend/project/safetensors_stream.h"
#include "backend/project/sha256.h"

namespace limbeck {

Result<TensorMap> read_safetensors(const std::filesystem::path& path) {
    return attempt("reading weights", [&] {
        File file = File::open_for_reading(path);
        return read_tensors([&](std::span<std::byte> bytes) { return file.read(bytes); }, file.size(),
                            path_text(path));
    });
}

Result<TensorMap> parse_safetensors(std::span<const std::byte> bytes, const std::string& name) {
    return attempt("reading weights", [&] {
        std::span<const std::byte> rest = bytes;
        const auto take = [&](std::span<std::byte> wanted) {
            const std::size_t count = std::min(wanted.size(), rest.size());
            std::copy_n(rest.begin(), count, wanted.begin());
            rest = rest.subspan(count);
            return count;
        };
        return read_tensors(take, bytes.size(), name);
    });
}

Result<std::vector<std::byte>> format_safetensors(const TensorMap& tensors) {
    return attempt("writing weights", [&] {
        std::vector<std::byte> bytes;
        write_tensors(tensors, [&](std::span<const std::byte> piece) {
            bytes.insert(bytes.end(), piece.begin(), piece.end());
        });
        return bytes;
    });
}

Result<std::string> digest_of(const TensorMap& tensors) {
    return attempt("hashing weights", [&] {
        Sha256 hash;
        write_tensors(tensors, [&](std::span<const std::byte> piece) { hash.update(piece); });
        return hash.hex();
    });
}

Result<void> write_safetensors(const std::filesystem::path& path, const TensorMap& tensors) {
    return attempt("writing weights", [&] {
        write_durably(path, [&](File& file) {
            write_tensors(tensors, [&](std::span<const std::byte> piece) { file.write(piece); });
        });
    });
}

} // namespace limbeck
