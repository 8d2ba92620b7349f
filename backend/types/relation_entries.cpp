// SPDX-License-Identifier: GPL-3.0-or-later
// The objectives that compare features without adapters, in words. F, f: features of student (s) and teacher
// (t).
#include <utility>

#include "backend/types/objective_entries.h"

namespace limbeck {

std::vector<ObjectiveEntry> relation_entries() {
    std::vector<ObjectiveEntry> entries{
        {.id = "at",
         .title = "Attention transfer",
         .description = "Where in the picture each stage is active, whatever its number of channels.",
         .when = "Pictures whose parts matter; student and teacher of one family.",
         .paper = "Zagoruyko, Komodakis 2017, arXiv:1612.03928",
         .formula = "AT",
         .definition = "Σ<sub>levels</sub> mean (<i>a</i><sub>s</sub> − <i>a</i><sub>t</sub>)<sup>2</sup>, "
                       "<i>a</i> = mean<sub>c</sub> |<i>f</i>|<sup>p</sup> at length 1",
         .weight = 1000,
         .taps = DefaultTaps::stages,
         .options = {{"p", "p", "Power of the activations in an attention map.", 2, 0.5, 8}}},
        {.id = "sp",
         .title = "Similarity preserving",
         .description =
             "Which samples of a batch are alike: both networks' matrices of likeness are compared.",
         .when = "Networks of different families: widths and sizes need not fit.",
         .paper = "Tung, Mori 2019, arXiv:1907.09682",
         .formula = "SP",
         .definition = "‖rownorm(<i>G</i><sub>t</sub>) − rownorm(<i>G</i><sub>s</sub>)‖² / B<sup>2</sup>, "
                       "<i>G</i> = <i>FF</i><sup>⊤</sup>",
         .weight = 3000,
         .taps = DefaultTaps::last_stage,
         .batch_dependent = true},
        {.id = "rkd",
         .title = "Relational KD",
         .description = "Distances and angles between the samples of a batch.",
         .when = "Embeddings and metric learning; any pair of networks.",
         .paper = "Park, Kim, Lu, Cho 2019, arXiv:1904.05068",
         .formula = "RKD",
         .definition =
             "25 · ℓ<sub>1</sub>(distances / their mean) + 50 · ℓ<sub>1</sub>(cos of the angles of all "
             "triples), ℓ<sub>1</sub>: smooth-L1",
         .weight = 1,
         .taps = DefaultTaps::pooled,
         .batch_dependent = true,
         .options = {{"distance_weight", "Distances", "Weight of the distances of pairs.", 25, 0, 1e6},
                     {"angle_weight", "Angles", "Weight of the angles of triples.", 50, 0, 1e6}}},
        {.id = "pkt",
         .title = "Probabilistic transfer",
         .description = "The likenesses of a batch as a distribution, compared by KL divergence.",
         .when = "As sp, where a bounded likeness is wanted.",
         .paper = "Passalis, Tefas 2018, arXiv:1803.10837",
         .formula = "PKT",
         .definition =
             "mean<sub>B×B</sub> <i>P</i> log(<i>P</i>/<i>Q</i>) of cosine similarities in 0…1, rows "
             "summing to 1",
         .weight = 30000,
         .taps = DefaultTaps::pooled,
         .batch_dependent = true},
        {.id = "nst",
         .title = "Neuron selectivity",
         .description =
             "Which positions excite the channels: both sets of channels as distributions over the "
             "picture.",
         .when = "As at, where more than the mean over the channels should count.",
         .paper = "Huang, Wang 2017, arXiv:1707.01219",
         .formula = "NST",
         .definition =
             "Σ<sub>levels</sub> MMD<sup>2</sup> of the channels (unit vectors over the positions) with "
             "the kernel ⟨<i>a</i>, <i>b</i>⟩<sup>2</sup>",
         .weight = 50,
         .taps = DefaultTaps::stages},
        {.id = "kdsvd",
         .title = "Singular vectors",
         .description =
             "The strongest direction of each stage's maps, and how it changes from stage to stage.",
         .when = "For comparison with the literature; rarely the best.",
         .paper = "Lee, Kim, Song 2018, arXiv:1807.06819",
         .formula = "KD-SVD",
         .definition =
             "Σ<sub>levels</sub> ‖<i>R</i><sub>s</sub> − <i>R</i><sub>t</sub>‖² / B, <i>R</i> = "
             "exp(−(<i>v</i><sub>i</sub> − <i>v</i><sub>i−1</sub>)<sup>2</sup>/8), <i>v</i>: first right "
             "singular vector, largest component positive",
         .weight = 1,
         .taps = DefaultTaps::stages},
    };
    return as_features(std::move(entries));
}

} // namespace limbeck
