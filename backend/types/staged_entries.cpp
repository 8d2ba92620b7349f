// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/objective_entries.h"

namespace limbeck {

namespace {

OptionEntry initial_stage(std::string_view description) {
    return {.key = initial_epochs_option,
            .label = "Initial stage",
            .description = description,
            .value = 30,
            .minimum = 0,
            .maximum = 10000,
            .is_whole = true};
}

ObjectiveEntry fsp() {
    return {.id = "fsp",
            .title = "Flow of solution procedure",
            .description = "The student first learns how the teacher's features change from level to level.",
            .when = "To give a student of the teacher's own widths a better start than chance. The numbers "
                    "of channels must be equal.",
            .paper = "Yim, Joo, Bae, Kim 2017, CVPR",
            .formula = "FSP",
            .definition = "Σ<sub>levels</sub> mean (G<sub>s</sub> − G<sub>t</sub>)<sup>2</sup>, "
                          "G<sub>ij</sub> = mean<sub>positions</sub> f<sub>i</sub><sup>level</sup> · "
                          "f<sub>j</sub><sup>next level</sup><br>the larger picture of a pair is pooled to "
                          "the smaller; after the initial stage the term is 0",
            .group = ObjectiveGroup::features,
            .uses_temperature = false,
            .uses_t_squared = false,
            .hard_weight = 1,
            .weight = 50,
            .taps = DefaultTaps::stem_to_last_stage,
            .options = {initial_stage("Epochs in which the student learns from this term alone. With 0 it "
                                      "counts beside the labels for the whole run instead.")}};
}

ObjectiveEntry ab() {
    return {
        .id = "ab",
        .title = "Activation boundaries",
        .description = "The student first learns which neurons of the teacher fire, rather than how much.",
        .when = "For short trainings and few samples: the student starts from the teacher's decisions.",
        .paper = "Heo, Lee, Yun, Choi 2019, arXiv:1811.03233",
        .formula = "AB",
        .definition = "3/(1000·B) Σ<sub>i=1..n</sub> 2<sup>i−n</sup> Σ max(0, m − sign(<i>t</i>) "
                      "<i>s</i>)<sup>2</sup> over all neurons of level i before their activation, "
                      "sign(0) = −1<br>where channels differ a 1×1 convolution with batch norm connects "
                      "the student; after the initial stage the term is 0",
        .group = ObjectiveGroup::features,
        .uses_temperature = false,
        .uses_t_squared = false,
        .hard_weight = 1,
        .weight = 1,
        .taps = DefaultTaps::stages,
        .preactivations = true,
        .adapter = AdapterNeed::optional,
        .options = {{.key = "margin",
                     .label = "Margin m",
                     .description = "How far beyond the boundary the student's neuron shall be.",
                     .value = 1,
                     .minimum = 0,
                     .maximum = 100},
                    {.key = adapter_option,
                     .label = "Connectors everywhere",
                     .description = "A connector on every level; else only where the channels differ.",
                     .value = 0,
                     .minimum = 0,
                     .maximum = 1,
                     .is_switch = true},
                    initial_stage("Epochs in which the student learns from this term alone. With 0 it counts "
                                  "beside the labels for the whole run instead.")}};
}

OptionEntry power(std::string_view key, std::string_view label, std::string_view description, double value) {
    return {.key = key,
            .label = label,
            .description = description,
            .value = value,
            .minimum = 1,
            .maximum = 4,
            .is_whole = true};
}

ObjectiveEntry ft() {
    return {.id = "ft",
            .title = "Factor transfer",
            .description = "A translator on the student's side learns to say what a paraphraser has made of "
                           "the teacher's feature.",
            .when = "When student and teacher are built so differently that their channels mean nothing to "
                    "each other.",
            .paper = "Kim, Park, Kwak 2018, arXiv:1802.04977",
            .formula = "FT",
            .definition = "mean |φ(F<sub>s</sub>) − φ(F<sub>t</sub>)|<sup>p2</sup>, φ = mean over channels "
                          "of f<sup>p1</sup>, L2-normalised over positions<br>F<sub>t</sub> from the "
                          "paraphraser, three 3×3 convolutions with batch norm and leaky ReLU that the "
                          "initial stage trains to be undone by three more; F<sub>s</sub> from the "
                          "translator, built alike",
            .group = ObjectiveGroup::features,
            .uses_temperature = false,
            .uses_t_squared = false,
            .hard_weight = 1,
            .weight = 200,
            .taps = DefaultTaps::last_stage,
            .adapter = AdapterNeed::optional,
            .options = {power("p1", "Power p1", "Of the values whose mean over channels is compared.", 2),
                        power("p2", "Power p2", "Of the differences.", 1),
                        {.key = "rate",
                         .label = "Paraphrase rate",
                         .description = "Channels of the factors, as a share of the teacher's.",
                         .value = 0.5,
                         .minimum = 0.01,
                         .maximum = 4},
                        {.key = adapter_option,
                         .label = "Paraphraser and translator",
                         .description = "Without them the features themselves are the factors.",
                         .value = 1,
                         .minimum = 0,
                         .maximum = 1,
                         .is_switch = true},
                        initial_stage("Epochs in which the paraphraser learns and the student rests. With 0 "
                                      "the paraphraser stays as it was drawn.")}};
}

} // namespace

std::vector<ObjectiveEntry> staged_entries() {
    return {fsp(), ab(), ft()};
}

} // namespace limbeck
