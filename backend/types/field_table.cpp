// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/field_table.h"

#include <cmath>
#include <deque>
#include <type_traits>
#include <vector>

#include "backend/types/catalogue.h"

namespace limbeck {

namespace {

/// The member at the end of a chain of members: reach<&A::b, &B::c>(a) is a.b.c.
template <auto First, auto... Rest>
auto& reach(auto& object) {
    if constexpr (sizeof...(Rest) == 0)
        return object.*First;
    else
        return reach<Rest...>(object.*First);
}

template <auto... Path>
using Member = std::remove_cvref_t<decltype(reach<Path...>(std::declval<ExperimentConfig&>()))>;

/// Kept as a value of its own, given as text.
template <class Type>
constexpr bool is_spec =
    std::is_same_v<Type, DatasetSpec> || std::is_same_v<Type, NetworkSpec> ||
    std::is_same_v<Type, TermOptions> || std::is_same_v<Type, std::vector<NetworkSpec>> ||
    std::is_same_v<Type, std::vector<TermConfig>>;

template <class Type>
Result<Type> parse_spec(std::string_view text) {
    if constexpr (std::is_same_v<Type, DatasetSpec>)
        return parse_dataset_spec(text);
    else if constexpr (std::is_same_v<Type, NetworkSpec>)
        return parse_network_spec(text);
    else if constexpr (std::is_same_v<Type, TermOptions>)
        return parse_term_options(text);
    else if constexpr (std::is_same_v<Type, std::vector<NetworkSpec>>)
        return parse_networks(text);
    else
        return parse_terms(text);
}

template <auto... Path>
FieldValue get_member(const ExperimentConfig& config) {
    using Type = Member<Path...>;
    const Type& member = reach<Path...>(config);
    if constexpr (std::is_same_v<Type, std::uint64_t>)
        return static_cast<std::int64_t>(member);
    else if constexpr (is_spec<Type>)
        return to_string(member);
    else
        return member;
}

tl::unexpected<Error> not_a(std::string_view right) {
    return failure(ErrorKind::configuration,
                   "the value is of the wrong type; " + std::string(right) + " is right.");
}

template <auto... Path>
Result<void> set_member(ExperimentConfig& config, const FieldValue& value) {
    using Type = Member<Path...>;
    Type& member = reach<Path...>(config);
    if constexpr (std::is_same_v<Type, bool>) {
        if (!std::holds_alternative<bool>(value)) return not_a("true or false");
        member = std::get<bool>(value);
    } else if constexpr (std::is_integral_v<Type>) {
        if (!std::holds_alternative<std::int64_t>(value)) return not_a("a whole number");
        if (std::is_unsigned_v<Type> && std::get<std::int64_t>(value) < 0)
            return failure(ErrorKind::configuration,
                           "the value is negative; a whole number from 0 is right.");
        member = static_cast<Type>(std::get<std::int64_t>(value));
    } else if constexpr (std::is_floating_point_v<Type>) {
        if (const auto* whole = std::get_if<std::int64_t>(&value))
            member = static_cast<double>(*whole);
        else if (const auto* real = std::get_if<double>(&value))
            member = *real;
        else
            return not_a("a number");
    } else {
        const auto* text = std::get_if<std::string>(&value);
        if (!text) return not_a("a text");
        if constexpr (std::is_same_v<Type, std::string>) {
            member = *text;
        } else {
            auto spec = parse_spec<Type>(*text);
            if (!spec) return tl::unexpected(spec.error());
            member = *spec;
        }
    }
    return {};
}

struct Range {
    double minimum = 0, maximum = 0;
};

/// Keys are made of a prefix and a name; a deque keeps each where it is.
std::string_view kept(std::string key) {
    static std::deque<std::string> keys;
    return keys.emplace_back(std::move(key));
}

template <auto... Path>
Field field(std::string_view key, std::string_view label, std::string_view unit, std::string_view tooltip,
            Range range = {}) {
    using Type = Member<Path...>;
    FieldKind kind = FieldKind::choice;
    if constexpr (std::is_same_v<Type, bool>)
        kind = FieldKind::boolean;
    else if constexpr (std::is_integral_v<Type>)
        kind = FieldKind::integer;
    else if constexpr (std::is_floating_point_v<Type>)
        kind = FieldKind::real;
    else if constexpr (std::is_same_v<Type, DatasetSpec>)
        kind = FieldKind::dataset;
    else if constexpr (std::is_same_v<Type, NetworkSpec>)
        kind = FieldKind::network;
    else if constexpr (std::is_same_v<Type, std::vector<NetworkSpec>>)
        kind = FieldKind::networks;
    else if constexpr (std::is_same_v<Type, std::vector<TermConfig>>)
        kind = FieldKind::terms;
    else if constexpr (std::is_same_v<Type, TermOptions>)
        kind = FieldKind::options;
    Field made;
    made.key = key;
    made.label = label;
    made.unit = unit;
    made.tooltip = tooltip;
    made.kind = kind;
    made.minimum = range.minimum;
    made.maximum = range.maximum;
    made.get = &get_member<Path...>;
    made.set = &set_member<Path...>;
    return made;
}

Field with_choices(Field made, std::vector<std::string_view> choices) {
    made.choices = std::move(choices);
    return made;
}

Field live(Field made) {
    made.live = true;
    return made;
}

constexpr double largest_seed = 9007199254740991.0; // 2^53 − 1: exact in readers that know doubles only

/// The settings of one network's training, once for teacher.training.* and once for training.*.
template <auto... Owner>
void add_optimization(std::vector<Field>& table, const std::string& prefix, bool rate_is_live) {
    using O = OptimizationConfig;
    const auto key = [&](std::string_view name) { return kept(prefix + "." + std::string(name)); };
    table.push_back(field<Owner..., &O::epochs>(key("epochs"), "Epochs", "epochs",
                                                "How many times the network sees every training sample.",
                                                {1, 100000}));
    table.push_back(field<Owner..., &O::batch_size>(
        key("batch_size"), "Batch size", "samples",
        "Samples per step: larger batches give steadier gradients and fewer steps per epoch.", {1, 65536}));
    table.push_back(
        with_choices(field<Owner..., &O::optimizer>(
                         key("optimizer"), "Optimizer", "",
                         "SGD with momentum, or AdamW, which scales each weight's step by itself and wants "
                         "a learning rate near 0.001."),
                     {"sgd", "adamw"}));
    Field rate = field<Owner..., &O::learning_rate>(key("learning_rate"), "Learning rate", "",
                                                    "Length of a step along the gradient before the schedule "
                                                    "scales it; too high diverges, too low crawls.",
                                                    {1e-8, 100});
    table.push_back(rate_is_live ? live(rate) : rate);
    table.push_back(field<Owner..., &O::momentum>(
        key("momentum"), "Momentum", "", "Share of the last step that the next one keeps (SGD only).",
        {0, 0.9999}));
    table.push_back(field<Owner..., &O::nesterov>(
        key("nesterov"), "Nesterov", "",
        "Takes the gradient where momentum is about to lead (SGD with momentum only)."));
    table.push_back(field<Owner..., &O::weight_decay>(
        key("weight_decay"), "Weight decay", "", "Pulls every weight towards zero to hold back overfitting.",
        {0, 10}));
    table.push_back(with_choices(
        field<Owner..., &O::schedule>(
            key("schedule"), "Schedule", "",
            "How the learning rate falls: not at all, in drops, or along half a cosine to zero."),
        {"constant", "step", "cosine"}));
    table.push_back(field<Owner..., &O::warmup_epochs>(
        key("warmup_epochs"), "Warm-up", "epochs",
        "The learning rate rises from zero to its full value over this many epochs.", {0, 100000}));
    table.push_back(field<Owner..., &O::step_every>(
        key("step_every"), "Drop every", "epochs",
        "Epochs between two drops of the learning rate (schedule step only).", {1, 100000}));
    table.push_back(field<Owner..., &O::step_factor>(
        key("step_factor"), "Drop factor", "",
        "What a drop multiplies the learning rate with (schedule step only).", {1e-6, 1}));
}

void add_data(std::vector<Field>& table) {
    constexpr auto data = &ExperimentConfig::data;
    using D = DataConfig;
    table.push_back(
        field<data, &D::dataset>("data.dataset", "Data set", "",
                                 "What the networks learn: a made set, or a folder of IDX or CIFAR files."));
    table.push_back(field<data, &D::samples>("data.samples", "Samples", "samples",
                                             "How many samples to make, or to take at most from a folder; 0 "
                                             "takes the usual number or all of them.",
                                             {0, 1000000}));
    table.back().zero = "automatic";
    table.push_back(field<data, &D::noise>(
        "data.noise", "Noise", "",
        "Standard deviation of the noise on made samples: more of it makes the task harder.", {0, 2}));
    table.push_back(
        field<data, &D::validation_fraction>("data.validation_fraction", "Validation part", "",
                                             "Share of the samples outside the test part that is held back "
                                             "to measure progress and choose the best epoch.",
                                             {0.01, 0.9}));
    table.push_back(field<data, &D::test_fraction>("data.test_fraction", "Test part", "",
                                                   "Share of the samples held back for the final report, "
                                                   "where the data bring no test part of their own.",
                                                   {0.01, 0.9}));
    table.push_back(field<data, &D::seed>(
        "data.seed", "Data seed", "",
        "Chooses which samples are made and how they are split, apart from the training seed.",
        {0, largest_seed}));
    table.push_back(field<data, &D::crop_padding>(
        "data.crop_padding", "Crop padding", "pixels",
        "Pads training pictures by this much and crops them back at a random place; 0 leaves them whole.",
        {0, 64}));
    table.push_back(field<data, &D::flip>(
        "data.flip", "Mirror", "",
        "Mirrors every other training picture left to right; wrong for digits and text."));
}

void add_distillation(std::vector<Field>& table) {
    constexpr auto distillation = &ExperimentConfig::distillation;
    using D = DistillationConfig;
    std::vector<std::string_view> objectives;
    for (const ObjectiveEntry& entry : objective_catalogue())
        if (entry.group == ObjectiveGroup::answers) objectives.push_back(entry.id);
    std::vector<std::string_view> schemes;
    for (const SchemeEntry& entry : scheme_catalogue())
        schemes.push_back(entry.id);
    table.push_back(with_choices(field<distillation, &D::scheme>("distillation.scheme", "Scheme", "",
                                                                 "Who learns from whom, and in which order."),
                                 std::move(schemes)));
    table.push_back(with_choices(
        field<distillation, &D::objective>("distillation.objective", "Objective", "",
                                           "How the student's answers are held against the teacher's."),
        std::move(objectives)));
    // Above 100 the T² of the soft term magnifies float32's rounding of the KL to about 0.01 and more;
    // mse-logits is the limit of a high temperature.
    table.push_back(
        live(field<distillation, &D::temperature>("distillation.temperature", "Temperature", "",
                                                  "Softens both networks' answers before they are compared: "
                                                  "higher shows more of the teacher's small probabilities.",
                                                  {0.05, 100})));
    table.push_back(live(field<distillation, &D::hard_weight>(
        "distillation.hard_weight", "Labels", "",
        "hard_weight: how much the cross-entropy with the labels counts in the loss.", {0, 1e6})));
    table.push_back(live(field<distillation, &D::soft_weight>(
        "distillation.soft_weight", "Teacher", "",
        "soft_weight: how much likeness to the teacher's answers counts in the loss.", {0, 1e6})));
    table.push_back(
        field<distillation, &D::t_squared>("distillation.t_squared", "Multiply by T²", "",
                                           "Keeps the size of the soft term's gradient when the temperature "
                                           "changes (Hinton 2015); some libraries leave it out."));
    table.push_back(field<distillation, &D::options>(
        "distillation.options", "Options", "", "Further numbers of the objective, as in beta=8,gamma=1."));
    table.push_back(field<distillation, &D::terms>(
        "distillation.terms", "More terms", "",
        "Further terms of the loss, each with weight, taps and options, as in at:weight=1000;rkd."));
    table.push_back(field<distillation, &D::assistants>(
        "distillation.assistants", "Assistants", "",
        "Networks between teacher and student, largest first (scheme assistants only)."));
    table.push_back(field<distillation, &D::peers>(
        "distillation.peers", "Peers", "",
        "Networks that learn together with the student; none means its twin (scheme mutual only)."));
    table.push_back(field<distillation, &D::generations>(
        "distillation.generations", "Generations", "students",
        "How many students follow each other (scheme born-again only).", {1, 20}));
}

void add_training(std::vector<Field>& table) {
    constexpr auto training = &ExperimentConfig::training;
    using T = TrainingConfig;
    add_optimization<training>(table, "training", true);
    table.push_back(field<training, &T::seed>(
        "training.seed", "Seed", "",
        "Starts initialisation, order of samples and augmentation: the same seed, the same numbers.",
        {0, largest_seed}));
    Field device =
        with_choices(field<training, &T::device>(
                         "training.device", "Device", "",
                         "Where to train: auto takes the first GPU that LibTorch sees, else the CPU."),
                     {"auto", "cpu", "cuda:0"});
    device.open_choice = true;
    table.push_back(device);
    table.push_back(
        with_choices(field<training, &T::precision>(
                         "training.precision", "Precision", "",
                         "float32; tf32: NVIDIA GPUs multiply with 10 bits of mantissa instead of 23; or "
                         "bfloat16 (7 bits) where it is safe: fastest, coarsest."),
                     {"float32", "tf32", "bfloat16"}));
    table.push_back(
        field<training, &T::threads>("training.threads", "Threads", "threads",
                                     "CPU threads that training uses; 0 takes one per core, and another "
                                     "count gives numbers that differ in the last digits.",
                                     {0, 1024}));
    table.back().zero = "automatic";
    table.push_back(field<training, &T::checkpoint_minutes>(
        "training.checkpoint_minutes", "Save every", "minutes",
        "Longest time between two saves of a run that is on, besides the one at the end of every epoch.",
        {0.1, 1440}));
    table.push_back(field<training, &T::keep_every>("training.keep_every", "Keep every", "epochs",
                                                    "Keeps the checkpoint of every so many epochs with the "
                                                    "project, besides the last and the best; 0: none.",
                                                    {0, 1'000'000}));
    table.back().zero = "none";
    table.push_back(field<training, &T::keep_budget>(
        "training.keep_budget", "Kept at most", "MB",
        "Room for a run's kept checkpoints; the oldest beyond it go, the last and the best never.",
        {1, 16'777'216}));
}

} // namespace

std::vector<Field> make_field_table() {
    std::vector<Field> table;
    add_data(table);
    table.push_back(field<&ExperimentConfig::teacher, &TeacherConfig::network>(
        "teacher.model", "Teacher's network", "",
        "The network that teaches; it is trained first and kept, unless weights=FILE names weights to use."));
    table.push_back(field<&ExperimentConfig::teacher, &TeacherConfig::more>(
        "teacher.more", "More teachers", "",
        "Further teachers beside the first, as in resnet20;lenet: the student hears their average."));
    table.push_back(
        with_choices(field<&ExperimentConfig::teacher, &TeacherConfig::average>(
                         "teacher.average", "Average of", "",
                         "What of several teachers is averaged: their probabilities or their logits."),
                     {"probabilities", "logits"}));
    table.push_back(with_choices(
        field<&ExperimentConfig::teacher, &TeacherConfig::cache>(
            "teacher.cache", "Keep answers", "",
            "Asks the teacher once for each sample and view and keeps the answer, for later runs "
            "too. auto: where that is exact; float32: the same bits as asking again, or refused; "
            "half: half the room, each logit off by at most 2^-11 of itself."),
        {"auto", "float32", "half", "off"}));
    table.push_back(field<&ExperimentConfig::teacher, &TeacherConfig::cache_budget>(
        "teacher.cache_budget", "Answer memory", "MB",
        "Kept answers that take more than this are read from the disk instead.", {1, 1048576}));
    add_optimization<&ExperimentConfig::teacher, &TeacherConfig::training>(table, "teacher.training", false);
    table.push_back(field<&ExperimentConfig::student, &StudentConfig::network>(
        "student.model", "Student's network", "",
        "The network that learns from the teacher, usually a smaller one."));
    table.push_back(field<&ExperimentConfig::student, &StudentConfig::train_alone>(
        "student.alone", "Train alone too", "",
        "Also trains the same student without the teacher, with the same seed and order: the baseline to "
        "beat."));
    add_distillation(table);
    add_training(table);
    return table;
}

} // namespace limbeck
