// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a configuration of any bytes; what was read is written and read again to the same.
#include <cstdlib>

#include "backend/types/config.h"
#include "tests/fuzz/support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto config = limbeck::config_from_json({reinterpret_cast<const char*>(data), size});
    if (!config) return 0;
    const auto again = limbeck::config_from_json(limbeck::to_json(*config));
    if (!again || !(*again == *config)) std::abort();
    return 0;
}
