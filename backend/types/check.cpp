// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "backend/types/catalogue.h"
#include "backend/types/check_specs.h"
#include "backend/types/fields.h"
#include "backend/types/lineup.h"
#include "backend/types/nearest.h"
#include "backend/types/numbers.h"

namespace limbeck {

namespace {

using Problems = std::vector<Problem>;

/// Samples of the training part as the made sets are split; 0: not known before the files are read.
std::int64_t training_samples(const DataConfig& data) {
    const DatasetEntry* entry = find_dataset(data.dataset.kind);
    if (!entry) return 0;
    if (entry->needs_folder) {
        // The folder may bring its own test part: then `samples` counts what is not test.
        return data.samples > 0 ? std::max<std::int64_t>(1, std::llround(static_cast<double>(data.samples) *
                                                                         (1 - data.validation_fraction)))
                                : 0;
    }
    const auto all = static_cast<double>(data.samples > 0 ? data.samples : entry->default_samples);
    return std::max<std::int64_t>(
        1, static_cast<std::int64_t>(
               std::floor(all * (1 - data.test_fraction) * (1 - data.validation_fraction) + 0.5)));
}

void check_optimization(const OptimizationConfig& training, const std::string& prefix, std::int64_t samples,
                        Problems& problems) {
    const auto add = [&](const char* name, std::string message) {
        problems.push_back({prefix + "." + name, std::move(message)});
    };
    if (samples > 0 && training.batch_size > samples)
        add("batch_size", "a batch of " + std::to_string(training.batch_size) +
                              " samples is larger than the training part of " + std::to_string(samples) +
                              "; at most that many are possible.");
    if (training.warmup_epochs > static_cast<double>(training.epochs))
        add("warmup_epochs", "a warm-up of " + number_text(training.warmup_epochs) +
                                 " epochs is longer than the " + std::to_string(training.epochs) +
                                 " epochs of the training; make it shorter.");
    if (training.optimizer == "sgd" && training.nesterov && training.momentum == 0)
        add("nesterov",
            "Nesterov looks ahead along the momentum, which is 0; set a momentum or turn Nesterov off.");
}

void check_pictures(const ExperimentConfig& config, Problems& problems) {
    const DatasetEntry* data = find_dataset(config.data.dataset.kind);
    if (!data || data->is_image()) return;
    const std::string kind(data->kind);
    if (config.data.crop_padding > 0)
        problems.push_back({"data.crop_padding", kind + " are points, not pictures; 0 is right."});
    if (config.data.flip)
        problems.push_back({"data.flip", kind + " are points, not pictures; false is right."});
    const auto needs_pictures = [&](const NetworkSpec& network, const char* key) {
        const ModelEntry* model = find_model(network.model);
        if (model && model->needs_image)
            problems.push_back(
                {key, network.model + " needs pictures and " + kind + " are points; mlp is right."});
    };
    const DistillationConfig& distillation = config.distillation;
    if (has_teacher(distillation)) {
        needs_pictures(config.teacher.network, "teacher.model");
        for (const NetworkSpec& network : config.teacher.more)
            needs_pictures(network, "teacher.more");
    }
    needs_pictures(config.student.network, "student.model");
    if (distillation.scheme == "assistants")
        for (const NetworkSpec& network : distillation.assistants)
            needs_pictures(network, "distillation.assistants");
    if (distillation.scheme == "mutual")
        for (const NetworkSpec& network : distillation.peers)
            needs_pictures(network, "distillation.peers");
}

/// Peers have answers for each other and nothing else.
void check_mutual(const ExperimentConfig& config, Problems& problems) {
    const DistillationConfig& distillation = config.distillation;
    for (const TermConfig& term : distillation.terms) {
        const ObjectiveEntry* entry = find_objective(term.id);
        if (!entry || entry->group != ObjectiveGroup::features || term.weight == 0) continue;
        problems.push_back({"distillation.terms",
                            term.id +
                                " compares the features of a student with those of its teacher, and in "
                                "the scheme mutual there is no teacher; terms of the answers are right."});
        break;
    }
    if (!config.teacher.more.empty())
        problems.push_back(
            {"teacher.more", "in the scheme mutual there is no teacher; an empty list is right."});
    for (const NetworkSpec& peer : distillation.peers) {
        if (peer.weights.empty()) continue;
        problems.push_back(
            {"distillation.peers", to_string(peer) + " names weights, but peers are trained from the seed; " +
                                       peer.model + " without weights is right."});
        break;
    }
}

/// Answers that must be kept, but never come twice or are not all that the loss asks for.
void check_cache(const ExperimentConfig& config, Problems& problems) {
    const DistillationConfig& distillation = config.distillation;
    if (config.teacher.cache != "float32" && config.teacher.cache != "half") return;
    std::string why;
    if (!has_teacher(distillation))
        why = "in the scheme " + distillation.scheme + " there is no teacher whose answers could be kept";
    else if (distillation.scheme == "mixup")
        why = "the scheme mixup blends samples anew in every step, so that no answer comes twice";
    for (const TermConfig& term : distillation.terms) {
        const ObjectiveEntry* entry = find_objective(term.id);
        if (why.empty() && entry && entry->group == ObjectiveGroup::features)
            why = term.id + " compares the teacher's features, and only its answers are kept";
    }
    if (!why.empty()) problems.push_back({"teacher.cache", why + "; auto or off is right."});
}

void check_distillation(const ExperimentConfig& config, Problems& problems) {
    const DistillationConfig& distillation = config.distillation;
    if (distillation.scheme == "alone") return; // only the labels count, whatever the weights say
    const bool nothing = distillation.hard_weight == 0 && distillation.soft_weight == 0 &&
                         std::all_of(distillation.terms.begin(), distillation.terms.end(),
                                     [](const TermConfig& term) { return term.weight == 0; });
    if (nothing)
        problems.push_back({"distillation.hard_weight",
                            "the weights of labels and teacher are both 0, so nothing would be "
                            "learned; make one of them larger."});
    if (distillation.scheme == "mixup" && distillation.hard_weight != 0)
        problems.push_back(
            {"distillation.hard_weight", "mixed pictures have no label; with the scheme mixup 0 is right."});
    if (distillation.scheme == "assistants" && distillation.assistants.empty())
        problems.push_back({"distillation.assistants",
                            "the scheme assistants needs at least one network between teacher and student, "
                            "e.g. resnet20."});
    if (distillation.scheme == "mutual") check_mutual(config, problems);
}

/// Whether any teacher is trained by Limbeck, so that the settings of their training matter.
bool trains_teachers(const ExperimentConfig& config) {
    const auto is_trained = [](const NetworkSpec& network) { return network.weights.empty(); };
    return has_teacher(config.distillation) &&
           (is_trained(config.teacher.network) ||
            std::any_of(config.teacher.more.begin(), config.teacher.more.end(), is_trained));
}

void check_samples(const DataConfig& data, Problems& problems) {
    constexpr std::int64_t fewest = 20;
    if (data.samples > 0 && data.samples < fewest)
        problems.push_back({"data.samples", "found " + std::to_string(data.samples) + "; at least " +
                                                std::to_string(fewest) +
                                                " are needed for three parts, or 0 for the usual number."});
}

} // namespace

std::vector<Problem> check(const ExperimentConfig& config) {
    Problems problems;
    for (const Field& field : fields())
        if (std::string reason = field_problem(field, config); !reason.empty())
            problems.push_back({std::string(field.key), std::move(reason)});
    const auto is_fine = [&](std::string_view prefix) {
        return std::none_of(problems.begin(), problems.end(),
                            [&](const Problem& problem) { return problem.key.starts_with(prefix); });
    };
    // Combinations are looked at where the single values make sense: one slip, one message.
    const bool data_is_fine = is_fine("data.");
    const bool teacher_is_fine = is_fine("teacher.training."), training_is_fine = is_fine("training.");
    const std::int64_t samples = data_is_fine ? training_samples(config.data) : 0;
    if (data_is_fine) {
        check_samples(config.data, problems);
        check_pictures(config, problems);
    }
    // A teacher that comes with weights is not trained, so its settings do not matter.
    if (teacher_is_fine && trains_teachers(config))
        check_optimization(config.teacher.training, "teacher.training", samples, problems);
    if (training_is_fine) check_optimization(config.training, "training", samples, problems);
    if (is_fine("distillation.")) check_distillation(config, problems);
    if (is_fine("distillation.") && is_fine("teacher.cache")) check_cache(config, problems);
    return problems;
}

Result<void> require_valid(const ExperimentConfig& config) {
    const std::vector<Problem> problems = check(config);
    if (problems.empty()) return {};
    std::string message = problems.front().key + ": " + problems.front().message;
    if (problems.size() == 2) message += " One more setting is wrong: " + problems[1].key + ".";
    if (problems.size() > 2)
        message += " " + std::to_string(problems.size() - 1) + " more settings are wrong.";
    return failure(ErrorKind::configuration, std::move(message), problems.front().key);
}

} // namespace limbeck
