// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/zip_file.h"

#include <algorithm>
#include <cerrno>
#include <minizip/unzip.h>
#include <minizip/zip.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "backend/project/failure.h"

namespace limbeck {
namespace {

constexpr std::size_t piece_bytes = 1 << 20;
constexpr uLong made_on_unix = 3, made_on_mac = 19; // high byte of "version made by"

/// minizip's view of an open file. Its functions are C: what goes wrong is noted and told later.
struct Stream {
    int descriptor = -1;
    int error = 0;

    static Stream& of(voidpf opaque) { return *static_cast<Stream*>(opaque); }

    static voidpf open(voidpf opaque, const void*, int) { return opaque; }

    static uLong read(voidpf opaque, voidpf, void* buffer, uLong size) {
        return move(opaque, size, [&](int from, uLong done) {
            return ::read(from, static_cast<char*>(buffer) + done, size - done);
        });
    }

    static uLong write(voidpf opaque, voidpf, const void* buffer, uLong size) {
        return move(opaque, size, [&](int to, uLong done) {
            return ::write(to, static_cast<const char*>(buffer) + done, size - done);
        });
    }

    static ZPOS64_T tell(voidpf opaque, voidpf) {
        return static_cast<ZPOS64_T>(::lseek(of(opaque).descriptor, 0, SEEK_CUR));
    }

    static long seek(voidpf opaque, voidpf, ZPOS64_T offset, int origin) {
        const int whence = origin == ZLIB_FILEFUNC_SEEK_CUR   ? SEEK_CUR
                           : origin == ZLIB_FILEFUNC_SEEK_END ? SEEK_END
                                                              : SEEK_SET;
        return ::lseek(of(opaque).descriptor, static_cast<off_t>(offset), whence) < 0 ? -1 : 0;
    }

    static int close(voidpf, voidpf) { return 0; }

    static int failed(voidpf opaque, voidpf) { return of(opaque).error; }

    zlib_filefunc64_def functions() {
        return {&Stream::open, &Stream::read,  &Stream::write,  &Stream::tell,
                &Stream::seek, &Stream::close, &Stream::failed, this};
    }

  private:
    template <class Transfer>
    static uLong move(voidpf opaque, uLong size, Transfer&& transfer) {
        Stream& stream = of(opaque);
        uLong done = 0;
        while (done < size) {
            const ssize_t count = transfer(stream.descriptor, done);
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) stream.error = errno;
            if (count <= 0) break;
            done += static_cast<uLong>(count);
        }
        return done;
    }
};

/// What the entry is, as far as it matters.
ZipEntry entry_of(const unz_file_info64& info, std::string name) {
    ZipEntry entry;
    entry.name = std::move(name);
    entry.size = info.uncompressed_size;
    entry.packed_size = info.compressed_size;
    entry.encrypted = (info.flag & 1) != 0;
    entry.known_method = info.compression_method == 0 || info.compression_method == Z_DEFLATED;
    entry.folder = entry.name.ends_with('/');
    const uLong system = info.version >> 8;
    if (system == made_on_unix || system == made_on_mac) {
        const auto type = static_cast<mode_t>(info.external_fa >> 16) & S_IFMT;
        entry.plain = type == 0 || type == S_IFREG || type == S_IFDIR;
        entry.folder = entry.folder || type == S_IFDIR;
    }
    return entry;
}

} // namespace

// --- writing

struct ZipWriter::State {
    std::string name;
    Stream stream;
    zipFile zip = nullptr;

    void require(int code) {
        if (code == ZIP_OK && stream.error == 0) return;
        std::string hint;
        if (stream.error == ENOSPC || stream.error == EDQUOT) hint = " Make room on that disk and try again.";
        fail(ErrorKind::document,
             "Writing the archive " + name + " failed: " +
                 (stream.error ? system_text(stream.error) : "minizip's code " + std::to_string(code)) + "." +
                 hint);
    }
};

ZipWriter::ZipWriter(File& target, std::string name) : state_(std::make_unique<State>()) {
    state_->name = std::move(name);
    state_->stream.descriptor = target.descriptor();
    zlib_filefunc64_def functions = state_->stream.functions();
    state_->zip = zipOpen2_64("", APPEND_STATUS_CREATE, nullptr, &functions);
    if (!state_->zip) state_->require(ZIP_INTERNALERROR);
}

ZipWriter::~ZipWriter() {
    if (state_->zip) zipClose(state_->zip, nullptr);
}

