// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "backend/types/dataset.h"

namespace limbeck {

/// What a reader or maker gives: samples without parts. Those from `own_test` on are the test part that the
/// data bring; own_test = size() where they bring none.
struct RawData {
    Dataset dataset;
    std::int64_t own_test = 0;
};

} // namespace limbeck
