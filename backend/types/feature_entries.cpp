// SPDX-License-Identifier: GPL-3.0-or-later
// The objectives that compare features value by value, in words.
#include <utility>

#include "backend/types/objective_entries.h"

namespace limbeck {

std::vector<ObjectiveEntry> feature_entries() {
    const OptionEntry adapter{
        "adapter",
        "Adapter",
        "Layers that bring the student's features to the teacher's shape; without them the "
        "shapes must be equal.",
        1,
        0,
        1,
        true};
    std::vector<ObjectiveEntry> entries{
        {.id = "hint",
         .title = "FitNets hint",
         .description = "The student's features, through a small regressor, are to equal the teacher's.",
         .when = "A thin, deep student; the oldest of the feature terms and a good first one.",
         .paper = "Romero et al. 2015, arXiv:1412.6550",
         .formula = "Hint",
         .definition = "mean (<i>r</i>(<i>f</i><sub>s</sub>) − <i>f</i><sub>t</sub>)<sup>2</sup>, <i>r</i>: "
                       "convolution "
                       "or deconvolution, batch norm, ReLU",
         .weight = 100,
         .taps = DefaultTaps::second_stage,
         .adapter = AdapterNeed::optional,
         .options = {adapter}},
        {.id = "cc",
         .title = "Correlation congruence",
         .description = "Differences of embeddings, correlated between neighbours of the batch.",
         .when = "Together with kd; the weight is small on purpose.",
         .paper = "Peng et al. 2019, arXiv:1904.01802",
         .formula = "CC",
         .definition =
             "mean<sub>i</sub> Σ<sub>d</sub> |Δ<sub>i</sub>| · |Δ<sub>i+1</sub>|, Δ: difference of the "
             "embeddings",
         .weight = 0.02,
         .taps = DefaultTaps::pooled,
         .adapter = AdapterNeed::optional,
         .batch_dependent = true,
         .options = {adapter,
                     {"embedding", "Embedding", "Width of the linear embeddings.", 128, 1, 65536, false,
                      true}}},
        {.id = "vid",
         .title = "Variational information",
         .description =
             "How well the teacher's features can be told from the student's: a Gaussian with a learned "
             "variance a channel.",
         .when = "When some of the teacher's channels cannot be matched: they are given up by themselves.",
         .paper = "Ahn, Hu, Damianou, Lawrence, Dai 2019, arXiv:1904.05835",
         .formula = "VID",
         .definition =
             "Σ<sub>levels</sub> mean ½[(<i>μ</i>(<i>f</i><sub>s</sub>) − <i>f</i><sub>t</sub>)<sup>2</sup>/"
             "<i>σ</i><sup>2</sup> + log <i>σ</i><sup>2</sup>], <i>σ</i><sup>2</sup> = softplus(<i>θ</i>) + "
             "10<sup>−5</sup>; <i>μ</i>: three 1×1 convolutions",
         .weight = 1,
         .taps = DefaultTaps::stages,
         .adapter = AdapterNeed::always,
         .options = {{"init_variance", "Variance at the start", "σ² before the first step.", 5, 0.01, 500}}},
    };
    return as_features(std::move(entries));
}

} // namespace limbeck
