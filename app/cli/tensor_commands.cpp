// SPDX-License-Identifier: GPL-3.0-or-later
// objective and forward: the engine's loss and networks for tensors from a file, so that anybody can hold
// them against their own.
#include <map>

#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/on_engine.h"
#include "app/cli/settings.h"
#include "backend/project/safetensors.h"
#include "backend/types/catalogue.h"
#include "backend/types/nearest.h"

namespace limbeck::cli {

namespace {

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
    const auto in = required_file(arguments, "--in"), out = required_file(arguments, "--out");
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
    return write_answer(
        on_engine<TensorMap>([&](Engine& engine) { return engine.objective(id, *inputs, options); }), *out,
        output);
}

Result<int> forward_network(const Arguments& arguments, Output& output) {
    const auto weights = required_file(arguments, "--weights"), in = required_file(arguments, "--in"),
               out = required_file(arguments, "--out");
    for (const auto* file : {&weights, &in, &out})
        if (!*file) return tl::unexpected(file->error());
    const auto network = known_network(arguments.positional[0]);
    if (!network) return tl::unexpected(network.error());
    const auto state = read_safetensors(*weights);
    if (!state) return tl::unexpected(state.error());
    const auto inputs = read_safetensors(*in);
    if (!inputs) return tl::unexpected(inputs.error());
    return write_answer(
        on_engine<TensorMap>([&](Engine& engine) { return engine.forward(*network, *state, *inputs); }), *out,
        output);
}

} // namespace limbeck::cli
