// SPDX-License-Identifier: GPL-3.0-or-later
// devices, datasets, models, objectives, schemes, samples: what there is to choose from.
#include <future>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/objectives_page.h"
#include "app/cli/text.h"
#include "backend/runner/session.h"
#include "backend/types/catalogue.h"

namespace limbeck::cli {

namespace {

/// Name and description, the description indented under the name.
void entry(Output& output, std::string_view name, std::string_view title, const std::string& text) {
    output.line(std::string(name) + "  –  " + std::string(title));
    output.line(wrapped(text, 4));
}

} // namespace

Result<int> list_devices(const Arguments&, Output& output) {
    EngineHost host(engine_loader());
    auto promise = std::make_shared<std::promise<Result<std::vector<DeviceInfo>>>>();
    auto answer = promise->get_future();
    request_devices(
        host, [promise](Result<std::vector<DeviceInfo>> devices) { promise->set_value(std::move(devices)); });
    const auto devices = answer.get();
    if (!devices) return tl::unexpected(devices.error());
    std::vector<std::vector<std::string>> rows;
    for (const DeviceInfo& device : *devices) {
        output.object({{"event", "device"},
                       {"id", device.id},
                       {"name", device.name},
                       {"memory_bytes", device.memory_bytes},
                       {"available", device.available},
                       {"reason", device.reason}});
        rows.push_back(
            {device.id, device.name,
             device.available ? bytes_text(device.memory_bytes) : "not available: " + device.reason});
    }
    output.line(table(rows, 9));
    return exit_code::done;
}

Result<int> list_datasets(const Arguments&, Output& output) {
    for (const DatasetEntry& each : dataset_catalogue()) {
        output.object({{"event", "dataset"},
                       {"kind", each.kind},
                       {"title", each.title},
                       {"description", each.description},
                       {"needs_folder", each.needs_folder},
                       {"default_samples", each.default_samples}});
        entry(output, std::string(each.kind) + (each.needs_folder ? ":FOLDER" : ""), each.title,
              std::string(each.description));
    }
    return exit_code::done;
}

Result<int> list_models(const Arguments&, Output& output) {
    for (const ModelEntry& each : model_catalogue()) {
        output.object({{"event", "model"},
                       {"name", each.name},
                       {"title", each.title},
                       {"description", each.description},
                       {"paper", each.paper},
                       {"options", each.options},
                       {"needs_image", each.needs_image},
                       {"minimum_side", each.minimum_side}});
        std::string text(each.description);
        if (!each.paper.empty()) text += " (" + std::string(each.paper) + ")";
        entry(output, each.name, each.title, text);
    }
    return exit_code::done;
}

Result<int> list_objectives(const Arguments& arguments, Output& output) {
    if (arguments.has("--markdown")) {
        std::string page = objectives_page();
        page.pop_back(); // line() ends it again
        output.line(page);
        return exit_code::done;
    }
    for (const ObjectiveEntry& each : objective_catalogue()) {
        output.object({{"event", "objective"},
                       {"id", each.id},
                       {"title", each.title},
                       {"description", each.description},
                       {"paper", each.paper},
                       {"formula", each.formula},
                       {"temperature", each.temperature},
                       {"hard_weight", each.hard_weight},
                       {"soft_weight", each.weight}});
        entry(output, each.id, each.title,
              std::string(each.description) + " " + std::string(each.formula) + " (" +
                  std::string(each.paper) + ")");
    }
    return exit_code::done;
}

Result<int> list_schemes(const Arguments&, Output& output) {
    for (const SchemeEntry& each : scheme_catalogue()) {
        output.object({{"event", "scheme"},
                       {"id", each.id},
                       {"title", each.title},
                       {"description", each.description},
                       {"when", each.when},
                       {"paper", each.paper}});
        std::string text = std::string(each.description) + " " + std::string(each.when);
        if (!each.paper.empty()) text += " (" + std::string(each.paper) + ")";
        entry(output, each.id, each.title, text);
    }
    return exit_code::done;
}

Result<int> list_samples(const Arguments&, Output& output) {
    for (const SampleExperiment& each : sample_experiments()) {
        output.object({{"event", "sample"},
                       {"id", each.id},
                       {"title", each.title},
                       {"description", each.description},
                       {"configuration", Json::parse(to_json(each.config))}});
        entry(output, each.id, each.title, std::string(each.description));
    }
    return exit_code::done;
}

} // namespace limbeck::cli
