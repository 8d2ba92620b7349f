// SPDX-License-Identifier: GPL-3.0-or-later
// Usage: fuzz_seeds FOLDER: what the fuzzers begin with, a folder for each.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "backend/project/archive.h"
#include "backend/project/safetensors.h"
#include "tests/fuzz/support.h"

namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
}

/// The form that fuzz_project reads.
void put_project(const fs::path& folder, const fs::path& seed) {
    const std::string database = content(folder / "project.limbeck");
    std::ofstream out(seed, std::ios::binary);
    for (int i = 0; i < 4; ++i)
        out.put(static_cast<char>(database.size() >> (8 * i)));
    out << database << content(folder / "project.limbeck-wal");
}

} // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    const fs::path target = words[1], project = limbeck::fuzz::scratch() / "seed";
    for (const char* name : {"project", "safetensors", "archive", "config"})
        fs::create_directories(target / name);
    limbeck::fuzz::make_project(project);
    put_project(project, target / "project/closed");
    const auto opened = limbeck::Project::open(project, limbeck::Project::Access::write);
    if (!opened || !(*opened)->save_config({})) return 1;
    put_project(project, target / "project/with-log");
    if (!limbeck::write_archive(**opened, target / "archive/whole", {}) ||
        !limbeck::write_archive(**opened, target / "archive/bare", {false, false}))
        return 1;
    std::ofstream(target / "config/default") << limbeck::to_json({});
    for (const auto& object : fs::directory_iterator(project / "objects"))
        fs::copy_file(object.path(), target / "safetensors" / object.path().filename(),
                      fs::copy_options::overwrite_existing);
    return 0;
}
