// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/guard.h"

#include <exception>
#include <new>
#include <string>

#include <c10/util/Exception.h>

namespace limbeck {

namespace {

/// Torch's messages run over several lines; the first says what happened.
std::string first_line(std::string_view text) {
    const auto begin = text.find_first_not_of(" \n\r\t");
    if (begin == std::string_view::npos) return "no message";
    text.remove_prefix(begin);
    return std::string(text.substr(0, text.find('\n')));
}

Error out_of_memory(std::string_view doing, std::string_view found, std::string detail) {
    return {ErrorKind::memory,
            "Out of memory while " + std::string(doing) + ": " + first_line(found) +
                " A smaller batch or a smaller network needs less.",
            {},
            std::move(detail)};
}

Error torch_error(std::string_view doing, const c10::Error& error) {
    const std::string_view found = error.what_without_backtrace();
    // On the CPU running out of memory is not an OutOfMemoryError, only these words tell.
    if (found.find("can't allocate memory") != std::string_view::npos ||
        found.find("not enough memory") != std::string_view::npos)
        return out_of_memory(doing, found, error.what());
    const bool device = dynamic_cast<const c10::AcceleratorError*>(&error) != nullptr ||
                        found.find("CUDA error") != std::string_view::npos;
    return {device ? ErrorKind::device : ErrorKind::internal,
            "LibTorch failed while " + std::string(doing) + ": " + first_line(found),
            {},
            error.what()};
}

} // namespace

Error current_error(std::string_view doing) {
    try {
        throw;
    } catch (const c10::OutOfMemoryError& error) {
        return out_of_memory(doing, error.what_without_backtrace(), error.what());
    } catch (const c10::Error& error) {
        return torch_error(doing, error);
    } catch (const std::bad_alloc& error) {
        return out_of_memory(doing, "the system gave no more.", error.what());
    } catch (const std::exception& error) {
        return {ErrorKind::internal,
                "Failed while " + std::string(doing) + ": " + first_line(error.what()),
                {},
                error.what()};
    } catch (...) {
        return {ErrorKind::internal, "Failed while " + std::string(doing) + " for a reason unknown.", {}, {}};
    }
}

} // namespace limbeck
