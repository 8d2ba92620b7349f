// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/carve.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <unistd.h>

#include "backend/project/failure.h"
#include "backend/project/file_io.h"
#include "backend/project/schema.h"

// The format of the pages: https://www.sqlite.org/fileformat2.html
namespace limbeck {
namespace {

using Bytes = std::span<const unsigned char>;

constexpr std::size_t page_size = project_page_size;
/// Of a payload this much lies on the page of an index tree, at most and at least.
constexpr std::size_t most_local = (page_size - 12) * 64 / 255 - 23,
                      least_local = (page_size - 12) * 32 / 255 - 23;
constexpr std::size_t largest_record = 1 << 26;

std::uint64_t big_endian(Bytes bytes) {
    std::uint64_t value = 0;
    for (const unsigned char byte : bytes)
        value = value << 8 | byte;
    return value;
}

/// Takes numbers and bytes off the front; what is not there makes it fail for good.
class Reader {
  public:
    explicit Reader(Bytes bytes) : bytes_(bytes) {}

    bool failed() const { return failed_; }

    std::size_t left() const { return bytes_.size(); }

    Bytes take(std::size_t count) {
        if (count > bytes_.size()) {
            failed_ = true;
            bytes_ = {};
            return {};
        }
        const Bytes taken = bytes_.first(count);
        bytes_ = bytes_.subspan(count);
        return taken;
    }

    std::uint64_t variable() {
        std::uint64_t value = 0;
        for (int i = 0; i < 9; ++i) {
            const Bytes byte = take(1);
            if (byte.empty()) return 0;
            if (i == 8) return value << 8 | byte[0];
            value = value << 7 | (byte[0] & 0x7F);
            if (byte[0] < 0x80) break;
        }
        return value;
    }

  private:
    Bytes bytes_;
    bool failed_ = false;
};

class PageFile {
  public:
    explicit PageFile(const std::filesystem::path& file) : file_(File::open_for_reading(file)) {
        pages_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(file_.size() / page_size, 0xFFFFFFFE));
    }

    std::uint32_t pages() const { return pages_; }

    /// Empty when there is no such page (they count from 1) or it cannot be read.
    std::vector<unsigned char> page(std::uint32_t number) const {
        if (number < 1 || number > pages_) return {};
        std::vector<unsigned char> bytes(page_size);
        const auto offset = static_cast<off_t>(number - 1) * static_cast<off_t>(page_size);
        if (::pread(file_.descriptor(), bytes.data(), page_size, offset) != static_cast<ssize_t>(page_size))
            return {};
        return bytes;
    }

  private:
    File file_;
    std::uint32_t pages_;
};

/// Pages that hold nothing any more, where the list of them can be followed.
std::set<std::uint32_t> free_pages(const PageFile& file) {
    std::set<std::uint32_t> free;
    const auto first = file.page(1);
    if (first.empty()) return free;
    auto trunk = static_cast<std::uint32_t>(big_endian(Bytes(first).subspan(32, 4)));
    while (trunk > 1 && free.insert(trunk).second) {
        const auto page = file.page(trunk);
        if (page.empty()) break;
        const Bytes bytes(page);
        const std::uint64_t count = big_endian(bytes.subspan(4, 4));
        if (count > page_size / 4 - 2) break;
        for (std::size_t i = 0; i < count; ++i)
            free.insert(static_cast<std::uint32_t>(big_endian(bytes.subspan(8 + 4 * i, 4))));
        trunk = static_cast<std::uint32_t>(big_endian(bytes.first(4)));
    }
    return free;
}

std::optional<Value> read_value(Reader& body, std::uint64_t type) {
    static constexpr std::size_t widths[] = {0, 1, 2, 3, 4, 6, 8, 8};
    if (type == 0) return Value{};
    if (type == 8 || type == 9) return Value{static_cast<std::int64_t>(type - 8)};
    if (type >= 12) {
        const Bytes bytes = body.take((type - 12) / 2);
        if (body.failed()) return std::nullopt;
        const auto* data = bytes.data();
        if (type % 2) return Value{std::string(reinterpret_cast<const char*>(data), bytes.size())};
        const auto* blob = reinterpret_cast<const std::byte*>(data);
        return Value{Blob(blob, blob + bytes.size())};
    }
    if (type > 7) return std::nullopt;
    const Bytes bytes = body.take(widths[type]);
    if (body.failed()) return std::nullopt;
    std::uint64_t value = big_endian(bytes);
    if (type == 7) return Value{std::bit_cast<double>(value)};
    if (bytes[0] & 0x80 && bytes.size() < 8) value |= ~std::uint64_t{0} << (8 * bytes.size());
    return Value{static_cast<std::int64_t>(value)};
}

std::optional<Row> read_record(Bytes payload) {
    Reader all(payload);
    const std::uint64_t header_size = all.variable();
    const std::size_t used = payload.size() - all.left();
    if (all.failed() || header_size < used || header_size > payload.size()) return std::nullopt;
    Reader header(payload.subspan(used, header_size - used)), body(payload.subspan(header_size));
    Row row;
    while (header.left() > 0) {
        const auto value = read_value(body, header.variable());
        if (header.failed() || !value || row.size() > 64) return std::nullopt;
        row.push_back(*value);
    }
    return row;
}

/// A cell's payload with what overflows onto further pages.
std::optional<std::vector<unsigned char>> read_payload(const PageFile& file, Reader cell) {
    const std::uint64_t size = cell.variable();
    if (cell.failed() || size == 0 || size > largest_record) return std::nullopt;
    std::size_t local = size;
    if (size > most_local) {
        const std::size_t rest = least_local + (size - least_local) % (page_size - 4);
        local = rest <= most_local ? rest : least_local;
    }
    const Bytes start = cell.take(local);
    std::vector<unsigned char> payload(start.begin(), start.end());
    std::uint64_t next = size > local ? big_endian(cell.take(4)) : 0;
    if (cell.failed()) return std::nullopt;
    while (payload.size() < size) {
        const auto page =
            next > file.pages() ? std::vector<unsigned char>{} : file.page(static_cast<std::uint32_t>(next));
        if (page.empty()) return std::nullopt;
        const Bytes bytes =
            Bytes(page).subspan(4, std::min<std::size_t>(page_size - 4, size - payload.size()));
        payload.insert(payload.end(), bytes.begin(), bytes.end());
        next = big_endian(Bytes(page).first(4));
    }
    return payload;
}

} // namespace

