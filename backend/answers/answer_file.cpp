// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/answers/answer_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <optional>
#include <system_error>
#include <utility>

#include "backend/answers/answer_folder.h"
#include "backend/types/numbers.h"

namespace limbeck {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t head_bytes = 4096, crc_bytes = sizeof(std::uint32_t);
constexpr std::size_t head_crc_at = head_bytes - crc_bytes;
constexpr std::array<char, 8> magic{'L', 'I', 'M', 'B', 'K', 'A', 'N', 'S'};
constexpr std::uint32_t version = 1;

using Head = std::array<std::byte, head_bytes>;

/// A write beyond the process's limit of file sizes is an error for as long as this lives, and no signal that
/// ends the program.
class NoSizeSignal {
  public:
    NoSizeSignal() {
        sigset_t pending;
        sigemptyset(&only_);
        sigaddset(&only_, SIGXFSZ);
        sigpending(&pending);
        was_pending_ = sigismember(&pending, SIGXFSZ) == 1;
        pthread_sigmask(SIG_BLOCK, &only_, &before_);
    }

    ~NoSizeSignal() {
        constexpr timespec at_once{};
        if (!was_pending_) (void)sigtimedwait(&only_, nullptr, &at_once);
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

    NoSizeSignal(const NoSizeSignal&) = delete;
    NoSizeSignal& operator=(const NoSizeSignal&) = delete;

  private:
    sigset_t only_{}, before_{};
    bool was_pending_ = false;
};

std::string reason(int number) {
    return std::generic_category().message(number);
}

tl::unexpected<Error> file_failure(const fs::path& path, const std::string& what, int number) {
    return failure(ErrorKind::document, "The file of kept answers " + path.string() + " cannot be " + what +
                                            ": " + reason(number) + ".");
}

std::uint32_t crc_of(std::uint32_t start, std::span<const std::byte> bytes) {
    return static_cast<std::uint32_t>(
        crc32(start, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

std::uint32_t row_crc(std::uint32_t head_crc, std::int64_t row, std::span<const std::byte> content) {
    std::uint32_t crc = crc_of(0, std::as_bytes(std::span(&head_crc, 1)));
    crc = crc_of(crc, std::as_bytes(std::span(&row, 1)));
    crc = crc_of(crc, content);
    return crc == 0 ? 1 : crc; // a hole reads as 0
}

bool read_all(int descriptor, std::span<std::byte> bytes, std::int64_t offset) {
    while (!bytes.empty()) {
        const ssize_t count = pread(descriptor, bytes.data(), bytes.size(), offset);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += count;
    }
    return true;
}

/// 0, or the error's number.
int write_all(int descriptor, std::span<const std::byte> bytes, std::int64_t offset) {
    while (!bytes.empty()) {
        const ssize_t count = pwrite(descriptor, bytes.data(), bytes.size(), offset);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno;
        if (count == 0) return EIO;
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += count;
    }
    return 0;
}

/// Puts values one behind the other into a head, or takes them out again. Little-endian, as all of Limbeck.
class Cursor {
  public:
    explicit Cursor(std::span<std::byte> bytes) : bytes_(bytes.first(head_crc_at)) {}

    template <class Value>
    void put(const Value& value) {
        std::memcpy(next(sizeof value), &value, sizeof value);
    }

    void put(const std::string& text) {
        put(static_cast<std::uint32_t>(text.size()));
        std::memcpy(next(text.size()), text.data(), text.size());
    }

    template <class Value>
    Value take() {
        Value value{};
        if (const auto* from = next(sizeof value)) std::memcpy(&value, from, sizeof value);
        return value;
    }

    std::string take_text() {
        const auto size = take<std::uint32_t>();
        const auto* from = next(size);
        return from ? std::string(reinterpret_cast<const char*>(from), size) : std::string();
    }

    bool fine() const { return fine_; }

  private:
    std::byte* next(std::size_t size) {
        if (size > bytes_.size()) fine_ = false;
        if (!fine_) return nullptr;
        std::byte* place = bytes_.data();
        bytes_ = bytes_.subspan(size);
        return place;
    }

    std::span<std::byte> bytes_;
    bool fine_ = true;
};

std::string cut(std::string text, std::size_t longest) {
    if (text.size() <= longest) return text;
    while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0) == 0x80)
        --longest;
    return text.substr(0, longest);
}

/// What is for people alone may be cut; the key may not.
AnswerFileHead fitting(AnswerFileHead head) {
    head.about.teacher = cut(std::move(head.about.teacher), 512);
    head.about.weights = cut(std::move(head.about.weights), 1299); // of twenty teachers
    head.about.data = cut(std::move(head.about.data), 512);
    head.about.fingerprint = cut(std::move(head.about.fingerprint), 64);
    return head;
}

constexpr std::size_t longest_key = 1500;

Head bytes_of_head(const AnswerFileHead& head) {
    Head bytes{};
    Cursor cursor(bytes);
    cursor.put(magic);
    cursor.put(version);
    cursor.put(static_cast<std::uint32_t>(head.half ? 1 : 0));
    cursor.put(head.rows);
    cursor.put(head.classes);
    cursor.put(head.views);
    cursor.put(head.asked);
    cursor.put(head.key);
    cursor.put(head.about.teacher);
    cursor.put(head.about.weights);
    cursor.put(head.about.data);
    cursor.put(head.about.fingerprint);
    const std::uint32_t crc = crc_of(0, std::span(bytes).first(head_crc_at));
    std::memcpy(bytes.data() + head_crc_at, &crc, sizeof crc);
    return bytes;
}

std::uint32_t crc_in(const Head& bytes) {
    std::uint32_t crc = 0;
    std::memcpy(&crc, bytes.data() + head_crc_at, sizeof crc);
    return crc;
}

/// Nothing for bytes that are no head.
std::optional<AnswerFileHead> parse_head(Head bytes) {
    if (crc_of(0, std::span(bytes).first(head_crc_at)) != crc_in(bytes)) return std::nullopt;
    Cursor cursor(bytes);
    if (cursor.take<std::array<char, 8>>() != magic || cursor.take<std::uint32_t>() != version)
        return std::nullopt;
    AnswerFileHead head;
    head.half = cursor.take<std::uint32_t>() != 0;
    head.rows = cursor.take<std::int64_t>();
    head.classes = cursor.take<std::int64_t>();
    head.views = cursor.take<std::int64_t>();
    head.asked = cursor.take<std::int64_t>();
    head.key = cursor.take_text();
    head.about.teacher = cursor.take_text();
    head.about.weights = cursor.take_text();
    head.about.data = cursor.take_text();
    head.about.fingerprint = cursor.take_text();
    constexpr std::int64_t most = std::int64_t{1} << 40;
    const bool sound = cursor.fine() && head.rows > 0 && head.rows < most && head.classes > 0 &&
                       head.classes < (std::int64_t{1} << 24);
    return sound ? std::optional(head) : std::nullopt;
}

std::int64_t place_of(std::int64_t row, std::int64_t row_bytes) {
    return static_cast<std::int64_t>(head_bytes) + row * (row_bytes + static_cast<std::int64_t>(crc_bytes));
}

/// Who asks under another name for the same answers gets the same file.
bool same_answers(AnswerFileHead one, const AnswerFileHead& other) {
    one.about = other.about;
    return one == other;
}

struct OpenFile {
    int descriptor = -1;
    Head head{};
};

/// An open file with the answers wanted, held against removal; descriptor -1 where there is none.
OpenFile open_existing(const fs::path& path, const AnswerFileHead& wanted, bool& is_there) {
    OpenFile file;
    file.descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    is_there = file.descriptor >= 0 || errno != ENOENT;
    if (file.descriptor < 0) return file;

    struct stat status {};

    const bool held = flock(file.descriptor, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK;
    if (held && fstat(file.descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink > 0 &&
        read_all(file.descriptor, file.head, 0)) {
        const auto found = parse_head(file.head);
        if (found && same_answers(*found, wanted)) {
            (void)futimens(file.descriptor, nullptr);
            return file;
        }
    }
    close(file.descriptor);
    file.descriptor = -1;
    return file;
}

/// A new file under its name at once and whole; -1 and errno where that fails. EEXIST: somebody else was
/// quicker.
int make_new(const fs::path& path, const Head& head, bool replace) {
    std::string name = path.string() + ".new-XXXXXX";
    const int descriptor = mkostemp(name.data(), O_CLOEXEC);
    if (descriptor < 0) return -1;
    int error = write_all(descriptor, head, 0);
    if (error == 0) {
        (void)flock(descriptor, LOCK_SH | LOCK_NB);
        // Some file systems have no hard links.
        bool linked = !replace && link(name.c_str(), path.c_str()) == 0;
        if (!linked && !replace && errno == EEXIST)
            error = EEXIST;
        else if (!linked && rename(name.c_str(), path.c_str()) != 0)
            error = errno;
    }
    (void)unlink(name.c_str()); // gone already where it was renamed
    if (error == 0) return descriptor;
    close(descriptor);
    errno = error;
    return -1;
}

} // namespace

std::int64_t AnswerFile::bytes_of(std::int64_t rows, std::int64_t row_bytes) {
    return place_of(rows, row_bytes);
}

Result<std::unique_ptr<AnswerFile>> AnswerFile::open(const fs::path& folder, const std::string& name,
                                                     const AnswerFileHead& wanted, std::int64_t limit) {
    const fs::path path = folder / (name + answer_file_ending);
    const AnswerFileHead head = fitting(wanted);
    if (head.rows < 1 || head.classes < 1 || head.key.size() > longest_key)
        return failure(ErrorKind::internal, "A file of kept answers with " + std::to_string(head.rows) +
                                                " rows of " + std::to_string(head.classes) +
                                                " classes and a key of " + std::to_string(head.key.size()) +
                                                " bytes cannot be made.");
    const std::int64_t bytes = bytes_of(head.rows, head.row_bytes());
    if (bytes > limit)
        return failure(ErrorKind::document, "The file of kept answers " + path.string() + " would take " +
                                                size_text(bytes) + ", all of them together may take " +
                                                size_text(limit) + ".");
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return file_failure(folder, "made", error.value());
    (void)trim_answers(folder, limit - bytes, path);

    const NoSizeSignal quiet;
    const Head content = bytes_of_head(head);
    constexpr int patience = 5; // somebody may remove or make it at the same time
    for (int attempt = 0; attempt < patience; ++attempt) {
        bool is_there = false;
        OpenFile file = open_existing(path, head, is_there);
        const bool is_new = file.descriptor < 0;
        if (is_new) file = {make_new(path, content, is_there), content};
        if (file.descriptor >= 0)
            return std::unique_ptr<AnswerFile>(
                new AnswerFile(file.descriptor, path, head, crc_in(file.head), is_new));
        if (errno != EEXIST) break;
    }
    return file_failure(path, "made", errno);
}

AnswerFile::AnswerFile(int descriptor, fs::path path, AnswerFileHead head, std::uint32_t head_crc,
                       bool is_new)
    : descriptor_(descriptor)
    , path_(std::move(path))
    , head_(std::move(head))
    , head_crc_(head_crc)
    , is_new_(is_new)
    , buffer_(crc_bytes + static_cast<std::size_t>(head_.row_bytes())) {
    // Rows are asked for one by one and at random: better that the system fetches them beforehand.
    if (!is_new_) (void)posix_fadvise(descriptor_, 0, 0, POSIX_FADV_WILLNEED);
}

AnswerFile::~AnswerFile() {
    close(descriptor_);
}

bool AnswerFile::is_empty() const {
    struct stat status {};

    return fstat(descriptor_, &status) != 0 || status.st_size <= static_cast<off_t>(head_bytes);
}

bool AnswerFile::read(std::int64_t row, std::span<std::byte> content) const {
    if (row < 0 || row >= head_.rows || content.size() + crc_bytes != buffer_.size()) return false;
    if (!read_all(descriptor_, buffer_, place_of(row, head_.row_bytes()))) return false;
    std::uint32_t crc = 0;
    std::memcpy(&crc, buffer_.data(), sizeof crc);
    const auto found = std::span<const std::byte>(buffer_).subspan(crc_bytes);
    if (crc == 0 || crc != row_crc(head_crc_, row, found)) return false;
    std::copy(found.begin(), found.end(), content.begin());
    return true;
}

Result<void> AnswerFile::write(std::span<const std::int64_t> rows, std::span<const std::byte> contents) {
    const NoSizeSignal quiet;
    const auto row_bytes = static_cast<std::size_t>(head_.row_bytes());
    // Rows that follow each other go in one write.
    std::vector<std::size_t> order(rows.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::sort(order.begin(), order.end(),
              [&](std::size_t one, std::size_t other) { return rows[one] < rows[other]; });
    std::vector<std::byte> run;
    for (std::size_t i = 0; i < order.size();) {
        const std::int64_t first = rows[order[i]];
        run.clear();
        do {
            const auto content = contents.subspan(order[i] * row_bytes, row_bytes);
            const std::uint32_t crc = row_crc(head_crc_, rows[order[i]], content);
            const auto sum = std::as_bytes(std::span(&crc, 1));
            run.insert(run.end(), sum.begin(), sum.end());
            run.insert(run.end(), content.begin(), content.end());
            ++i;
        } while (i < order.size() && rows[order[i]] == rows[order[i - 1]] + 1);
        if (const int error = write_all(descriptor_, run, place_of(first, head_.row_bytes())))
            return file_failure(path_, "written", error);
    }
    return {};
}

void AnswerFile::remove() {
    struct stat own {
    }, named{};

    if (fstat(descriptor_, &own) == 0 && lstat(path_.c_str(), &named) == 0 && own.st_ino == named.st_ino &&
        own.st_dev == named.st_dev)
        (void)unlink(path_.c_str());
}

Result<AnswerFileInfo> look_at_answers(const fs::path& path, bool count) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) return file_failure(path, "read", errno);

    struct stat status {};

    Head bytes{};
    std::optional<AnswerFileHead> head;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && read_all(descriptor, bytes, 0))
        head = parse_head(bytes);
    if (!head) {
        close(descriptor);
        return failure(ErrorKind::document, path.string() + " is no file of kept answers.");
    }
    AnswerFileInfo info{path, *head, static_cast<std::int64_t>(status.st_blocks) * 512, 0,
                        static_cast<std::int64_t>(status.st_mtime)};
    const std::int64_t stride = head->row_bytes() + static_cast<std::int64_t>(crc_bytes);
    constexpr std::int64_t at_once = 1 << 20;
    const std::int64_t most = std::max<std::int64_t>(1, at_once / stride);
    std::vector<std::byte> block;
    for (std::int64_t row = 0; count && row < head->rows;) {
        const std::int64_t data = lseek(descriptor, place_of(row, head->row_bytes()), SEEK_DATA);
        if (data < 0 && errno == ENXIO) break; // nothing but a hole, or the end
        if (data > place_of(row, head->row_bytes())) row = (data - place_of(0, head->row_bytes())) / stride;
        const std::int64_t place = place_of(row, head->row_bytes());
        const std::int64_t left = static_cast<std::int64_t>(status.st_size) - place;
        const std::int64_t number = std::min({most, head->rows - row, left / stride});
        if (number < 1) break;
        block.resize(static_cast<std::size_t>(number * stride));
        if (!read_all(descriptor, block, place)) break;
        for (std::int64_t i = 0; i < number; ++i) {
            const auto one = std::span<const std::byte>(block).subspan(static_cast<std::size_t>(i * stride),
                                                                       static_cast<std::size_t>(stride));
            std::uint32_t crc = 0;
            std::memcpy(&crc, one.data(), sizeof crc);
            if (crc != 0 && crc == row_crc(crc_in(bytes), row + i, one.subspan(crc_bytes))) ++info.filled;
        }
        row += number;
    }
    close(descriptor);
    return info;
}

} // namespace limbeck
