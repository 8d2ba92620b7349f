// SPDX-License-Identifier: GPL-3.0-or-later
// Contrast, review, and the reused classifier.
#include "backend/types/objective_entries.h"

namespace limbeck {

namespace {

ObjectiveEntry crd() {
    return {
        .id = "crd",
        .title = "Contrastive representation distillation",
        .description = "Student and teacher shall see the same sample alike and samples of other classes "
                       "differently; two banks remember every sample.",
        .when = "For the best accuracy that features give on CIFAR-sized data, also between unlike "
                "architectures. Keeps two vectors a sample in memory.",
        .paper = "Tian, Krishnan, Isola 2020, arXiv:1910.10699",
        .formula = "CRD",
        .definition = "−mean<sub>B</sub> [log h(e, b<sub>y</sub>) + Σ<sub>K</sub> log(1 − h(e, "
                      "b<sub>k</sub>))], once with the student's embedding e against the teacher's bank "
                      "and once the other way round<br>h = g/(g + K/N), g = exp(e·b/τ)/Z, Z from the first "
                      "batch; banks move by b ← norm(μ b + (1 − μ) e)<br>K is at most the number of "
                      "training samples of other classes",
        .group = ObjectiveGroup::features,
        .needs_labels = true,
        .uses_temperature = false,
        .uses_t_squared = false,
        .hard_weight = 1,
        .weight = 0.8,
        .taps = DefaultTaps::pooled,
        .adapter = AdapterNeed::always,
        .options = {{.key = "nce_k",
                     .label = "Negatives K",
                     .description = "Samples of other classes that each sample is held against; fewer where "
                                    "the data have fewer.",
                     .value = 16384,
                     .minimum = 1,
                     .maximum = 1e6,
                     .is_whole = true},
                    {.key = "tau",
                     .label = "τ",
                     .description = "Temperature of the contrast, not of the answers.",
                     .value = 0.07,
                     .minimum = 0.001,
                     .maximum = 10},
                    {.key = "momentum",
                     .label = "Momentum μ",
                     .description = "Share of the old entry when a sample's entry in a bank is renewed.",
                     .value = 0.5,
                     .minimum = 0,
                     .maximum = 1},
                    {.key = "embedding",
                     .label = "Embedding",
                     .description = "Length of the embedded vectors.",
                     .value = 128,
                     .minimum = 1,
                     .maximum = 4096,
                     .is_whole = true}}};
}

constexpr std::string_view context_loss =
    "HCL = Σ<sub>levels</sub> Σ<sub>l</sub> w<sub>l</sub> mean (pool<sub>l</sub> s − pool<sub>l</sub> "
    "t)<sup>2</sup> / Σ<sub>l</sub> w<sub>l</sub>, of the picture itself (w = 1) and pooled to 4×4, 2×2 and "
    "1×1 where it is larger (w = ½, ¼, ⅛)";

ObjectiveEntry reviewkd() {
    return {.id = "reviewkd",
            .title = "Knowledge review",
            .description = "Each level of the teacher teaches the student's level and all deeper ones, fused "
                           "by attention.",
            .when = "When the layers themselves shall be matched and some parameters more in training do no "
                    "harm; among the best on pictures.",
            .paper = "Chen, Liu, Zhao, Jia 2021, arXiv:2104.09044",
            .formula = "ReviewKD",
            .definition = "HCL of the fused student with the teacher before its activation<br>from deep to "
                          "shallow: x ← conv 1×1 of the level, fused with the deeper result y (enlarged) as "
                          "a<sub>1</sub> x + a<sub>2</sub> y, a = σ(conv 1×1 of both); compared is conv 3×3 "
                          "of x at the teacher's size. x has as many channels as the student's deepest "
                          "level, 512 at most<br>HCL as in reviewkd-hcl",
            .group = ObjectiveGroup::features,
            .uses_temperature = false,
            .uses_t_squared = false,
            .hard_weight = 1,
            .weight = 1,
            .taps = DefaultTaps::stages_and_pooled,
            .teacher_preactivations = true,
            .adapter = AdapterNeed::always,
            .batch_dependent = true,
            .options = {{.key = warmup_epochs_option,
                         .label = "Warm-up",
                         .description = "Epochs in which the weight rises to its value.",
                         .value = 20,
                         .minimum = 0,
                         .maximum = 10000,
                         .is_whole = true}}};
}

ObjectiveEntry hierarchical_context() {
    return {.id = "reviewkd-hcl",
            .title = "Hierarchical context loss",
            .description = "Knowledge review's comparison alone, without its fusion: squared differences at "
                           "several sizes of the picture.",
            .when = "To match features of equal shape, or to hold the loss of reviewkd against another.",
            .paper = "Chen, Liu, Zhao, Jia 2021, arXiv:2104.09044",
            .formula = "HCL",
            .definition = context_loss,
            .group = ObjectiveGroup::features,
            .uses_temperature = false,
            .uses_t_squared = false,
            .hard_weight = 1,
            .weight = 1,
            .taps = DefaultTaps::stages};
}

ObjectiveEntry simkd() {
    return {.id = "simkd",
            .title = "The teacher's classifier reused",
            .description = "The student learns the teacher's last feature through a projector and answers "
                           "with the teacher's own classifier.",
            .when = "To come close to the teacher's accuracy, where the student may keep the projector and "
                    "the classifier: both become part of it.",
            .paper = "Chen, Mei, Zhang, Wang, Feng, Chen 2022, arXiv:2203.14001",
            .formula = "SimKD",
            .definition = "mean (P(f<sub>s</sub>) − f<sub>t</sub>)<sup>2</sup>, P = conv 1×1 to half of the "
                          "teacher's channels, conv 3×3, conv 1×1, each with batch norm and ReLU (one linear "
                          "layer for vectors)<br>answers: the teacher's classifier of P(f<sub>s</sub>), "
                          "which is not trained",
            .group = ObjectiveGroup::features,
            .uses_temperature = false,
            .uses_t_squared = false,
            .hard_weight = 0,
            .weight = 1,
            .taps = DefaultTaps::last_stage,
            .adapter = AdapterNeed::optional,
            .batch_dependent = true,
            .options = {{.key = adapter_option,
                         .label = "Projector",
                         .description = "Without it the two features must have equal channels.",
                         .value = 1,
                         .minimum = 0,
                         .maximum = 1,
                         .is_switch = true}}};
}

} // namespace

std::vector<ObjectiveEntry> review_entries() {
    return {crd(), reviewkd(), hierarchical_context(), simkd()};
}

} // namespace limbeck
