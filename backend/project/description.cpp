// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/description.h"

#include <cerrno>
#include <cstdio>
#include <span>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "backend/project/failure.h"
#include "backend/project/file_io.h"
#include "backend/project/schema.h"
#include "backend/project/store_metrics.h"
#include "backend/project/store_runs.h"

namespace limbeck {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json; // sorts its keys

bool is_over(RunState state) {
    return state == RunState::finished || state == RunState::stopped || state == RunState::failed;
}

template <class T>
void put(Json& object, const char* name, const std::optional<T>& value) {
    if (value) object[name] = *value;
}

Json metrics_of(const RunSummary& summary) {
    Json metrics = Json::object();
    put(metrics, "accuracy", summary.last_accuracy);
    put(metrics, "best_accuracy", summary.best_accuracy);
    put(metrics, "agreement", summary.last_agreement);
    put(metrics, "best_agreement", summary.best_agreement);
    put(metrics, "teacher_accuracy", summary.teacher_accuracy);
    put(metrics, "test_accuracy", summary.test_accuracy);
    put(metrics, "test_agreement", summary.test_agreement);
    put(metrics, "test_teacher_accuracy", summary.test_teacher_accuracy);
    put(metrics, "best_test_accuracy", summary.best_test_accuracy);
    if (summary.best_accuracy) metrics["best_epoch"] = summary.best_epoch;
    return metrics;
}

Json run_object(Database& database, const RunRecord& run) {
    Json object{{"id", run.id},
                {"group", run.group},
                {"role", to_string(run.role)},
                {"stage", run.stage},
                {"name", run.name},
                {"state", to_string(run.state)},
                {"created", run.created},
                {"configuration", Json::parse(to_json(run.config))}};
    put(object, "parent", run.parent);
    put(object, "baseline", run.baseline);
    put(object, "teacher", run.teacher);
    if (!run.dataset_fingerprint.empty()) object["dataset_fingerprint"] = run.dataset_fingerprint;
    if (!is_over(run.state)) return object;
    object["epochs"] = run.epoch;
    object["steps"] = run.step;
    object["device"] = run.device;
    object["threads"] = run.threads;
    object["finished"] = run.finished;
    object["metrics"] = metrics_of(summarize(database, run.id));
    return object;
}

} // namespace

std::string describe_project(Database& database) {
    const ReadScope scope(database);
    Json runs = Json::array();
    for (const RunRecord& run : load_runs(database))
        runs.push_back(run_object(database, run));
    const Json description{{"about", "Written by Limbeck for people and version control; never read."},
                           {"format", database.integer("PRAGMA user_version")},
                           {"configuration", Json::parse(to_json(load_config(database)))},
                           {"runs", std::move(runs)}};
    return description.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void Description::changed(const RunRecord& run) {
    std::string says = run.name + '\0' + std::string(to_string(run.state)) + '\0' + run.dataset_fingerprint +
                       '\0' + run.finished + '\0' + to_json(run.config);
    std::string& known = runs_[run.id];
    if (known == says) return;
    known = std::move(says);
    stale_ = true;
}

void Description::bring_up_to_date(Database& database, const fs::path& folder) noexcept {
    if (!stale_) return;
    stale_ = false;
    const auto done = attempt("describing a project", [&] {
        std::string text = describe_project(database);
        const fs::path target = folder / description_file_name;
        std::error_code error;
        if (text == written_ && fs::exists(target, error)) return;
        const fs::path temporary = folder / temporary_name();
        try {
            File::create(temporary).write(std::as_bytes(std::span(text)));
            if (std::rename(temporary.c_str(), target.c_str()) != 0)
                fail(ErrorKind::document,
                     "Naming " + path_text(target) + " failed: " + system_text(errno) + ".");
        } catch (...) {
            fs::remove(temporary, error);
            throw;
        }
        written_ = std::move(text);
    });
    if (!done && !failing_)
        trouble_ =
            "The file project.json, a copy of the settings for people to read, could not be written: " +
            done.error().message + " The project itself is saved.";
    failing_ = !done;
}

std::optional<std::string> Description::take_trouble() {
    return std::exchange(trouble_, std::nullopt);
}

} // namespace limbeck
