// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "backend/answers/answer_file.h"
#include "backend/answers/answer_folder.h"
#include "backend/answers/answer_plan.h"
#include "tests/support/temporary_folder.h"

namespace limbeck::test {

inline AnswerFileHead head_of(std::int64_t rows = 12, std::int64_t classes = 3) {
    AnswerFileHead head;
    head.key = "a key";
    head.about = {"resnet56", std::string(64, 'a'), "glyphs", std::string(64, 'b')};
    head.rows = rows;
    head.classes = classes;
    head.asked = rows;
    return head;
}

inline std::unique_ptr<AnswerFile> open_file(const std::filesystem::path& folder, const std::string& name,
                                             const AnswerFileHead& head,
                                             std::int64_t limit = answer_folder_limit) {
    auto file = AnswerFile::open(folder, name, head, limit);
    EXPECT_TRUE(file) << file.error().message;
    return file ? std::move(*file) : nullptr;
}

/// The answers that a test keeps in a row.
inline std::vector<float> answers_in(std::int64_t row, std::int64_t classes = 3) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < classes; ++i)
        values.push_back(static_cast<float>(row) + 0.25f * static_cast<float>(i + 1));
    return values;
}

inline Result<void> write_rows(AnswerFile& file, const std::vector<std::int64_t>& rows) {
    std::vector<std::byte> contents;
    for (const auto row : rows) {
        const auto values = answers_in(row, file.head().classes);
        const auto bytes = std::as_bytes(std::span(values));
        contents.insert(contents.end(), bytes.begin(), bytes.end());
    }
    return file.write(rows, contents);
}

/// Nothing where the row reads as absent.
inline std::optional<std::vector<float>> read_row(const AnswerFile& file, std::int64_t row) {
    std::vector<float> values(static_cast<std::size_t>(file.head().classes));
    if (!file.read(row, std::as_writable_bytes(std::span(values)))) return std::nullopt;
    return values;
}

inline std::string bytes_in(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void put_bytes(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

} // namespace limbeck::test
