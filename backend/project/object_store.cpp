// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/object_store.h"

#include <set>
#include <sys/stat.h>
#include <system_error>
#include <vector>

#include "backend/project/failure.h"
#include "backend/project/file_io.h"
#include "backend/project/safetensors_stream.h"
#include "backend/project/schema.h"
#include "backend/project/sha256.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;

StoredObject object_of(const Row& row) {
    RowReader reader(object_table.name, row);
    StoredObject object;
    object.name = reader.text();
    object.bytes = reader.integer();
    return object;
}

bool has_size(const fs::path& file, std::int64_t size) {
    std::error_code error;
    const auto found = fs::file_size(file, error);
    return !error && found == static_cast<std::uintmax_t>(size);
}

std::set<std::string> referenced_objects(Database& database) {
    std::set<std::string> names;
    const auto add = [&](const Table& table, std::string_view column) {
        std::size_t index = 0;
        while (table.columns[index].name != column)
            ++index;
        each_row(database, table, "", {},
                 [&](const Row& row) { names.insert(std::get<std::string>(row[index])); });
    };
    add(run_table, "teacher_weights");
    add(further_teacher_table, "weights");
    add(checkpoint_table, "weights");
    add(checkpoint_table, "state");
    return names;
}

} // namespace

std::vector<StoredObject> stored_objects(Database& database) {
    std::vector<StoredObject> objects;
    each_row(database, object_table, "ORDER BY sha256", {},
             [&](const Row& row) { objects.push_back(object_of(row)); });
    return objects;
}

std::optional<std::int64_t> stored_bytes(Database& database, const std::string& sha256) {
    const auto row = find_row(database, object_table, "WHERE sha256=?", {sha256});
    if (!row) return std::nullopt;
    return object_of(*row).bytes;
}

std::string put_object(Database& database, const fs::path& folder, const TensorMap& tensors) {
    Sha256 hash;
    std::int64_t size = 0;
    write_tensors(tensors, [&](std::span<const std::byte> piece) {
        hash.update(piece);
        size += static_cast<std::int64_t>(piece.size());
    });
    const std::string name = hash.hex();
    const fs::path file = folder / name;
    if (stored_bytes(database, name) == size && has_size(file, size)) return name;
    if (std::error_code ignored; fs::create_directory(folder, ignored)) sync_folder(folder.parent_path());
    write_durably(file, [&](File& target) {
        write_tensors(tensors, [&](std::span<const std::byte> piece) { target.write(piece); });
    });
    write_row(database, object_table, {name, size});
    return name;
}

TensorMap load_object(Database& database, const fs::path& folder, const std::string& sha256) {
    const auto size = is_sha256(sha256) ? stored_bytes(database, sha256) : std::nullopt;
    if (!size)
        fail(ErrorKind::document,
             "The project " + database.name() + " has no object \"" + sha256.substr(0, 64) + "\".");
    const std::string damaged = "The object " + sha256 + " of the project " + database.name();
    const std::string remedy = " Copy the file objects/" + sha256 + " back from a copy of the project.";
    Sha256 hash;
    TensorMap tensors;
    try {
        File file = File::open_for_reading(folder / sha256);
        if (file.size() != static_cast<std::uint64_t>(*size))
            fail(ErrorKind::document, damaged + " is damaged: its file has " + std::to_string(file.size()) +
                                          " bytes and should have " + std::to_string(*size) + "." + remedy);
        const auto source = [&](std::span<std::byte> bytes) {
            const std::size_t count = file.read(bytes);
            hash.update(bytes.first(count));
            return count;
        };
        tensors = read_tensors(source, file.size(), sha256);
    } catch (const Failure& problem) {
        if (problem.error().kind != ErrorKind::data) throw;
        fail(ErrorKind::document, damaged + " is damaged: its file is not as it was written." + remedy,
             problem.error().message);
    }
    if (hash.hex() != sha256)
        fail(ErrorKind::document,
             damaged + " is damaged: the SHA-256 of its content is not its name." + remedy);
    return tensors;
}

std::int64_t remove_orphans(Database& database, const fs::path& folder) {
    if (database.in_transaction())
        fail(ErrorKind::internal, "Unused objects cannot be removed within a transaction.");
    // Nobody knows what a damaged row names: nothing is unused then.
    if (!database.damage.empty()) return 0;
    std::set<std::string> kept;
    {
        WriteScope scope(database);
        const std::set<std::string> referenced = referenced_objects(database);
        std::vector<std::string> unused;
        each_row(database, object_table, "", {}, [&](const Row& row) {
            const auto& name = std::get<std::string>(row[0]);
            if (referenced.contains(name)) {
                kept.insert(name);
            } else {
                unused.push_back(name);
            }
        });
        for (const std::string& name : unused)
            database.prepare("DELETE FROM object WHERE sha256=?").bind_all({name}).run();
        scope.commit();
    }
    // Files go only after the rows have gone for good: the other way round a crash would leave rows without
    // files.
    std::int64_t bytes = 0;
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().native();
        if ((is_sha256(name) && !kept.contains(name)) || is_temporary_name(name))
            files.push_back(entry->path());
    }
    for (const fs::path& file : files) {
        const auto size = fs::file_size(file, error);
        const bool known = !error;
        if (fs::remove(file, error) && known) bytes += static_cast<std::int64_t>(size);
    }
    return bytes;
}

std::string hash_file(const fs::path& path, const std::function<void(std::span<const std::byte>)>& piece) {
    File file = File::open_for_reading(path);
    Sha256 hash;
    std::vector<std::byte> buffer(1 << 20);
    while (const std::size_t count = file.read(buffer)) {
        const std::span<const std::byte> bytes = std::span(buffer).first(count);
        hash.update(bytes);
        if (piece) piece(bytes);
    }
    return hash.hex();
}

} // namespace limbeck
