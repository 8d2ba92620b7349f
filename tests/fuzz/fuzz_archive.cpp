// SPDX-License-Identifier: GPL-3.0-or-later
// Unpacks an archive of any bytes: all of it is right, or nothing is left.
#include <cstdlib>

#include "backend/project/archive.h"
#include "tests/fuzz/support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace fs = std::filesystem;
    const fs::path folder = limbeck::fuzz::scratch();
    limbeck::fuzz::write(folder / "a.zip", {data, size});
    std::vector<std::string> ignored;
    const auto unpacked = limbeck::unpack_archive(folder / "a.zip", folder / "q", {}, &ignored);
    if (unpacked) {
        const auto project = limbeck::Project::open(*unpacked, limbeck::Project::Access::view);
        if (!project ||
            !(*project)->verify().value_or(std::vector<limbeck::Project::Finding>{{"", ""}}).empty())
            std::abort();
        fs::remove_all(folder / "q");
    }
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().filename() != "a.zip") std::abort();
    return 0;
}
