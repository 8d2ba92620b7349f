// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/kept_checkpoints.h"

#include <algorithm>
#include <tuple>

#include "backend/project/object_store.h"
#include "backend/project/schema.h"
#include "backend/project/store_runs.h"

namespace limbeck {

namespace {

constexpr std::string_view kept_prefix = "epoch-";

} // namespace

std::string kept_kind(std::int64_t epoch) {
    return std::string(kept_prefix) + std::to_string(epoch);
}

bool is_kept_kind(std::string_view kind) {
    return kind.starts_with(kept_prefix);
}

std::vector<CheckpointRecord> load_checkpoints(Database& database, RunId run) {
    std::vector<CheckpointRecord> checkpoints;
    each_row(database, checkpoint_table, "WHERE run=?", {run},
             [&](const Row& row) { checkpoints.push_back(checkpoint_of(row)); });
    std::sort(checkpoints.begin(), checkpoints.end(), [](const auto& one, const auto& other) {
        return std::tie(one.step, one.kind) < std::tie(other.step, other.kind);
    });
    return checkpoints;
}

void limit_kept(Database& database, RunId run, std::int64_t bytes) {
    const std::vector<CheckpointRecord> checkpoints = load_checkpoints(database, run);
    const auto bytes_of = [&](const std::string& object) {
        return stored_bytes(database, object).value_or(0);
    };
    for (auto kept = checkpoints.rbegin(); kept != checkpoints.rend(); ++kept) {
        if (!is_kept_kind(kept->kind)) continue;
        if (bytes >= 0) bytes -= bytes_of(kept->weights) + bytes_of(kept->state);
        if (bytes >= 0) continue;
        database.prepare("DELETE FROM checkpoint WHERE run=? AND kind=?").bind_all({run, kept->kind}).run();
    }
}

} // namespace limbeck
