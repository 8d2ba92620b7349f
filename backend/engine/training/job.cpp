// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/job.h"

#include <utility>

#include <torch/torch.h>

#include "backend/engine/device/device.h"
#include "backend/engine/guard.h"
#include "backend/engine/models/cost.h"
#include "backend/engine/models/weights.h"
#include "backend/engine/training/checks.h"
#include "backend/engine/training/memory.h"
#include "backend/engine/training/trainer.h"

namespace limbeck {
namespace {

/// The same error, naming the setting that a person can mend where it names none yet.
tl::unexpected<Error> about(Error error, std::string field) {
    if (error.field.empty()) error.field = std::move(field);
    return tl::unexpected(std::move(error));
}

Result<std::shared_ptr<Network>> make_network(const TrainingTask& task, const Dataset& data) {
    const auto key = network_key(task);
    auto network = build_network(task.network, data.input, data.classes());
    if (!network) return about(network.error(), key);
    if (task.initial_weights) {
        if (auto loaded = load_state_dict(**network, *task.initial_weights); !loaded)
            return about(loaded.error(), key);
    } else {
        initialise(**network, task.seed);
    }
    return network;
}

/// Frozen and in evaluation mode for as long as it lives.
Result<std::shared_ptr<Network>> make_teacher(const TrainingTask& task, const Dataset& data) {
    if (!task.teacher) return std::shared_ptr<Network>();
    auto network = build_network(*task.teacher, data.input, data.classes());
    if (!network) return about(network.error(), "teacher.model");
    if (auto fits = check_teacher_weights(**network, task.teacher_weights, data); !fits) {
        return tl::unexpected(fits.error());
    }
    if (auto loaded = load_state_dict(**network, task.teacher_weights); !loaded) {
        return about(loaded.error(), "teacher.model");
    }
    (*network)->eval();
    for (auto& parameter : (*network)->parameters())
        parameter.requires_grad_(false);
    return network;
}

/// The layout that batches of pictures come in; files of weights do not notice.
void put_channels_last(Network& network) {
    for (auto& parameter : network.parameters()) {
        if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast));
    }
}

/// Forward and backward of the network (three times a forward pass) and forward of its teacher.
Result<double> flops_per_sample(const TrainingTask& task, const Dataset& data) {
    const auto own = network_cost(task.network, data.input, data.classes(), false);
    if (!own) return tl::unexpected(own.error());
    double flops = 3.0 * static_cast<double>(own->flops);
    if (task.teacher) {
        const auto teacher = network_cost(*task.teacher, data.input, data.classes(), false);
        if (!teacher) return tl::unexpected(teacher.error());
        flops += static_cast<double>(teacher->flops);
    }
    return flops;
}

TermContext term_context(const TrainingTask& task, const Dataset& data) {
    TermContext context;
    context.classes = data.classes();
    context.samples = data.size();
    context.labels = torch::tensor(data.labels);
    context.seed = task.seed;
    return context;
}

Result<std::unique_ptr<TrainingJob>> prepare(const TrainingTask& task, std::shared_ptr<const Dataset> data) {
    if (auto fits = check_task(task, *data); !fits) return tl::unexpected(fits.error());
    auto precision = parse_precision(task.precision);
    if (!precision) return tl::unexpected(precision.error());
    auto device = find_device(task.device);
    if (!device) return tl::unexpected(device.error());
    auto loss = make_loss(task.hard_weight, task.terms, term_context(task, *data));
    if (!loss) return tl::unexpected(loss.error());
    auto network = make_network(task, *data);
    if (!network) return tl::unexpected(network.error());
    auto teacher = make_teacher(task, *data);
    if (!teacher) return tl::unexpected(teacher.error());
    const auto need = estimate_memory(task, *data, *device);
    if (!need) return tl::unexpected(need.error());
    if (auto fits = require_memory(*need, task.optimization.batch_size, free_memory(*device), device->str(),
                                   training_key(task, "batch_size"));
        !fits) {
        return tl::unexpected(fits.error());
    }

    const auto flops = flops_per_sample(task, *data);
    if (!flops) return tl::unexpected(flops.error());

    TrainerParts parts;
    parts.flops_per_sample = *flops;
    parts.task = task;
    parts.task.teacher_weights = {}; // they are in the network now
    parts.task.initial_weights.reset();
    parts.precision = *precision;
    parts.loss = std::move(*loss);
    parts.network = std::move(*network);
    parts.network->to(*device);
    put_channels_last(*parts.network);
    parts.network->train();
    if (*teacher) {
        (*teacher)->to(*device);
        put_channels_last(**teacher);
    }
    parts.teacher = std::move(*teacher);
    NamedTensors parameters;
    for (const auto& item : parts.network->named_parameters())
        parameters.emplace_back(item.key(), item.value());
    auto optimizer = make_optimizer(task.optimization, std::move(parameters));
    if (!optimizer) return tl::unexpected(optimizer.error());
    parts.optimizer = std::move(*optimizer);
    parts.data = std::make_shared<const ResidentData>(std::move(data), *device);
    return std::make_unique<Trainer>(std::move(parts));
}

} // namespace

Result<std::unique_ptr<TrainingJob>> prepare_job(const TrainingTask& task,
                                                 std::shared_ptr<const Dataset> data) {
    return guarded("preparing the training of the " + std::string(to_string(task.role)),
                   [&]() -> Result<std::unique_ptr<TrainingJob>> {
                       if (!data) {
                           return failure(ErrorKind::data,
                                          "There is no data set to train on; load one first.",
                                          "data.dataset");
                       }
                       return prepare(task, std::move(data));
                   });
}

} // namespace limbeck
