// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/output.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <nlohmann/json.hpp>
#include <sys/ioctl.h>
#include <unistd.h>

namespace limbeck::cli {

namespace {

void write(std::FILE* to, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), to);
    std::fflush(to); // whoever reads along, a person or a script, reads it now
}

} // namespace

Output::Output(bool json) : json_(json) {
    const char* kind = std::getenv("TERM");
    terminal_ = !json && isatty(STDOUT_FILENO) && kind && std::strcmp(kind, "dumb") != 0;
}

int Output::columns() const {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return 80;
}

void Output::line(std::string_view text) {
    if (!json_) write(stdout, std::string(text) + "\n");
}

void Output::object(const Json& object) {
    // Replaced, not thrown: an error may name a file whose bytes are not UTF-8.
    if (json_) write(stdout, object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void Output::raw(std::string_view text) {
    write(stdout, text);
}

void Output::warning(std::string_view text) {
    write(stderr, "limbeck-cli: " + std::string(text) + "\n");
}

void Output::error(const Error& error) {
    object({{"event", "error"},
            {"kind", to_string(error.kind)},
            {"message", error.message},
            {"field", error.field},
            {"detail", error.detail}});
    write(stderr, "limbeck-cli: " + error.message + "\n");
    if (!error.detail.empty()) write(stderr, error.detail + "\n");
}

std::string_view to_string(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::usage:
        return "usage";
    case ErrorKind::configuration:
        return "configuration";
    case ErrorKind::data:
        return "data";
    case ErrorKind::document:
        return "document";
    case ErrorKind::device:
        return "device";
    case ErrorKind::memory:
        return "memory";
    case ErrorKind::numeric:
        return "numeric";
    case ErrorKind::cancelled:
        return "cancelled";
    case ErrorKind::internal:
        return "internal";
    }
    return "internal";
}

} // namespace limbeck::cli
