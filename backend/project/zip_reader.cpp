// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <zlib.h>

#include "backend/project/failure.h"
#include "backend/project/zip_file.h"
#include "backend/project/zip_layout.h"

namespace limbeck {
namespace {

constexpr std::size_t piece_bytes = 1 << 20;
constexpr std::uint64_t longest_directory = 256'000'000; ///< bytes; more than a million objects take

using Buffer = std::vector<std::byte>;

/// Where the directory lies.
struct Directory {
    std::uint64_t start = 0, bytes = 0, entries = 0;
};

} // namespace

struct ZipReader::State {
    std::string name;
    File file;
    std::uint64_t size;
    std::vector<ZipEntry> entries;

    explicit State(const std::filesystem::path& path)
        : name(path_text(path)), file(File::open_for_reading(path)), size(file.size()) {}

    [[noreturn]] void damaged(const std::string& what) const {
        fail(ErrorKind::document,
             "The archive " + name + " is damaged: " + what + ". Get it once more from where it came from.");
    }

    void read_at(std::uint64_t at, std::span<std::byte> bytes) const {
        if (at > size || bytes.size() > size - at) damaged("it ends before it should");
        while (!bytes.empty()) {
            const ssize_t count =
                ::pread(file.descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(at));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0)
                fail(ErrorKind::document,
                     "Reading the archive " + name + " failed: " + system_text(errno) + ".");
            if (count == 0) damaged("it was cut short while it was read");
            bytes = bytes.subspan(static_cast<std::size_t>(count));
            at += static_cast<std::uint64_t>(count);
        }
    }

    Buffer read_at(std::uint64_t at, std::uint64_t count) const {
        if (at > size || count > size - at) damaged("it ends before it should");
        Buffer bytes(count);
        read_at(at, std::span(bytes));
        return bytes;
    }

    /// The record at the end of the file, found by its signature and a comment that reaches to the end
    /// exactly.
    Directory find_directory() const {
        using namespace zip_layout;
        const std::uint64_t tail_bytes = std::min<std::uint64_t>(size, end_bytes + longest_comment);
        const Buffer tail = read_at(size - tail_bytes, tail_bytes);
        for (std::size_t at = tail.size() < end_bytes ? 0 : tail.size() - end_bytes + 1; at-- > 0;) {
            if (number(tail, at, 4) != end_signature ||
                at + end_bytes + number(tail, at + 20, 2) != tail.size())
                continue;
            const std::uint64_t end = size - tail_bytes + at;
            const Directory directory{number(tail, at + 16, 4), number(tail, at + 12, 4),
                                      number(tail, at + 10, 2)};
            const bool has_larger =
                end >= zip64_locator_bytes &&
                number(read_at(end - zip64_locator_bytes, 4), 0, 4) == zip64_locator_signature;
            return has_larger ? larger_directory(end) : directory;
        }
        fail(ErrorKind::document,
             "The file " + name +
                 " is not an archive of a project: it has no directory as a zip has. It is "
                 "another file, or cut short.");
    }

    Directory larger_directory(std::uint64_t end) const {
        using namespace zip_layout;
        const Buffer locator = read_at(end - zip64_locator_bytes, zip64_locator_bytes);
        const Buffer record = read_at(number(locator, 8, 8), zip64_end_bytes);
        if (number(record, 0, 4) != zip64_end_signature) damaged("its directory is not where it says");
        return {number(record, 48, 8), number(record, 40, 8), number(record, 32, 8)};
    }

    void list() {
        using namespace zip_layout;
        const Directory directory = find_directory();
        if (directory.bytes > longest_directory) damaged("its directory is said to be larger than any");
        const Buffer bytes = read_at(directory.start, directory.bytes);
        std::span<const std::byte> rest(bytes);
        while (!rest.empty()) {
            if (rest.size() < central_bytes || number(rest, 0, 4) != central_signature)
                damaged("its directory cannot be read after " + std::to_string(entries.size()) + " files");
            const std::uint64_t name_bytes = number(rest, 28, 2), extra = number(rest, 30, 2),
                                comment = number(rest, 32, 2);
            if (rest.size() - central_bytes < name_bytes + extra + comment)
                damaged("its directory cannot be read after " + std::to_string(entries.size()) + " files");
            entries.push_back(entry_of(rest.first(central_bytes), rest.subspan(central_bytes, name_bytes),
                                       rest.subspan(central_bytes + name_bytes, extra)));
            rest = rest.subspan(central_bytes + name_bytes + extra + comment);
        }
        if (entries.size() != directory.entries)
            damaged("its directory has " + std::to_string(entries.size()) + " files and says " +
                    std::to_string(directory.entries));
    }

    ZipEntry entry_of(std::span<const std::byte> header, std::span<const std::byte> its_name,
                      std::span<const std::byte> extra) const {
        using namespace zip_layout;
        ZipEntry entry;
        entry.name.assign(reinterpret_cast<const char*>(its_name.data()), its_name.size());
        entry.encrypted = (number(header, 8, 2) & encrypted_flag) != 0;
        entry.method = static_cast<std::uint16_t>(number(header, 10, 2));
        entry.crc = static_cast<std::uint32_t>(number(header, 16, 4));
        entry.packed_size = number(header, 20, 4);
        entry.size = number(header, 24, 4);
        entry.offset = number(header, 42, 4);
        read_larger(extra, {&entry.size, &entry.packed_size, &entry.offset});
        entry.folder = entry.name.ends_with('/');
        const std::uint64_t system = number(header, 5, 1);
        if (system == made_on_unix || system == made_on_mac) {
            const auto type = static_cast<mode_t>(number(header, 40, 2)) & S_IFMT;
            entry.plain = type == 0 || type == S_IFREG || type == S_IFDIR;
            entry.folder = entry.folder || type == S_IFDIR;
        }
        return entry;
    }

