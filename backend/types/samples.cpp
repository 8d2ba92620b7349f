// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "backend/types/catalogue.h"

namespace limbeck {

namespace {

/// The sample that a fresh installation trains with no window: a small convolutional teacher and a
/// tiny mlp, over in about a minute on two cores.
ExperimentConfig glyphs() {
    ExperimentConfig config;
    config.data.dataset = {"glyphs", {}};
    config.teacher.network = {"lenet", {}, {}};
    config.teacher.training.epochs = 5;
    config.teacher.training.learning_rate = 0.02;
    config.student.network = {"mlp", {{"hidden", "32"}}, {}};
    config.training.epochs = 20;
    // From 0.05 on the soft term, scaled by T², makes the student diverge.
    config.training.learning_rate = 0.01;
    return config;
}

ExperimentConfig planar(const char* kind, double noise, double temperature) {
    ExperimentConfig config;
    config.data.dataset = {kind, {}};
    config.data.noise = noise;
    config.teacher.network = {"mlp", {{"hidden", "64x64"}}, {}};
    config.teacher.training.epochs = 60;
    config.teacher.training.optimizer = "adamw";
    config.teacher.training.learning_rate = 0.01;
    config.student.network = {"mlp", {{"hidden", "8x8"}}, {}};
    config.distillation.temperature = temperature;
    config.training.epochs = 60;
    config.training.optimizer = "adamw";
    config.training.learning_rate = 0.01;
    return config;
}

ExperimentConfig fashion_mnist() {
    ExperimentConfig config;
    config.data.dataset = {"idx", {}};
    config.teacher.network = {"resnet8", {}, {}};
    config.teacher.training.epochs = 10;
    config.teacher.training.batch_size = 128;
    config.teacher.training.learning_rate = 0.1;
    config.student.network = {"mlp", {{"hidden", "64"}}, {}};
    config.training.epochs = 15;
    config.training.batch_size = 128;
    // T² times the divergence pulls harder than the labels do: at 0.05 the taught student bounces.
    config.training.learning_rate = 0.02;
    return config;
}

ExperimentConfig cifar10() {
    ExperimentConfig config;
    config.data.dataset = {"cifar10", {}};
    config.data.crop_padding = 4;
    config.data.flip = true;
    config.teacher.network = {"resnet56", {}, {}};
    config.teacher.training.epochs = 100;
    config.teacher.training.batch_size = 128;
    config.teacher.training.learning_rate = 0.1;
    config.teacher.training.warmup_epochs = 1;
    config.student.network = {"resnet8", {}, {}};
    config.training.epochs = 100;
    config.training.batch_size = 128;
    config.training.learning_rate = 0.1;
    return config;
}

} // namespace

std::span<const SampleExperiment> sample_experiments() {
    static const std::vector<SampleExperiment> samples{
        {"glyphs", "Glyphs: a convolutional teacher, a tiny student",
         "Drawn digits; a LeNet teaches an MLP with one hidden layer of 32. About a minute on two cores.",
         glyphs()},
        {"moons", "Moons: two classes in the plane", "A wide MLP teaches a narrow one; over in seconds.",
         planar("moons", 0.2, 2)},
        {"spirals", "Spirals: three arms in the plane", "Hard for the narrow student alone; over in seconds.",
         planar("spirals", 0.1, 4)},
        {"circles", "Circles: a disc and two rings", "The gentlest of the samples; over in seconds.",
         planar("circles", 0.15, 2)},
        {"fashion-mnist", "Fashion-MNIST: a residual teacher",
         "Choose the folder with the four IDX files; a ResNet-8 teaches an MLP. Minutes on a CPU.",
         fashion_mnist()},
        {"cifar10", "CIFAR-10: ResNet-56 teaches ResNet-8",
         "Choose the folder of the binary version; wants a GPU.", cifar10()},
    };
    return samples;
}

const SampleExperiment* find_sample(std::string_view id) {
    const auto all = sample_experiments();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& sample) { return sample.id == id; });
    return found == all.end() ? nullptr : &*found;
}

} // namespace limbeck
