// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/data/byte_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include <zlib.h>

namespace limbeck {

namespace {

tl::unexpected<Error> unreadable(const std::filesystem::path& path, const std::string& why) {
    return failure(ErrorKind::data, "Reading " + path.string() + ": " + why, "data.dataset");
}

gzFile gz(void* file) {
    return static_cast<gzFile>(file);
}

} // namespace

void ByteReader::Close::operator()(void* file) const {
    gzclose(gz(file));
}

Result<ByteReader> ByteReader::open(const std::filesystem::path& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (error || !std::filesystem::exists(status)) return unreadable(path, "there is no such file.");
    // A pipe or a device could block for ever, or never end.
    if (!std::filesystem::is_regular_file(status)) return unreadable(path, "it is not a regular file.");
    const std::uint64_t size = std::filesystem::file_size(path, error);
    if (error) return unreadable(path, error.message() + ".");

    std::uint8_t magic[2] = {};
    std::ifstream(path, std::ios::binary).read(reinterpret_cast<char*>(magic), sizeof magic);
    const bool packed = magic[0] == 0x1F && magic[1] == 0x8B;

    errno = 0;
    void* file = gzopen(path.c_str(), "rb");
    if (!file) return unreadable(path, std::string(std::strerror(errno ? errno : ENOMEM)) + ".");
    gzbuffer(gz(file), 1 << 17);
    return ByteReader(path, file, packed ? size * 1032 + 1024 : size);
}

Result<std::size_t> ByteReader::read(std::span<std::uint8_t> into) {
    std::size_t done = 0;
    while (done < into.size()) {
        const auto wanted = static_cast<unsigned>(std::min<std::size_t>(into.size() - done, 1 << 24));
        const int got = gzread(gz(file_.get()), into.data() + done, wanted);
        int code = Z_OK;
        const char* words = gzerror(gz(file_.get()), &code);
        if (code == Z_BUF_ERROR) return unreadable(path_, "the gzip stream is cut off before its end.");
        if (got < 0 || (code != Z_OK && code != Z_STREAM_END))
            return unreadable(path_, "the gzip stream is damaged (" + std::string(words) + ").");
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

Result<void> ByteReader::append_to(std::vector<std::uint8_t>& bytes, std::uint64_t count) {
    constexpr std::uint64_t chunk = 1 << 20;
    const std::size_t before = bytes.size();
    // What a plain file promises lies on the disk; what a gzip file promises has to be seen first.
    if (most_bytes_ >= count && gzdirect(gz(file_.get()))) bytes.reserve(before + count);
    for (std::uint64_t done = 0; done < count;) {
        const std::uint64_t wanted = std::min(chunk, count - done);
        bytes.resize(before + done + wanted);
        const auto got = read(std::span(bytes).subspan(before + done, wanted));
        if (!got) return tl::unexpected(got.error());
        done += *got;
        if (*got < wanted)
            return unreadable(path_, "it ends after " + std::to_string(done) + " bytes of content where " +
                                         std::to_string(count) + " are announced.");
    }
    return {};
}

Result<bool> ByteReader::at_end() {
    std::uint8_t one = 0;
    const auto got = read(std::span(&one, 1));
    if (!got) return tl::unexpected(got.error());
    return *got == 0;
}

} // namespace limbeck
