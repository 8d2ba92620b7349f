// SPDX-License-Identifier: GPL-3.0-or-later
// Opens a project made of any bytes for viewing and reads all of it. Input: 4 bytes little-endian, the size
// of project.limbeck; that file; a write-ahead log if more is there.
#include <algorithm>
#include <random>
#include <sqlite3.h>

#include "backend/project/failure.h"
#include "backend/project/schema.h"
#include "tests/fuzz/support.h"

namespace {

namespace fs = std::filesystem;
using namespace limbeck;

constexpr std::size_t size_bytes = 4;

std::size_t database_size(const std::uint8_t* data, std::size_t size) {
    std::uint32_t stated = 0;
    for (std::size_t i = 0; i < size_bytes; ++i)
        stated |= static_cast<std::uint32_t>(data[i]) << (8 * i);
    return std::min<std::size_t>(stated, size - size_bytes);
}

/// Any value in a cell, and the row's check sum made right again: what no flipped bit can reach. False when
/// the bytes are no database.
bool change_cell(const fs::path& file, std::mt19937& random) {
    const auto pick = [&](std::size_t count) { return static_cast<std::size_t>(random() % count); };
    const auto changed = attempt("mutating", [&] {
        Database database(file, Database::Mode::write, "mutated");
        const Table& table = *all_tables()[pick(all_tables().size())];
        std::vector<Row> rows;
        each_row_unchecked(database, table, [&](const Row& row, bool) { rows.push_back(row); });
        if (rows.empty()) return;
        Row row = rows[pick(rows.size())];
        const std::int64_t numbers[] = {0,    1,         -1,        2,
                                        1024, INT64_MAX, INT64_MIN, static_cast<std::int64_t>(random())};
        Value& cell = row[pick(row.size())];
        if (auto* number = std::get_if<std::int64_t>(&cell)) {
            *number = numbers[pick(std::size(numbers))];
        } else if (auto* text = std::get_if<std::string>(&cell)) {
            if (text->empty() || pick(8) == 0)
                *text = std::string(pick(100), static_cast<char>(random()));
            else
                (*text)[pick(text->size())] = static_cast<char>(random());
        } else if (auto* blob = std::get_if<Blob>(&cell)) {
            if (blob->empty() || pick(4) == 0)
                blob->resize(pick(2000));
            else
                (*blob)[pick(blob->size())] = static_cast<std::byte>(random());
        } else {
            cell = numbers[pick(std::size(numbers))];
        }
        write_row(database, table, row);
    });
    return changed.has_value();
}

} // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
    std::mt19937 random(seed);
    if (size > size_bytes + 512 && random() % 2 == 0) {
        const fs::path file = limbeck::fuzz::scratch() / "mutated";
        const std::size_t database = database_size(data, size);
        limbeck::fuzz::write(file, {data + size_bytes, database});
        const bool changed = change_cell(file, random);
        std::error_code ignored;
        const std::size_t now = fs::file_size(file, ignored);
        if (changed && !ignored && now + size_bytes <= max_size) {
            std::FILE* in = std::fopen(file.c_str(), "rb");
            const std::size_t read = in ? std::fread(data + size_bytes, 1, now, in) : 0;
            if (in) std::fclose(in);
            for (std::size_t i = 0; i < size_bytes; ++i)
                data[i] = static_cast<std::uint8_t>(read >> (8 * i));
            return read + size_bytes;
        }
    }
    if (size > size_bytes + 100 && random() % 2 == 0) { // pages alone: the header stays what opens
        std::uint8_t* body = data + size_bytes + 100;
        for (std::size_t flips = 1 + random() % 4; flips > 0; --flips)
            body[random() % (size - size_bytes - 100)] = static_cast<std::uint8_t>(random());
        return size;
    }
    return LLVMFuzzerMutate(data, size, max_size);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < size_bytes) return 0;
    static const fs::path folder = [] {
        const fs::path made = limbeck::fuzz::scratch() / "p";
        limbeck::fuzz::make_project(made); // for its object
        return made;
    }();
    const std::size_t database = database_size(data, size);
    std::error_code ignored;
    for (const char* suffix : {"-wal", "-shm", "-journal"})
        fs::remove(folder / (std::string(project_file_name) + suffix), ignored);
    limbeck::fuzz::write(folder / project_file_name, {data + size_bytes, database});
    if (size > size_bytes + database)
        limbeck::fuzz::write(folder / "project.limbeck-wal",
                             {data + size_bytes + database, size - size_bytes - database});
    if (const auto project = Project::open(folder, Project::Access::view)) limbeck::fuzz::read_all(**project);
    return 0;
}
