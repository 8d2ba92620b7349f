// SPDX-License-Identifier: GPL-3.0-or-later
#include <dlfcn.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "backend/runner/session.h"

namespace limbeck {

namespace {

namespace fs = std::filesystem;
constexpr const char* library_name = "liblimbeck_engine.so";

/// Where the engine may lie, in the order in which it is looked for. LIMBECK_ENGINE, a file or a folder, is
/// the only place where it is set: who names an engine does not want another.
std::vector<fs::path> places() {
    std::error_code none;
    if (const char* named = std::getenv("LIMBECK_ENGINE"); named && *named) {
        const fs::path path(named);
        return {fs::is_directory(path, none) ? path / library_name : path};
    }
    const fs::path program = fs::read_symlink("/proc/self/exe", none);
    const fs::path folder = program.parent_path();
    // The last is for test programs, which lie one folder deeper than the others.
    return {folder / library_name, folder / ".." / "lib" / library_name,
            folder / ".." / ".." / "lib" / library_name};
}

/// LIMBECK_LIBTORCH names the folder of a LibTorch (it holds lib/), as a portable build needs it on a server.
/// Loaded first, it is the one that the engine finds by name. Where it does not load, the engine's own search
/// goes on and its failure says why.
void load_named_libtorch() {
    const char* named = std::getenv("LIMBECK_LIBTORCH");
    if (!named || !*named) return;
    std::error_code none;
    const fs::path folder(named);
    for (const fs::path& library : {folder / "lib" / "libtorch.so", folder / "libtorch.so"}) {
        if (fs::exists(library, none) && dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL)) return;
    }
}

tl::unexpected<Error> not_loaded(const std::string& found, std::string detail = {}) {
    return failure(
        ErrorKind::device,
        "The engine could not be loaded: " + found +
            " Run scripts/run.sh --build-only, which fetches LibTorch and builds it, or name the file in "
            "LIMBECK_ENGINE.",
        {}, std::move(detail));
}

Result<std::unique_ptr<Engine>> load(const EngineOptions& options) {
    std::string looked;
    for (const fs::path& place : places()) {
        std::error_code none;
        const std::string path = place.lexically_normal().string();
        if (!fs::exists(place, none)) {
            looked += (looked.empty() ? "" : ", ") + path;
            continue;
        }
        load_named_libtorch();
        // Local: LibTorch's symbols stay out of the window's way. It is never closed again: its threads and
        // thread-local objects live as long as the process.
        void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!library) {
            const char* reason = dlerror();
            const std::string words = reason ? reason : "no reason given";
            return not_loaded(
                path + " is there, but it does not load (" + words +
                    "). Its LibTorch may not be where it was when it was built; LIMBECK_LIBTORCH "
                    "may name another.",
                words);
        }
        const auto factory = reinterpret_cast<EngineFactory>(dlsym(library, engine_factory_symbol));
        if (!factory) {
            return not_loaded(path + " is not an engine of Limbeck: it has no " + engine_factory_symbol +
                              ".");
        }
        std::string reason;
        std::unique_ptr<Engine> engine(factory(options, &reason));
        if (!engine)
            return not_loaded("LibTorch does not start: " + (reason.empty() ? "no reason given." : reason));
        return engine;
    }
    return not_loaded(std::string(library_name) + " was not found; looked for " + looked + ".");
}

} // namespace

EngineMaker engine_loader(EngineOptions options) {
    return [options] { return load(options); };
}

void prepare_process() {
    // A limit on the size of files is an error of writing (EFBIG), which is told and waited for, not a death.
    std::signal(SIGXFSZ, SIG_IGN);
    if (getenv("OMP_WAIT_POLICY")) return;
    setenv("OMP_WAIT_POLICY", "PASSIVE", 1);
    // Asleep at once, threads take longer to be woken for each of a step's few hundred operations than many
    // of them take. More turns than these make a step beside another busy program slower by more than they
    // make one on a quiet machine quicker (bench/NOTES.md).
    setenv("GOMP_SPINCOUNT", "20000", 0);
    // libgomp looks at the environment once, when it is loaded. Where a library of the window has brought it
    // along that was before main(): the program begins anew, with the same arguments.
    if (!dlopen("libgomp.so.1", RTLD_LAZY | RTLD_NOLOAD)) return;
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    std::vector<std::string> arguments;
    for (std::string argument; std::getline(file, argument, '\0');)
        arguments.push_back(argument);
    std::vector<char*> pointers;
    for (std::string& argument : arguments)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    if (!arguments.empty()) execv("/proc/self/exe", pointers.data()); // comes back only if it could not
}

} // namespace limbeck