void ZipWriter::begin(const std::string& entry, bool compress) {
    zip_fileinfo info{};
    info.dosDate = (1U << 5 | 1U) << 16; // 1980-01-01, the first that there is
    info.external_fa = static_cast<uLong>(S_IFREG | 0644) << 16;
    constexpr uLong zip64_version = 45;
    state_->require(zipOpenNewFileInZip4_64(
        state_->zip, entry.c_str(), &info, nullptr, 0, nullptr, 0, nullptr, compress ? Z_DEFLATED : 0,
        compress ? Z_DEFAULT_COMPRESSION : 0, /*raw=*/0, -MAX_WBITS, DEF_MEM_LEVEL, Z_DEFAULT_STRATEGY,
        nullptr, 0, made_on_unix << 8 | zip64_version, 0, /*zip64=*/1));
}

void ZipWriter::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const auto piece = bytes.first(std::min(bytes.size(), piece_bytes));
        state_->require(zipWriteInFileInZip(state_->zip, piece.data(), static_cast<unsigned>(piece.size())));
        bytes = bytes.subspan(piece.size());
    }
}

void ZipWriter::end() {
    state_->require(zipCloseFileInZip(state_->zip));
}

void ZipWriter::finish() {
    state_->require(zipClose(std::exchange(state_->zip, nullptr), nullptr));
}

// --- reading

struct ZipReader::State {
    std::string name;
    File file;
    Stream stream;
    unzFile zip = nullptr;
    std::vector<ZipEntry> entries;

    explicit State(const std::filesystem::path& path)
        : name(path_text(path)), file(File::open_for_reading(path)) {}

    ~State() {
        if (zip) unzClose(zip);
    }

    [[noreturn]] void damaged(const std::string& what) const {
        if (stream.error != 0)
            fail(ErrorKind::document,
                 "Reading the archive " + name + " failed: " + system_text(stream.error) + ".");
        fail(ErrorKind::document,
             "The archive " + name + " is damaged: " + what + ". Get it once more from where it came from.");
    }

    void list() {
        unz_global_info64 global{};
        if (unzGetGlobalInfo64(zip, &global) != UNZ_OK) damaged("its directory cannot be read");
        std::string buffer(65536, '\0');
        for (int code = unzGoToFirstFile(zip); global.number_entry > 0 && code != UNZ_END_OF_LIST_OF_FILE;
             code = unzGoToNextFile(zip)) {
            unz_file_info64 info{};
            if (code != UNZ_OK || unzGetCurrentFileInfo64(zip, &info, buffer.data(), buffer.size(), nullptr,
                                                          0, nullptr, 0) != UNZ_OK)
                damaged("its directory cannot be read after " + std::to_string(entries.size()) + " files");
            ZipEntry& entry =
                entries.emplace_back(entry_of(info, buffer.substr(0, std::size_t{info.size_filename})));
            unz64_file_pos position{};
            if (unzGetFilePos64(zip, &position) != UNZ_OK) damaged("its directory cannot be read");
            entry.position = position.pos_in_zip_directory;
            entry.number = position.num_of_file;
        }
    }
};

ZipReader::ZipReader(const std::filesystem::path& file) : state_(std::make_unique<State>(file)) {
    state_->stream.descriptor = state_->file.descriptor();
    zlib_filefunc64_def functions = state_->stream.functions();
    state_->zip = unzOpen2_64("", &functions);
    if (!state_->zip)
        fail(ErrorKind::document,
             "The file " + state_->name +
                 " is not an archive of a project: it has no directory as a zip has. It is "
                 "another file, or cut short.");
    state_->list();
}

ZipReader::~ZipReader() = default;

const std::vector<ZipEntry>& ZipReader::entries() const {
    return state_->entries;
}

std::uint64_t ZipReader::file_size() const {
    return state_->file.size();
}

void ZipReader::read(const ZipEntry& entry, const std::function<void(std::span<const std::byte>)>& piece) {
    const std::string its = "its file " + path_text(entry.name);
    unz64_file_pos position{entry.position, entry.number};
    if (unzGoToFilePos64(state_->zip, &position) != UNZ_OK || unzOpenCurrentFile(state_->zip) != UNZ_OK)
        state_->damaged(its + " does not begin where the directory says");
    std::vector<std::byte> buffer(piece_bytes);
    std::uint64_t done = 0;
    while (true) {
        const int count =
            unzReadCurrentFile(state_->zip, buffer.data(), static_cast<unsigned>(buffer.size()));
        if (count < 0) state_->damaged(its + " cannot be unpacked");
        if (count == 0) break;
        done += static_cast<std::uint64_t>(count);
        if (done > entry.size) break; // told below
        piece(std::span(buffer).first(static_cast<std::size_t>(count)));
    }
    if (done != entry.size)
        state_->damaged(its + " has " + (done > entry.size ? "more" : "fewer") +
                        " bytes than its directory says");
    if (unzCloseCurrentFile(state_->zip) != UNZ_OK) state_->damaged(its + " does not fit its check sum");
}

} // namespace limbeck
