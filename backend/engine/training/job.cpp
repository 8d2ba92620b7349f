// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/job.h"

#include <algorithm>
#include <utility>

#include <torch/torch.h>

#include "backend/answers/answer_wish.h"
#include "backend/engine/device/device.h"
#include "backend/engine/device/graph_capture.h"
#include "backend/engine/guard.h"
#include "backend/engine/models/batch_norm.h"
#include "backend/engine/models/cost.h"
#include "backend/engine/models/simkd.h"
#include "backend/engine/models/weights.h"
#include "backend/engine/training/answers_setup.h"
#include "backend/engine/training/checks.h"
#include "backend/engine/training/memory.h"
#include "backend/engine/training/trainer.h"
#include "backend/types/catalogue.h"
#include "backend/types/random.h"

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
        const auto loaded = load_weights(**network, task.network, *task.initial_weights, task.seed);
        if (!loaded) return about(loaded.error(), key);
    } else {
        initialise(**network, task.seed);
    }
    return network;
}

/// Frozen and in evaluation mode for as long as it lives.
Result<std::shared_ptr<Network>> make_teacher(const NetworkSpec& spec, const TensorMap& weights,
                                              const Dataset& data, const std::string& key,
                                              std::uint64_t seed) {
    auto network = build_network(spec, data.input, data.classes());
    if (!network) return about(network.error(), key);
    // A teacher that is asked to take what fits may come from other classes.
    if (!wants_partial(spec))
        if (auto fits = check_teacher_weights(**network, weights, data); !fits)
            return about(fits.error(), key);
    const auto loaded = load_weights(**network, spec, weights, seed);
    if (!loaded) return about(loaded.error(), key);
    (*network)->eval();
    for (auto& parameter : (*network)->parameters())
        parameter.requires_grad_(false);
    return network;
}

using Networks = std::vector<std::shared_ptr<Network>>;

Result<Networks> make_teachers(const TrainingTask& task, const Dataset& data) {
    Networks networks;
    if (!task.teacher) return networks;
    auto first = make_teacher(*task.teacher, task.teacher_weights, data, "teacher.model", task.seed);
    if (!first) return tl::unexpected(first.error());
    networks.push_back(std::move(*first));
    for (const TeacherSource& more : task.more_teachers) {
        auto next = make_teacher(more.network, more.weights, data, "teacher.more", task.seed);
        if (!next) return tl::unexpected(next.error());
        networks.push_back(std::move(*next));
    }
    return networks;
}

/// Each from a stream of its own: a twin with the student's weights would have nothing to teach.
Result<Networks> make_peers(const TrainingTask& task, const Dataset& data) {
    Networks networks;
    for (std::size_t i = 0; i < task.peers.size(); ++i) {
        auto network = build_network(task.peers[i], data.input, data.classes());
        if (!network) return about(network.error(), "distillation.peers");
        initialise(**network, stream_seed(task.seed, "peer", i));
        networks.push_back(std::move(*network));
    }
    return networks;
}

/// The layout that batches of pictures come in; files of weights do not notice.
void put_channels_last(Network& network) {
    for (auto& parameter : network.parameters()) {
        if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast));
    }
}

/// Forward and backward of what learns (three times a forward pass) and forward of the teachers.
Result<double> flops_per_sample(const TrainingTask& task, const Dataset& data) {
    double flops = 0;
    const auto add = [&](const NetworkSpec& network, double passes) -> Result<void> {
        const auto cost = network_cost(network, data.input, data.classes(), false);
        if (!cost) return tl::unexpected(cost.error());
        flops += passes * static_cast<double>(cost->flops);
        return {};
    };
    Result<void> done = add(task.network, 3);
    for (std::size_t i = 0; done && i < task.peers.size(); ++i)
        done = add(task.peers[i], 3);
    if (done && task.teacher) done = add(*task.teacher, 1);
    for (std::size_t i = 0; done && i < task.more_teachers.size(); ++i)
        done = add(task.more_teachers[i].network, 1);
    if (!done) return tl::unexpected(done.error());
    return flops;
}

bool is_simkd(const TermSpec& term) {
    return term.id == "simkd";
}

/// With simkd the student answers through its teacher's classifier: that whole is what is trained. Gives the
/// terms with the places that simkd compares filled in.
Result<std::vector<TermSpec>> join_simkd(const TrainingTask& task, const Dataset& data,
                                         std::shared_ptr<Network>& network, const Networks& teachers) {
    std::vector<TermSpec> terms = task.terms;
    if (teachers.empty() || std::none_of(terms.begin(), terms.end(), is_simkd)) return terms;
    auto whole = make_simkd_student(network, *teachers.front(), data.input, task.seed);
    if (!whole) return about(whole.error(), "distillation.terms");
    const std::string projected =
        "feature." + std::to_string(tap_shapes(**whole, data.input).features.size() - 1);
    const std::string compared = "feature." + std::to_string((*whole)->teacher_tap());
    for (TermSpec& term : terms)
        if (is_simkd(term)) term.taps = {projected + "/" + compared};
    network = std::move(*whole);
    return terms;
}

