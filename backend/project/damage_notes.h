// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "backend/project/value.h"

namespace limbeck {

struct Table;

/// A row whose content does not fit its check sum.
struct DamagedRow {
    const Table* table = nullptr;
    Row row;              ///< as it reads
    std::int64_t crc = 0; ///< as it reads
    Row key;              ///< its key; with the run that it fits, when the damage is in the run's number
};

/// What is known about an open database that is not as it was written. Reads ask it before they take a row
/// for missing, writes before they replace or remove one.
struct DamageNotes {
    std::vector<DamagedRow> rows;
    std::set<const Table*> incomplete; ///< tables of which pages could not be read
    /// Rows out of the order of their keys: SQLite, which searches by keys, does not find what is there.
    bool misordered = false;

    bool empty() const { return rows.empty() && incomplete.empty() && !misordered; }

    /// The first damaged row whose key begins with `prefix`; null if there is none.
    const DamagedRow* touching(const Table& table, const Row& prefix) const;
};

} // namespace limbeck
