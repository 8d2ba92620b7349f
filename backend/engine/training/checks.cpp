// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/checks.h"

#include <cmath>

#include <torch/torch.h>

#include "backend/engine/tensors.h"

namespace limbeck {
namespace {

std::string class_list(const Dataset& data) {
    std::string list;
    for (std::size_t i = 0; i < data.class_names.size() && i < 10; ++i) {
        list += (i ? ", " : "") + data.class_names[i];
    }
    return data.class_names.size() > 10 ? list + ", …" : list;
}

auto data_failure(std::string message) {
    return failure(ErrorKind::data, std::move(message), "data.dataset");
}

Result<void> check_arrays(const Dataset& data) {
    const auto name = "The data set " + data.name;
    if (data.size() == 0) return data_failure(name + " is empty; training needs labelled samples.");
    if (data.classes() < 2) {
        return data_failure(name + " has " + std::to_string(data.classes()) +
                            " class(es); at least two are needed.");
    }
    const auto wanted = static_cast<std::size_t>(data.size() * data.input.values());
    const auto found = data.bytes.empty() ? data.values.size() : data.bytes.size();
    if (found != wanted || data.bytes.empty() == data.values.empty()) {
        return data_failure(name + " holds " + std::to_string(found) + " values; " +
                            std::to_string(data.size()) + " samples of " + to_string(data.input) + " have " +
                            std::to_string(wanted) + ".");
    }
    const auto channels = static_cast<std::size_t>(data.input.channels());
    if (data.mean.size() != channels || data.stddev.size() != channels) {
        return data_failure(name + " brings a normalisation for " + std::to_string(data.mean.size()) +
                            " channels; its input " + to_string(data.input) + " has " +
                            std::to_string(channels) + ".");
    }
    for (std::size_t i = 0; i < data.labels.size(); ++i) {
        if (data.labels[i] >= 0 && data.labels[i] < data.classes()) continue;
        return data_failure("Sample " + std::to_string(i) + " of " + data.name + " has the label " +
                            std::to_string(data.labels[i]) + "; labels must be 0 to " +
                            std::to_string(data.classes() - 1) + ".");
    }
    for (const auto* part : {&data.train, &data.validation, &data.test}) {
        for (const auto id : *part) {
            if (id >= 0 && id < data.size()) continue;
            return data_failure("The split of " + data.name + " names the sample " + std::to_string(id) +
                                " of " + std::to_string(data.size()) + ".");
        }
    }
    return {};
}

} // namespace

std::string training_key(const TrainingTask& task, std::string_view name) {
    return (task.role == Role::teacher ? "teacher.training." : "training.") + std::string(name);
}

std::string network_key(const TrainingTask& task) {
    if (task.role == Role::assistant) return "distillation.assistants";
    return task.role == Role::teacher ? "teacher.model" : "student.model";
}

Result<void> check_task(const TrainingTask& task, const Dataset& data) {
    if (auto arrays = check_arrays(data); !arrays) return arrays;
    const auto samples = static_cast<std::int64_t>(data.train.size());
    const auto batch = task.optimization.batch_size;
    if (samples == 0) {
        return failure(ErrorKind::data,
                       "The training part of " + data.name + " is empty; give less to validation and test.",
                       "data.validation_fraction");
    }
    if (batch < 1 || batch > samples) {
        return failure(ErrorKind::configuration,
                       "A batch has " + std::to_string(batch) + " samples, the training part of " +
                           data.name + " has " + std::to_string(samples) + "; choose 1 to " +
                           std::to_string(samples) + ".",
                       training_key(task, "batch_size"));
    }
    if (task.optimization.epochs < 1) {
        return failure(ErrorKind::configuration,
                       "Training for " + std::to_string(task.optimization.epochs) +
                           " epochs does nothing; choose 1 or more.",
                       training_key(task, "epochs"));
    }
    const auto& schedule = task.optimization.schedule;
    if (schedule != "constant" && schedule != "step" && schedule != "cosine") {
        return failure(ErrorKind::configuration,
                       "The schedule is \"" + schedule + "\"; it must be constant, step or cosine.",
                       training_key(task, "schedule"));
    }
    if ((task.crop_padding > 0 || task.flip) && !data.input.is_image()) {
        return failure(ErrorKind::configuration,
                       "Cropping and flipping need pictures; the input of " + data.name + " is " +
                           to_string(data.input) + ". Switch both off.",
                       task.crop_padding > 0 ? "data.crop_padding" : "data.flip");
    }
    if (!task.terms.empty() && !task.teacher && task.peers.empty()) {
        return failure(ErrorKind::configuration,
                       "The loss has the term \"" + task.terms.front().id +
                           "\", which compares with a teacher, but no teacher is given.",
                       "teacher.model");
    }
    return {};
}

Result<void> check_teacher_weights(const Network& network, const TensorMap& weights, const Dataset& data) {
    const auto fail = [](std::string message) {
        return failure(ErrorKind::configuration, std::move(message), "teacher.model");
    };
    if (weights.tensors.empty()) {
        return fail("The teacher has no weights: train it first, or name a file of weights for it.");
    }
    const auto parameters = network.named_parameters();
    const auto shape_of = [&](const std::string& name) -> const std::vector<std::int64_t>* {
        const auto found = weights.tensors.find(name);
        return found == weights.tensors.end() ? nullptr : &found->second.shape;
    };
    // The classifier comes last in every network of the zoo, what reads the input first.
    const auto& last = parameters.back();
    const auto* answers = shape_of(last.key());
    if (answers && answers->size() == static_cast<std::size_t>(last.value().dim()) && !answers->empty() &&
        answers->front() != data.classes()) {
        return fail("The teacher's weights answer " + std::to_string(answers->front()) +
                    " classes, the data " + data.name + " have " + std::to_string(data.classes()) + " (" +
                    class_list(data) + "). Teacher and student must answer the same classes.");
    }
    const auto& first = parameters.front();
    const auto* reads = shape_of(first.key());
    if (reads && reads->size() == static_cast<std::size_t>(first.value().dim()) && reads->size() >= 2 &&
        (*reads)[1] != first.value().size(1)) {
        const bool image = first.value().dim() == 4;
        return fail("The teacher's weights take an input of " + std::to_string((*reads)[1]) +
                    (image ? " channels" : " values") + "; the data " + data.name + " have " +
                    std::to_string(first.value().size(1)) + " (" + to_string(data.input) + ").");
    }
    return {};
}

Result<void> check_live_value(std::string_view key, double value) {
    const bool temperature = key == "distillation.temperature";
    if (std::isfinite(value) && (temperature ? value > 0 : value >= 0)) return {};
    return failure(ErrorKind::configuration,
                   "The value given for " + std::string(key) + " is " + std::to_string(value) +
                       "; it must be " + (temperature ? "above 0." : "0 or more."),
                   std::string(key));
}

} // namespace limbeck
