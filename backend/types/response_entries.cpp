// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/objective_entries.h"

namespace limbeck {

std::vector<ObjectiveEntry> response_entries() {
    std::vector<ObjectiveEntry> entries;
    entries.push_back(
        {.id = "kd",
         .title = "Knowledge distillation",
         .description = "KL divergence of the softened answers: the student learns the teacher's "
                        "doubts too.",
         .when = "Always a good start, and hard to beat when training is long enough.",
         .paper = "Hinton, Vinyals, Dean 2015, arXiv:1503.02531",
         .formula = "T²·KL",
         .definition = "T<sup>2</sup> · mean<sub>B</sub> Σ<sub>c</sub> <i>p</i> log(<i>p</i>/<i>q</i>)"});
    entries.push_back(
        {.id = "soft-ce",
         .title = "Soft cross-entropy",
         .description = "Cross-entropy with the teacher's softened answers: kd plus the teacher's "
                        "entropy, so the same gradient.",
         .when = "To compare with code that logs cross-entropy; it trains exactly as kd does.",
         .paper = "Hinton, Vinyals, Dean 2015, arXiv:1503.02531",
         .formula = "T²·CE(teacher)",
         .definition = "T<sup>2</sup> · mean<sub>B</sub> Σ<sub>c</sub> −<i>p</i> log <i>q</i>"});
    entries.push_back(
        {.id = "mse-logits",
         .title = "Logit regression",
         .description = "Mean squared difference of the logits, without a softmax.",
         .when = "When the teacher's logits are well scaled; the limit of kd at a high temperature.",
         .paper = "Ba, Caruana 2014, arXiv:1312.6184",
         .formula = "MSE(s/T, t/T)",
         .definition = "mean<sub>B·C</sub> (<i>s</i>/T − <i>t</i>/T)<sup>2</sup>",
         .uses_t_squared = false,
         .temperature = 1});
    return entries;
}

} // namespace limbeck
