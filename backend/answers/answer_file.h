// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backend/types/answers_about.h"
#include "backend/types/error.h"

namespace limbeck {

inline constexpr const char* answer_file_ending = ".answers";

/// What stands at the head of a file of answers.
struct AnswerFileHead {
    std::string key; ///< all that decides about the answers' bits, as text
    AnswersAbout about;
    std::int64_t rows = 0, classes = 0;
    std::int64_t views = 1; ///< rows of each sample
    std::int64_t asked = 0; ///< rows that training can ask for: those of its own part of the data
    bool half = false;      ///< float16, else float32

    std::int64_t row_bytes() const { return classes * (half ? 2 : 4); }

    bool operator==(const AnswerFileHead&) const = default;
};

/// Answers at fixed places of a sparse file: a head of 4096 bytes, then for each row a CRC-32 (over the head,
/// the row's number and its content; never 0) and the content. A hole, a row that was half written and one
/// whose bytes have changed read as absent, so that there is no index, and several processes may write the
/// same file: they write the same values. Plain reads and writes, no memory map: a full disk is an error here
/// and not the end of the process.
class AnswerFile {
  public:
    /// Opens the file of that name in the folder, or makes both. What is there with another head (but for
    /// what it says about itself to people), or is no file of answers at all, is replaced. Makes room first:
    /// of the other files in the folder those that were used least recently go, unless somebody has them
    /// open, until this one and the rest fit into `limit` bytes.
    static Result<std::unique_ptr<AnswerFile>> open(const std::filesystem::path& folder,
                                                    const std::string& name, const AnswerFileHead& head,
                                                    std::int64_t limit);
    ~AnswerFile();
    AnswerFile(const AnswerFile&) = delete;
    AnswerFile& operator=(const AnswerFile&) = delete;

    /// The file was made by open().
    bool is_new() const { return is_new_; }

    /// No row was ever written.
    bool is_empty() const;

    const AnswerFileHead& head() const { return head_; }

    /// True if the row is there and whole. Safe beside write() in another thread.
    bool read(std::int64_t row, std::span<std::byte> content) const;
    /// Rows in any order; `contents` has one after the other. Says what went wrong at the first that fails.
    Result<void> write(std::span<const std::int64_t> rows, std::span<const std::byte> contents);

    /// Takes the file away (what it would hold is not wanted).
    void remove();

    static std::int64_t bytes_of(std::int64_t rows, std::int64_t row_bytes);

  private:
    AnswerFile(int descriptor, std::filesystem::path path, AnswerFileHead head, std::uint32_t head_crc,
               bool is_new);

    int descriptor_;
    std::filesystem::path path_;
    AnswerFileHead head_;
    std::uint32_t head_crc_;
    bool is_new_;
    mutable std::vector<std::byte> buffer_; ///< of read()
};

/// A file as a list shows it.
struct AnswerFileInfo {
    std::filesystem::path path;
    AnswerFileHead head;
    std::int64_t bytes = 0;  ///< on the disk
    std::int64_t filled = 0; ///< rows that are there and whole
    std::int64_t used = 0;   ///< seconds since 1970
};

/// Reads a file's head, and with `count` all of its rows; an error where it is no file of answers.
Result<AnswerFileInfo> look_at_answers(const std::filesystem::path& path, bool count);

} // namespace limbeck
