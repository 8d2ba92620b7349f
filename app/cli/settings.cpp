// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/settings.h"

#include <system_error>

#include "backend/project/project.h"
#include "backend/types/fields.h"
#include "backend/types/nearest.h"
#include "backend/types/numbers.h"

namespace limbeck::cli {

namespace fs = std::filesystem;

Result<std::pair<std::string, std::string>> split_setting(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        return failure(ErrorKind::usage, "--set is followed by " + in_quotes(text) +
                                             "; KEY=VALUE is right, e.g. training.epochs=20.");
    return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

std::string path_for_project(const std::string& path, const fs::path& project) {
    if (path.empty() || fs::path(path).is_absolute()) return path;
    std::error_code error;
    const fs::path here = fs::weakly_canonical(fs::current_path(error) / path, error);
    const fs::path base = fs::weakly_canonical(fs::absolute(project, error), error);
    const fs::path relative = here.lexically_relative(base);
    return relative.empty() ? here.string() : relative.string();
}

Result<void> apply_settings(ExperimentConfig& config, std::span<const std::string> settings,
                            const fs::path& project) {
    for (const std::string& setting : settings) {
        const auto parts = split_setting(setting);
        if (!parts) return tl::unexpected(parts.error());
        const auto& [key, value] = *parts;
        if (auto set = set_field(config, key, value); !set) return set;
        if (key == "data.dataset")
            config.data.dataset.path = path_for_project(config.data.dataset.path, project);
        for (auto [spec_key, network] : {std::pair("teacher.model", &config.teacher.network),
                                         std::pair("student.model", &config.student.network)})
            if (key == spec_key) network->weights = path_for_project(network->weights, project);
        for (auto [list_key, list] : {std::pair("teacher.more", &config.teacher.more),
                                      std::pair("distillation.assistants", &config.distillation.assistants),
                                      std::pair("distillation.peers", &config.distillation.peers)})
            if (key == list_key)
                for (NetworkSpec& network : *list)
                    network.weights = path_for_project(network.weights, project);
    }
    return {};
}

Result<RunId> parse_run_id(const std::string& text) {
    const auto id = parse_integer(text);
    if (!id || *id < 1)
        return failure(ErrorKind::usage, "--run is followed by " + in_quotes(text) +
                                             "; the number of a run is right, as show lists it.");
    return *id;
}

fs::path folder_of_project(const fs::path& path) {
    return path.filename() == project_file_name ? path.parent_path() : path;
}

} // namespace limbeck::cli
