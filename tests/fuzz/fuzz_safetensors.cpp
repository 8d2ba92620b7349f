// SPDX-License-Identifier: GPL-3.0-or-later
// Reads tensors from any bytes; what was read is written and read again to the same.
#include <cstdlib>

#include "backend/project/safetensors.h"
#include "tests/fuzz/support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto read = limbeck::parse_safetensors(std::as_bytes(std::span(data, size)), "fuzzed");
    if (!read) return 0;
    const auto written = limbeck::format_safetensors(*read);
    if (!written) return 0;
    const auto again = limbeck::parse_safetensors(*written, "written");
    if (!again || !(*again == *read)) std::abort();
    return 0;
}
