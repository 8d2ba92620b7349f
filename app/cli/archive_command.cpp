// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/report.h"
#include "app/cli/signals.h"
#include "backend/project/archive.h"
#include "backend/types/numbers.h"

namespace limbeck::cli {

namespace {

namespace fs = std::filesystem;

/// Percents on a terminal, nothing elsewhere; ends the work after Ctrl-C.
class Shown {
  public:
    Shown(Output& output, std::string doing) : output_(output), doing_(std::move(doing)) {}

    ~Shown() {
        if (last_ >= 0) output_.raw("\r\x1b[K");
    }

    Shown(const Shown&) = delete;
    Shown& operator=(const Shown&) = delete;

    bool operator()(double share) {
        const int percent = static_cast<int>(std::floor(share * 100));
        if (output_.terminal() && !output_.json() && percent > last_) {
            last_ = percent;
            output_.raw("\r" + doing_ + " " + std::to_string(percent) + " %");
        }
        return signals_.count() == 0;
    }

  private:
    Output& output_;
    std::string doing_;
    StopSignals signals_;
    int last_ = -1;
};

Result<std::string> target_of(const Arguments& arguments, std::string_view what) {
    if (auto given = arguments.value("-o")) return *given;
    return failure(ErrorKind::usage, "The option -o is missing; -o " + std::string(what) + " is right.");
}

} // namespace

Result<int> archive_project(const Arguments& arguments, Output& output) {
    const auto target = target_of(arguments, "FILE");
    if (!target) return tl::unexpected(target.error());
    const ArchiveOptions options{!arguments.has("--without-weights"),
                                 !arguments.has("--without-data-references")};
    const auto project = Project::open(arguments.positional[0], Project::Access::view);
    if (!project) return tl::unexpected(project.error());
    {
        Shown shown(output, "Archiving");
        auto written = write_archive(**project, *target, options, [&](double share) { return shown(share); });
        if (!written) return tl::unexpected(written.error());
    }
    std::error_code error;
    const auto bytes = static_cast<std::int64_t>(fs::file_size(*target, error));
    output.object({{"event", "result"},
                   {"file", *target},
                   {"bytes", bytes},
                   {"weights", options.weights},
                   {"data_references", options.data_references}});
    std::string left_out;
    if (!options.weights) left_out += " without weights";
    if (!options.data_references)
        left_out +=
            std::string(left_out.empty() ? "" : " and") + " without the paths of data and weight files";
    output.line("Wrote " + *target + " (" + size_text(bytes) + ")" + left_out + ".");
    return exit_code::done;
}

Result<int> unpack_project(const Arguments& arguments, Output& output) {
    const auto target = target_of(arguments, "FOLDER");
    if (!target) return tl::unexpected(target.error());
    std::vector<std::string> ignored;
    const auto unpacked = [&] {
        Shown shown(output, "Unpacking");
        return unpack_archive(
            arguments.positional[0], *target, [&](double share) { return shown(share); }, &ignored);
    }();
    if (!unpacked) return tl::unexpected(unpacked.error());
    for (const std::string& name : ignored) {
        const std::string note = "Not unpacked, since it does not belong to a project: " + name;
        output.object({{"event", "note"}, {"text", note}});
        output.line(note);
    }
    const auto project = Project::open(*unpacked, Project::Access::view);
    if (!project) return tl::unexpected(project.error());
    const auto left_out = (*project)->left_out();
    if (!left_out) return tl::unexpected(left_out.error());
    output.object({{"event", "result"},
                   {"project", unpacked->string()},
                   {"weights", left_out->weights_to == 0},
                   {"data_references", !left_out->data_references}});
    output.line("Every row and every file is as it was archived.");
    if (const std::string text = left_out_text(*left_out); !text.empty()) output.line(text);
    output.line("Unpacked into " + unpacked->string() + ".");
    return exit_code::done;
}

} // namespace limbeck::cli
