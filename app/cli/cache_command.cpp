// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "app/cli/answers.h"
#include "app/cli/commands.h"
#include "app/cli/text.h"
#include "backend/answers/answer_folder.h"
#include "backend/answers/answer_plan.h"
#include "backend/runner/clock.h"
#include "backend/types/numbers.h"

namespace limbeck::cli {

namespace {

std::string files_text(std::int64_t number) {
    return grouped(number) + (number == 1 ? " file" : " files");
}

int clear(const std::filesystem::path& folder, Output& output) {
    const Removed removed = clear_answers(folder);
    output.object({{"event", "result"},
                   {"folder", folder.string()},
                   {"removed", removed.files},
                   {"bytes", removed.bytes},
                   {"in_use", removed.in_use}});
    std::string text = "Removed " + files_text(removed.files) + " (" + size_text(removed.bytes) + ") from " +
                       folder.string() + ".";
    if (removed.in_use > 0) text += " " + files_text(removed.in_use) + " cannot be removed or are in use.";
    output.line(text);
    return exit_code::done;
}

} // namespace

Result<int> kept_answers(const Arguments& arguments, Output& output) {
    const auto folder = standard_answers_folder();
    if (folder.empty())
        return failure(ErrorKind::usage, "Neither XDG_CACHE_HOME nor HOME names a folder for kept answers.");
    if (arguments.has("--clear")) return clear(folder, output);
    std::vector<std::vector<std::string>> rows{{"Teacher", "Data", "Kept", "of", "in", "Size", "Last used"}};
    std::int64_t bytes = 0;
    const auto files = list_answers(folder, /*count=*/true);
    for (const AnswerFileInfo& file : files) {
        bytes += file.bytes;
        Json object = answers_json(file);
        object["event"] = "answers";
        output.object(object);
        rows.push_back({file.head.about.teacher, file.head.about.data, grouped(file.filled),
                        grouped(file.head.asked), answers_precision(file), size_text(file.bytes),
                        utc_text(file.used)});
    }
    output.object(
        {{"event", "result"}, {"folder", folder.string()}, {"files", files.size()}, {"bytes", bytes}});
    if (!files.empty()) output.line(table(rows, 99));
    output.line(files.empty() ? "No teacher's answers are kept in " + folder.string() + "."
                              : size_text(bytes) + " in " + folder.string() + ", of " +
                                    size_text(answer_folder_limit) + " at most.");
    return exit_code::done;
}

} // namespace limbeck::cli
