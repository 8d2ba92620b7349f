// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <zlib.h>

#include "backend/project/failure.h"
#include "backend/project/zip_file.h"
#include "backend/project/zip_layout.h"

namespace limbeck {

struct ZipWriter::State {
    struct Written {
        std::string name;
        std::uint16_t method = 0;
        std::uint32_t crc = 0;
        std::uint64_t size = 0, packed = 0, offset = 0;
    };

    State(File& target, std::string name) : file(target), name(std::move(name)) {}

    ~State() {
        if (deflating) deflateEnd(&stream);
    }

    void put(std::span<const std::byte> bytes) {
        file.write(bytes);
        position += bytes.size();
    }

    /// Sizes and sum stand before the data and are known after them.
    static zip_layout::Bytes local_header(const Written& entry) {
        zip_layout::Bytes bytes;
        bytes.number(zip_layout::local_signature, 4);
        bytes.number(zip_layout::zip64_version, 2);
        bytes.number(0, 2); // flags
        bytes.number(entry.method, 2);
        bytes.number(zip_layout::no_date, 4);
        bytes.number(entry.crc, 4);
        bytes.number(zip_layout::in_extra_field, 4);
        bytes.number(zip_layout::in_extra_field, 4);
        bytes.number(entry.name.size(), 2);
        bytes.number(20, 2);
        bytes.text(entry.name);
        bytes.number(zip_layout::zip64_extra, 2);
        bytes.number(16, 2);
        bytes.number(entry.size, 8);
        bytes.number(entry.packed, 8);
        return bytes;
    }

    static zip_layout::Bytes central_header(const Written& entry) {
        zip_layout::Bytes bytes;
        bytes.number(zip_layout::central_signature, 4);
        bytes.number(zip_layout::made_on_unix << 8 | zip_layout::zip64_version, 2);
        bytes.number(zip_layout::zip64_version, 2);
        bytes.number(0, 2); // flags
        bytes.number(entry.method, 2);
        bytes.number(zip_layout::no_date, 4);
        bytes.number(entry.crc, 4);
        bytes.number(zip_layout::in_extra_field, 4);
        bytes.number(zip_layout::in_extra_field, 4);
        bytes.number(entry.name.size(), 2);
        bytes.number(28, 2);
        bytes.number(0, 6); // comment, disk, internal attributes
        bytes.number(static_cast<std::uint64_t>(S_IFREG | 0644) << 16, 4);
        bytes.number(zip_layout::in_extra_field, 4);
        bytes.text(entry.name);
        bytes.number(zip_layout::zip64_extra, 2);
        bytes.number(24, 2);
        bytes.number(entry.size, 8);
        bytes.number(entry.packed, 8);
        bytes.number(entry.offset, 8);
        return bytes;
    }

    void put_packed(std::span<const std::byte> bytes) {
        entries.back().packed += bytes.size();
        put(bytes);
    }

    void deflate_into_file(std::span<const std::byte> bytes, int flush) {
        std::array<std::byte, 1 << 16> buffer;
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
        stream.avail_in = static_cast<uInt>(bytes.size());
        do {
            stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
            stream.avail_out = static_cast<uInt>(buffer.size());
            if (deflate(&stream, flush) == Z_STREAM_ERROR)
                fail(ErrorKind::internal, "zlib could not pack a part of the archive " + name + ".");
            put_packed(std::span(buffer).first(buffer.size() - stream.avail_out));
        } while (stream.avail_out == 0);
    }

    File& file;
    std::string name;
    std::uint64_t position = 0;
    std::vector<Written> entries;
    z_stream stream{};
    bool deflating = false;
};

ZipWriter::ZipWriter(File& target, std::string name)
    : state_(std::make_unique<State>(target, std::move(name))) {}

ZipWriter::~ZipWriter() = default;

void ZipWriter::begin(const std::string& entry, bool compress) {
    State::Written& written = state_->entries.emplace_back();
    written.name = entry;
    written.method = compress ? zip_layout::deflated : zip_layout::stored;
    written.offset = state_->position;
    written.crc = static_cast<std::uint32_t>(crc32(0, nullptr, 0));
    if (compress) {
        state_->stream = {};
        if (deflateInit2(&state_->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8,
                         Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::bad_alloc();
        state_->deflating = true;
    }
    state_->put(State::local_header(written).span());
}

void ZipWriter::write(std::span<const std::byte> bytes) {
    constexpr std::size_t piece_bytes = 1 << 20; // zlib counts in 32 bits
    while (!bytes.empty()) {
        const auto piece = bytes.first(std::min(bytes.size(), piece_bytes));
        State::Written& entry = state_->entries.back();
        entry.size += piece.size();
        entry.crc = static_cast<std::uint32_t>(
            crc32(entry.crc, reinterpret_cast<const Bytef*>(piece.data()), static_cast<uInt>(piece.size())));
        if (state_->deflating)
            state_->deflate_into_file(piece, Z_NO_FLUSH);
        else
            state_->put_packed(piece);
        bytes = bytes.subspan(piece.size());
    }
}

void ZipWriter::end() {
    if (state_->deflating) {
        state_->deflate_into_file({}, Z_FINISH);
        deflateEnd(&state_->stream);
        state_->deflating = false;
    }
    const State::Written& entry = state_->entries.back();
    const zip_layout::Bytes header = State::local_header(entry);
    const auto bytes = header.span();
    if (::pwrite(state_->file.descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(entry.offset)) !=
        static_cast<ssize_t>(bytes.size()))
        fail(ErrorKind::document,
             "Writing the archive " + state_->name + " failed: " + system_text(errno) + ".");
}

void ZipWriter::finish() {
    const std::uint64_t start = state_->position, count = state_->entries.size();
    for (const State::Written& entry : state_->entries)
        state_->put(State::central_header(entry).span());
    const std::uint64_t end = state_->position, size = end - start;
    zip_layout::Bytes bytes;
    bytes.number(zip_layout::zip64_end_signature, 4);
    bytes.number(44, 8); // bytes that follow
    bytes.number(zip_layout::made_on_unix << 8 | zip_layout::zip64_version, 2);
    bytes.number(zip_layout::zip64_version, 2);
    bytes.number(0, 8); // disks
    bytes.number(count, 8);
    bytes.number(count, 8);
    bytes.number(size, 8);
    bytes.number(start, 8);
    bytes.number(zip_layout::zip64_locator_signature, 4);
    bytes.number(0, 4); // disk
    bytes.number(end, 8);
    bytes.number(1, 4); // disks
    bytes.number(zip_layout::end_signature, 4);
    bytes.number(0, 4); // disks
    bytes.number(std::min<std::uint64_t>(count, 0xFFFF), 2);
    bytes.number(std::min<std::uint64_t>(count, 0xFFFF), 2);
    bytes.number(std::min<std::uint64_t>(size, zip_layout::in_extra_field), 4);
    bytes.number(std::min<std::uint64_t>(start, zip_layout::in_extra_field), 4);
    bytes.number(0, 2); // comment
    state_->put(bytes.span());
}

} // namespace limbeck