void carve_records(const std::filesystem::path& path, const std::function<void(Row&&)>& visit) {
    const PageFile file(path);
    const std::set<std::uint32_t> free = free_pages(file);
    for (std::uint32_t number = 2; number <= file.pages(); ++number) { // the first has the schema
        if (free.contains(number)) continue;
        const auto page = file.page(number);
        if (page.empty()) continue;
        const Bytes bytes(page);
        constexpr unsigned char inner = 2, leaf = 10;
        if (bytes[0] != inner && bytes[0] != leaf) continue;
        const std::size_t head = bytes[0] == inner ? 12 : 8;
        const std::uint64_t cells =
            std::min<std::uint64_t>(big_endian(bytes.subspan(3, 2)), (page_size - head) / 2);
        for (std::size_t i = 0; i < cells; ++i) {
            const std::uint64_t at = big_endian(bytes.subspan(head + 2 * i, 2));
            if (at < head || at >= page_size) continue;
            Reader cell(bytes.subspan(at));
            if (bytes[0] == inner) cell.take(4); // the page to its left
            const auto payload = read_payload(file, cell);
            if (!payload) continue;
            if (auto row = read_record(*payload)) visit(std::move(*row));
        }
    }
}

bool mend_header(const std::filesystem::path& path, bool with_log) {
    unsigned char header[100], before[100];
    bool damaged = false;
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    const auto put = [&](std::size_t at, std::uint32_t value) {
        for (std::size_t i = 0; i < 4; ++i)
            header[at + i] = static_cast<unsigned char>(value >> (24 - 8 * i));
    };
    if (descriptor >= 0 && ::pread(descriptor, header, sizeof header, 0) == sizeof header) {
        const auto version = big_endian(Bytes(header).subspan(60, 4));
        std::memcpy(before, header, sizeof header);
        constexpr std::string_view magic("SQLite format 3\0", 16);
        std::memcpy(header, magic.data(), magic.size());
        const unsigned char mode = with_log ? 2 : 1;
        const unsigned char constants[] = {page_size >> 8, page_size & 0xFF, mode, mode, 0, 64, 32, 32};
        std::memcpy(header + 16, constants, sizeof constants);
        put(44, 4); // format of the schema
        put(52, 0); // no vacuum by itself
        put(56, 1); // UTF-8
        if (version < first_schema_version || version > project_schema_version)
            put(60, project_schema_version);
        put(64, 0);
        put(68, project_application_id);
        // Either mode is right, and the last number only says that the count of pages may be believed.
        if (before[18] >= 1 && before[18] <= 2 && before[19] == before[18]) before[18] = before[19] = mode;
        damaged = std::memcmp(before, header, sizeof header) != 0;
        put(92, static_cast<std::uint32_t>(big_endian(Bytes(header).subspan(24, 4))) +
                    1); // "count the pages anew"
        if (::pwrite(descriptor, header, sizeof header, 0) != sizeof header) {
            // What SQLite then says of the file tells it.
        }
    }
    if (descriptor >= 0) ::close(descriptor);
    return damaged;
}

} // namespace limbeck
