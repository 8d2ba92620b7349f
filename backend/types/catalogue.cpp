// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/catalogue.h"

#include <algorithm>

namespace limbeck {

namespace {

ModelEntry resnet(std::string_view name, std::string_view title, std::string_view description) {
    return {name, title, description, "He et al. 2016, arXiv:1512.03385", {}, true, 8};
}

} // namespace

std::span<const DatasetEntry> dataset_catalogue() {
    static const std::vector<DatasetEntry> entries{
        {"glyphs",
         "Glyphs",
         "Stroke-drawn digits, 28x28, made by Limbeck: 10 classes, bent, blurred and noisy.",
         false,
         12000,
         {1, 28, 28}},
        {"moons",
         "Moons",
         "Two half moons that reach into each other: points in the plane, 2 classes.",
         false,
         2000,
         {2}},
        {"spirals", "Spirals", "Three arms of a spiral: points in the plane, 3 classes.", false, 3000, {2}},
        {"circles",
         "Circles",
         "A disc and two rings around it: points in the plane, 3 classes.",
         false,
         3000,
         {2}},
        {"idx",
         "IDX folder",
         "A folder of IDX files, plain or .gz: MNIST, Fashion-MNIST, KMNIST, EMNIST.",
         true,
         0,
         {}},
        {"cifar10",
         "CIFAR-10",
         "The folder of CIFAR-10's binary version: 32x32 colour pictures, 10 classes.",
         true,
         0,
         {3, 32, 32}},
        {"cifar100",
         "CIFAR-100",
         "The folder of CIFAR-100's binary version: 32x32 colour pictures, 100 classes.",
         true,
         0,
         {3, 32, 32}},
    };
    return entries;
}

std::span<const ModelEntry> model_catalogue() {
    static const std::vector<ModelEntry> entries{
        {"mlp",
         "MLP",
         "Fully connected layers with ReLU; hidden widths as in hidden=64x64.",
         "",
         {"hidden"},
         false,
         0},
        {"lenet",
         "LeNet",
         "Two small convolutions and three linear layers.",
         "LeCun et al. 1998, Proc. IEEE 86(11)",
         {},
         true,
         12},
        resnet("resnet8", "ResNet-8", "The smallest of the CIFAR residual networks."),
        resnet("resnet14", "ResNet-14", "A CIFAR residual network with two blocks a stage."),
        resnet("resnet20", "ResNet-20", "A CIFAR residual network with three blocks a stage."),
        resnet("resnet32", "ResNet-32", "A CIFAR residual network with five blocks a stage."),
        resnet("resnet44", "ResNet-44", "A CIFAR residual network with seven blocks a stage."),
        resnet("resnet56", "ResNet-56", "A CIFAR residual network with nine blocks a stage."),
        resnet("resnet110", "ResNet-110",
               "A CIFAR residual network with eighteen blocks a stage: slow without a GPU."),
    };
    return entries;
}

std::span<const ObjectiveEntry> objective_catalogue() {
    static const std::vector<ObjectiveEntry> entries{
        {"kd", "Knowledge distillation",
         "KL divergence of the softened answers: the student learns the teacher's doubts too.",
         "Hinton, Vinyals, Dean 2015, arXiv:1503.02531", "T²·KL", true, true, 4, 0.1, 0.9},
        {"soft-ce", "Soft cross-entropy",
         "Cross-entropy with the teacher's softened answers: kd plus the teacher's entropy, so the same "
         "gradient.",
         "Hinton, Vinyals, Dean 2015, arXiv:1503.02531", "T²·CE(teacher)", true, true, 4, 0.1, 0.9},
        {"mse-logits", "Logit regression", "Mean squared difference of the logits, without a softmax.",
         "Ba, Caruana 2014, arXiv:1312.6184", "MSE(s/T, t/T)", true, false, 1, 0.1, 0.9},
    };
    return entries;
}

const DatasetEntry* find_dataset(std::string_view kind) {
    const auto all = dataset_catalogue();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.kind == kind; });
    return found == all.end() ? nullptr : &*found;
}

const ModelEntry* find_model(std::string_view name) {
    const auto all = model_catalogue();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.name == name; });
    return found == all.end() ? nullptr : &*found;
}

const ObjectiveEntry* find_objective(std::string_view id) {
    const auto all = objective_catalogue();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.id == id; });
    return found == all.end() ? nullptr : &*found;
}

} // namespace limbeck