    /// The zip64 field has those numbers, in this order, that did not fit.
    void read_larger(std::span<const std::byte> extra, std::initializer_list<std::uint64_t*> numbers) const {
        using namespace zip_layout;
        while (extra.size() >= 4) {
            const std::uint64_t id = number(extra, 0, 2), bytes = number(extra, 2, 2);
            if (bytes > extra.size() - 4) return;
            std::span<const std::byte> field = extra.subspan(4, bytes);
            extra = extra.subspan(4 + bytes);
            if (id != zip64_extra) continue;
            for (std::uint64_t* each : numbers) {
                if (*each != in_extra_field) continue;
                if (field.size() < 8) damaged("a size in its directory is missing");
                *each = number(field, 0, 8);
                field = field.subspan(8);
            }
            return;
        }
    }

    /// Where the bytes of an entry begin.
    std::uint64_t data_of(const ZipEntry& entry) const {
        using namespace zip_layout;
        const Buffer header = read_at(entry.offset, local_bytes);
        const std::uint64_t name_bytes = number(header, 26, 2), extra = number(header, 28, 2);
        const std::string its = "its file " + path_text(entry.name);
        if (number(header, 0, 4) != local_signature || name_bytes != entry.name.size())
            damaged(its + " does not begin where the directory says");
        const Buffer found = read_at(entry.offset + local_bytes, name_bytes);
        if (!std::equal(found.begin(), found.end(), reinterpret_cast<const std::byte*>(entry.name.data())))
            damaged(its + " has another name in its own place");
        const std::uint64_t start = entry.offset + local_bytes + name_bytes + extra;
        if (start > size || entry.packed_size > size - start) damaged(its + " ends before it should");
        return start;
    }
};

namespace {

/// Inflates what comes piece by piece; never gives more than `limit` bytes.
class Inflater {
  public:
    explicit Inflater(std::uint64_t limit) : left_(limit), buffer_(piece_bytes) {
        if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
    }

    ~Inflater() { inflateEnd(&stream_); }

    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    /// False when the bytes are not deflate's, or more than there may be.
    bool take(std::span<const std::byte> packed,
              const std::function<void(std::span<const std::byte>)>& piece) {
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
        stream_.avail_in = static_cast<uInt>(packed.size());
        while (!ended_) {
            stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
            stream_.avail_out = static_cast<uInt>(buffer_.size());
            const int code = inflate(&stream_, Z_NO_FLUSH);
            if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return false;
            const std::size_t count = buffer_.size() - stream_.avail_out;
            if (count > left_) return false;
            left_ -= count;
            if (count > 0) piece(std::span(buffer_).first(count));
            ended_ = code == Z_STREAM_END;
            if (stream_.avail_in == 0 && stream_.avail_out > 0) break;
            if (code == Z_BUF_ERROR && count == 0) break;
        }
        return stream_.avail_in == 0;
    }

    bool whole() const { return ended_ && left_ == 0; }

  private:
    z_stream stream_{};
    std::uint64_t left_;
    std::vector<std::byte> buffer_;
    bool ended_ = false;
};

} // namespace

ZipReader::ZipReader(const std::filesystem::path& file) : state_(std::make_unique<State>(file)) {
    state_->list();
}

ZipReader::~ZipReader() = default;

const std::vector<ZipEntry>& ZipReader::entries() const {
    return state_->entries;
}

std::uint64_t ZipReader::file_size() const {
    return state_->size;
}

void ZipReader::read(const ZipEntry& entry, const std::function<void(std::span<const std::byte>)>& piece) {
    const std::string its = "its file " + path_text(entry.name);
    std::uint64_t at = state_->data_of(entry), left = entry.packed_size;
    uLong crc = crc32(0, nullptr, 0);
    const auto give = [&](std::span<const std::byte> bytes) {
        crc = crc32(crc, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
        piece(bytes);
    };
    const bool packed = entry.method == zip_layout::deflated;
    if (!packed && entry.packed_size != entry.size)
        state_->damaged(its + " has " + std::to_string(entry.packed_size) + " bytes, and " +
                        std::to_string(entry.size) + " are said");
    Inflater inflater(packed ? entry.size : 0);
    Buffer buffer(std::min<std::uint64_t>(piece_bytes, left));
    while (left > 0) {
        const auto bytes = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), left));
        state_->read_at(at, bytes);
        at += bytes.size();
        left -= bytes.size();
        if (!packed)
            give(bytes);
        else if (!inflater.take(bytes, give))
            state_->damaged(its + " cannot be unpacked, or is larger than is said");
    }
    if (packed && !inflater.whole()) state_->damaged(its + " is smaller than is said");
    if (crc != entry.crc) state_->damaged(its + " does not fit its check sum");
}

} // namespace limbeck