/// The loss with all that its terms need of the networks and the data.
Result<LossSettings> loss_for(const TrainingTask& task, const Dataset& data,
                              std::shared_ptr<Network>& network, const Networks& teachers) {
    const auto terms = join_simkd(task, data, network, teachers);
    if (!terms) return tl::unexpected(terms.error());
    LossContext context;
    context.terms.classes = data.classes();
    context.terms.samples = data.size();
    context.terms.labels = torch::tensor(data.labels);
    context.terms.trained = torch::tensor(data.train);
    context.terms.seed = task.seed;
    const bool features = std::any_of(terms->begin(), terms->end(), [](const TermSpec& term) {
        const ObjectiveEntry* entry = find_objective(term.id);
        return entry && entry->group == ObjectiveGroup::features;
    });
    if (features && teachers.empty())
        return failure(ErrorKind::configuration,
                       "Peers compare answers; terms that compare features need a teacher.",
                       "distillation.terms");
    if (features) {
        context.student = tap_shapes(*network, data.input);
        context.teacher = tap_shapes(*teachers.front(), data.input);
    }
    return make_loss(task.hard_weight, *terms, context);
}

void place(Network& network, torch::Device device) {
    network.to(device);
    put_channels_last(network);
}

/// Gives the plan for the teacher's answers: a table of them takes what is left.
Result<AnswerPlan> check_memory(const TrainingTask& task, const Dataset& data, torch::Device device,
                                const LossSettings& loss) {
    auto need = estimate_memory(task, data, device);
    if (!need) return tl::unexpected(need.error());
    for (const LossTerm& term : loss.terms) {
        need->fixed += term.objective->bank_bytes();
        for (const auto& parameter : term.objective->parameters())
            need->fixed += 4 * static_cast<std::int64_t>(parameter.nbytes());
    }
    const auto free = free_memory(device);
    if (auto fits = require_memory(*need, task.optimization.batch_size, free, device.str(),
                                   training_key(task, "batch_size"));
        !fits)
        return tl::unexpected(fits.error());
    AnswerWish wish = answer_wish(task, data);
    wish.spare = free - need->total(task.optimization.batch_size);
    return plan_answers(wish);
}

Result<std::unique_ptr<TrainingJob>> prepare(const TrainingTask& task, std::shared_ptr<const Dataset> data) {
    if (auto fits = check_task(task, *data); !fits) return tl::unexpected(fits.error());
    auto precision = parse_precision(task.precision);
    if (!precision) return tl::unexpected(precision.error());
    auto device = find_device(task.device);
    if (!device) return tl::unexpected(device.error());
    if (auto fits = check_precision(*precision, *device); !fits) return tl::unexpected(fits.error());
    use_own_stream(*device);
    auto network = make_network(task, *data);
    if (!network) return tl::unexpected(network.error());
    auto teachers = make_teachers(task, *data);
    if (!teachers) return tl::unexpected(teachers.error());
    auto peers = make_peers(task, *data);
    if (!peers) return tl::unexpected(peers.error());
    auto loss = loss_for(task, *data, *network, *teachers);
    if (!loss) return tl::unexpected(loss.error());
    auto plan = check_memory(task, *data, *device, *loss);
    if (!plan) return tl::unexpected(plan.error());
    const auto flops = flops_per_sample(task, *data);
    if (!flops) return tl::unexpected(flops.error());

    TrainerParts parts;
    parts.flops_per_sample = *flops;
    parts.task = task;
    parts.task.teacher_weights = {}; // they are in the network now
    parts.task.more_teachers.clear();
    parts.task.initial_weights.reset();
    parts.precision = *precision;
    parts.graphs = graphs_of(*device);
    parts.loss = std::move(*loss);
    for (LossTerm& term : parts.loss.terms)
        term.objective->to(*device);
    parts.network = std::move(*network);
    place(*parts.network, *device);
    parts.network->train();
    for (const auto& teacher : *teachers) {
        place(*teacher, *device);
        freeze_norms(*teacher);
    }
    for (const auto& peer : *peers)
        place(*peer, *device);
    parts.teachers = Teachers(std::move(*teachers), task.average_logits);
    parts.peers = std::move(*peers);
    NamedTensors parameters;
    for (const auto& item : parts.network->named_parameters())
        if (item.value().requires_grad()) parameters.emplace_back(item.key(), item.value());
    auto optimizer = make_optimizer(task.optimization, std::move(parameters));
    if (!optimizer) return tl::unexpected(optimizer.error());
    parts.optimizer = std::move(*optimizer);
    parts.data = std::make_shared<const ResidentData>(std::move(data), *device);
    if (!parts.teachers.empty()) {
        auto answers = make_answers({task, std::move(*plan), parts.data, parts.teachers,
                                     parts.loss.needs_taps(), parts.precision, parts.is_small()});
        if (!answers) return tl::unexpected(answers.error());
        parts.answers = std::move(*answers);
    }
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
