// SPDX-License-Identifier: GPL-3.0-or-later
// objective and forward: the engine's loss and networks for tensors from a file, so that anybody can hold
// them against their own.
#include <functional>
#include <future>
#include <map>

#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/settings.h"
#include "backend/project/safetensors.h"
#include "backend/runner/session.h"
#include "backend/types/catalogue.h"
#include "backend/types/nearest.h"

namespace limbeck::cli {

namespace {

using Work = std::function<Result<TensorMap>(Engine&)>;

/// Does the work on the training thread, where alone LibTorch may be called.
Result<TensorMap> on_engine(Work work) {
    EngineHost host(engine_loader());
    auto promise = std::make_shared<std::promise<Result<TensorMap>>>();
    auto answer = promise->get_future();
    host.post([promise, work = std::move(work)](Result<Engine*> engine) {
        if (engine)
            promise->set_value(work(**engine));
        else
            promise->set_value(tl::unexpected(engine.error()));
    });
    return answer.get();
}

Result<std::string> required(const Arguments& arguments, std::string_view option) {
    if (auto value = arguments.value(option)) return *value;
    return failure(ErrorKind::usage, std::string(option) + " FILE is missing.");
}

Result<int> write_answer(const Result<TensorMap>& answer, const std::string& file, Output& output) {
    if (!answer) return tl::unexpected(answer.error());
    if (auto written = write_safetensors(file, *answer); !written) return tl::unexpected(written.error());
    Json names = Json::array();
    for (const auto& [name, tensor] : answer->tensors)
        names.push_back({{"name", name}, {"shape", tensor.shape}});
    output.object({{"event", "result"}, {"file", file}, {"tensors", names}});
    output.line("Wrote " + std::to_string(answer->tensors.size()) + " tensors to " + file + ".");
    return exit_code::done;
}

} // namespace

Result<int> evaluate_objective(const Arguments& arguments, Output& output) {
    const std::string id = arguments.positional[0];
    const auto in = required(arguments, "--in"), out = required(arguments, "--out");
    if (!in) return tl::unexpected(in.error());
    if (!out) return tl::unexpected(out.error());
    if (!find_objective(id)) {
        std::vector<std::string_view> names;
        for (const ObjectiveEntry& each : objective_catalogue())
            names.push_back(each.id);
        return failure(ErrorKind::usage, "There is no objective " + in_quotes(id) + "; the nearest is " +
                                             std::string(nearest_name(id, names)) +
                                             " (known: " + listed(names) + ").");
    }
    std::map<std::string, std::string> options;
    for (const std::string& setting : arguments.values("--set")) {
        const auto parts = split_setting(setting);
        if (!parts) return tl::unexpected(parts.error());
        options[parts->first] = parts->second;
    }
    const auto inputs = read_safetensors(*in);
    if (!inputs) return tl::unexpected(inputs.error());
    return write_answer(on_engine([&](Engine& engine) { return engine.objective(id, *inputs, options); }),
                        *out, output);
}

Result<int> forward_network(const Arguments& arguments, Output& output) {
    const auto weights = required(arguments, "--weights"), in = required(arguments, "--in"),
               out = required(arguments, "--out");
    for (const auto* file : {&weights, &in, &out})
        if (!*file) return tl::unexpected(file->error());
    const auto network = parse_network_spec(arguments.positional[0]);
    if (!network) return tl::unexpected(network.error());
    if (!find_model(network->model)) {
        std::vector<std::string_view> names;
        for (const ModelEntry& each : model_catalogue())
            names.push_back(each.name);
        return failure(ErrorKind::usage, "There is no network " + in_quotes(network->model) +
                                             "; the nearest is " +
                                             std::string(nearest_name(network->model, names)) +
                                             " (known: " + listed(names) + ").");
    }
    const auto state = read_safetensors(*weights);
    if (!state) return tl::unexpected(state.error());
    const auto inputs = read_safetensors(*in);
    if (!inputs) return tl::unexpected(inputs.error());
    return write_answer(on_engine([&](Engine& engine) { return engine.forward(*network, *state, *inputs); }),
                        *out, output);
}

} // namespace limbeck::cli
