// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/kept_checkpoints.h"

#include <algorithm>
#include <tuple>

#include "backend/project/schema.h"

namespace limbeck {

namespace {

constexpr std::string_view kept_prefix = "epoch-";

std::int64_t object_bytes(Database& database, const std::string& sha256) {
    const auto row = find_row(database, object_table, "WHERE sha256=?", {sha256});
    if (!row) return 0;
    RowReader reader(object_table.name, *row);
    reader.text();
    return reader.integer();
}

} // namespace

std::string kept_kind(std::int64_t epoch) {
    return std::string(kept_prefix) + std::to_string(epoch);
}

bool is_kept_kind(std::string_view kind) {
    return kind.starts_with(kept_prefix);
}

std::vector<CheckpointRecord> load_checkpoints(Database& database, RunId run) {
    std::vector<CheckpointRecord> checkpoints;
    each_row(database, checkpoint_table, "WHERE run=?", {run}, [&](const Row& row) {
        RowReader reader(checkpoint_table.name, row);
        CheckpointRecord& record = checkpoints.emplace_back();
        record.run = reader.integer();
        record.kind = reader.text();
        record.step = reader.integer();
        record.epoch = reader.integer();
        record.weights = reader.text();
        record.state = reader.text();
    });
    std::sort(checkpoints.begin(), checkpoints.end(), [](const auto& one, const auto& other) {
        return std::tie(one.step, one.kind) < std::tie(other.step, other.kind);
    });
    return checkpoints;
}

void limit_kept(Database& database, RunId run, std::int64_t bytes) {
    const std::vector<CheckpointRecord> checkpoints = load_checkpoints(database, run);
    for (auto kept = checkpoints.rbegin(); kept != checkpoints.rend(); ++kept) {
        if (!is_kept_kind(kept->kind)) continue;
        if (bytes >= 0) bytes -= object_bytes(database, kept->weights) + object_bytes(database, kept->state);
        if (bytes >= 0) continue;
        database.prepare("DELETE FROM checkpoint WHERE run=? AND kind=?").bind_all({run, kept->kind}).run();
    }
}

} // namespace limbeck
