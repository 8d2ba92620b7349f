// SPDX-License-Identifier: GPL-3.0-or-later
// The objectives that compare answers alone, in words. In the definitions p and q are the softened answers of
// teacher and student, P and Q those at the option's temperature (1 unless set).
#include "backend/types/objective_entries.h"

namespace limbeck {

namespace {

constexpr const char* hinton = "Hinton, Vinyals, Dean 2015, arXiv:1503.02531";

OptionEntry standardize() {
    return {"standardize",
            "Standardise logits",
            "Shifts and scales each row of logits to mean 0 and deviation 1 on both sides first, so that "
            "the student need not match their size (Sun et al. 2024, arXiv:2403.01427; they use T 2, "
            "labels 0.1, teacher 9).",
            0,
            0,
            1,
            true};
}

std::vector<ObjectiveEntry> distributions() {
    return {
        {.id = "kd",
         .title = "Knowledge distillation",
         .description = "KL divergence of the softened answers: the student learns the teacher's doubts too.",
         .when = "Always a good start, and hard to beat when training is long enough.",
         .paper = hinton,
         .formula = "T²·KL",
         .definition = "T<sup>2</sup> · mean<sub>B</sub> Σ<sub>c</sub> <i>p</i> log(<i>p</i>/<i>q</i>)",
         .options = {standardize()}},
        {.id = "soft-ce",
         .title = "Soft cross-entropy",
         .description =
             "Cross-entropy with the teacher's softened answers: kd plus the teacher's entropy, so the "
             "same gradient.",
         .when = "To compare with code that logs cross-entropy; it trains exactly as kd does.",
         .paper = hinton,
         .formula = "T²·CE(teacher)",
         .definition = "T<sup>2</sup> · mean<sub>B</sub> Σ<sub>c</sub> −<i>p</i> log <i>q</i>"},
        {.id = "mse-logits",
         .title = "Logit regression",
         .description = "Mean squared difference of the logits, without a softmax.",
         .when = "When the teacher's logits are well scaled; the limit of kd at a high temperature.",
         .paper = "Ba, Caruana 2014, arXiv:1312.6184",
         .formula = "MSE(s/T, t/T)",
         .definition = "mean<sub>B·C</sub> (<i>s</i>/T − <i>t</i>/T)<sup>2</sup>",
         .uses_t_squared = false,
         .temperature = 1},
        {.id = "reverse-kl",
         .title = "Reverse KL",
         .description =
             "KL from the student to the teacher: the student keeps to what the teacher finds likely.",
         .when =
             "When the student is too small to cover everything the teacher says: it picks a mode instead.",
         .paper = "Gu, Dong, Wei, Huang 2024, arXiv:2306.08543",
         .formula = "KL(Q‖P)",
         .definition = "mean<sub>B</sub> Σ<sub>c</sub> <i>Q</i> log(<i>Q</i>/<i>P</i>)",
         .temperature = 1,
         .t_squared = false},
        {.id = "jsd",
         .title = "Generalised Jensen-Shannon",
         .description =
             "Both networks are held against their mixture: bounded, and between KL and reverse KL.",
         .when = "When KL is thrown about by classes that one side finds impossible.",
         .paper = "Agarwal et al. 2024, arXiv:2306.13649",
         .formula = "JSD",
         .definition = "<i>β</i> KL(<i>P</i>‖<i>M</i>) + (1−<i>β</i>) KL(<i>Q</i>‖<i>M</i>), "
                       "<i>M</i> = <i>βP</i> + (1−<i>β</i>)<i>Q</i><br>"
                       "<i>β</i> = 0: KL(<i>P</i>‖<i>Q</i>), <i>β</i> = 1: KL(<i>Q</i>‖<i>P</i>)",
         .temperature = 1,
         .t_squared = false,
         .options = {{"beta", "β", "Share of the teacher in the mixture; 0 is KL, 1 is reverse KL.", 0.5, 0,
                      1}}},
        {.id = "skew-kl",
         .title = "Skewed KL",
         .description = "KL to a mixture of both answers: never infinite, with gentler gradients.",
         .when = "In place of kd where its gradient is rough.",
         .paper = "Ko, Kim, Chen, Yun 2024, arXiv:2402.03898",
         .formula = "skewed KL",
         .definition = "mean<sub>B</sub> KL(<i>P</i> ‖ <i>λP</i> + (1−<i>λ</i>)<i>Q</i>)",
         .temperature = 1,
         .t_squared = false,
         .options = {{"lambda", "λ", "Share of the teacher in the mixture; 0 is KL.", 0.1, 0, 1}}},
        {.id = "skew-reverse-kl",
         .title = "Skewed reverse KL",
         .description = "Reverse KL to a mixture of both answers.",
         .when = "In place of reverse-kl where its gradient is rough.",
         .paper = "Ko, Kim, Chen, Yun 2024, arXiv:2402.03898",
         .formula = "skewed KL(Q‖P)",
         .definition = "mean<sub>B</sub> KL(<i>Q</i> ‖ (1−<i>λ</i>)<i>P</i> + <i>λQ</i>)",
         .temperature = 1,
         .t_squared = false,
         .options = {{"lambda", "λ", "Share of the student in the mixture; 0 is reverse KL.", 0.1, 0, 1}}},
        {.id = "tvd",
         .title = "Total variation",
         .description = "Half the sum of the absolute differences of the probabilities: from 0 to 1.",
         .when = "When a few confident samples should not rule the loss.",
         .paper = "Wen, Li, Du, Mou 2023, arXiv:2307.15190",
         .formula = "TVD",
         .definition = "½ · mean<sub>B</sub> Σ<sub>c</sub> |<i>P</i> − <i>Q</i>|",
         .temperature = 1,
         .t_squared = false},
    };
}

std::vector<ObjectiveEntry> by_class() {
    return {
        {.id = "dkd",
         .title = "Decoupled KD",
         .description =
             "kd in two parts with weights of their own: the label's class against the rest, and the rest "
             "among themselves.",
         .when =
             "When the teacher is very sure of its answers, so that kd hides how it ranks the other classes.",
         .paper = "Zhao, Cui, Song, Qiu, Liang 2022, arXiv:2203.08679",
         .formula = "T²·DKD",
         .definition =
             "T<sup>2</sup> [<i>α</i> KL(<i>b</i><sub>t</sub>‖<i>b</i><sub>s</sub>) + "
             "<i>β</i> KL(<i>p̂</i>‖<i>q̂</i>)], <i>b</i> = (<i>p</i><sub>y</sub>, 1−<i>p</i><sub>y</sub>); "
             "hats: softmax over the classes other than <i>y</i>",
         .needs_labels = true,
         .hard_weight = 1,
         .weight = 1,
         .options = {{"alpha", "α", "Weight of the part that tells the label's class from the rest.", 1, 0,
                      1000},
                     {"beta", "β", "Weight of the part among the other classes.", 8, 0, 1000},
                     standardize(),
                     {"warmup_epochs", "Warm-up",
                      "The weight rises over these epochs: min(epoch/warm-up, 1), epochs counted from 1.", 20,
                      0, 10000, false, true}}},
        {.id = "nkd",
         .title = "Normalised KD",
         .description =
             "The teacher's confidence in the label as a soft label, and the other classes normalised.",
         .when = "As dkd; with one weight less to set.",
         .paper = "Yang et al. 2023, arXiv:2303.13005",
         .formula = "(P_y·CE + γ·T²·CE of the others)",
         .definition =
             "−mean <i>P</i><sub>y</sub> log <i>Q</i><sub>y</sub> − <i>γ</i> T<sup>2</sup> mean "
             "Σ<sub>c≠y</sub> <i>p̂</i> log <i>q̂</i> (<i>P</i><sub>y</sub>, <i>Q</i><sub>y</sub> at T = 1)",
         .needs_labels = true,
         .temperature = 1,
         .hard_weight = 1,
         .weight = 1,
         .options = {{"gamma", "γ", "Weight of the part among the other classes.", 1.5, 0, 1000}}},
        {.id = "dist",
         .title = "DIST",
         .description =
             "Correlation instead of equality: over the classes of a sample, and over the samples of a "
             "class.",
         .when = "When the teacher is much stronger than the student: only the relations have to match.",
         .paper = "Huang, You, Wang, Qian, Xu 2022, arXiv:2205.10536",
         .formula = "T²·DIST",
         .definition = "T<sup>2</sup> [<i>β</i> (1 − mean<sub>rows</sub> Pearson) + <i>γ</i> (1 − "
                       "mean<sub>columns</sub> Pearson)] of softmax(<i>z</i>/T)",
         .hard_weight = 1,
         .weight = 2,
         .batch_dependent = true,
         .options = {{"beta", "β", "Weight of the relations between the classes of a sample.", 1, 0, 1000},
                     {"gamma", "γ", "Weight of the relations between the samples of a class.", 1, 0, 1000}}},
        {.id = "mlkd",
         .title = "Multi-level logits",
         .description =
             "kd at five temperatures, with the likenesses between samples and between classes beside it.",
         .when = "When one temperature does not show enough. The published code also adds weak and strong "
                 "views and "
                 "confidence masks; this does not.",
         .paper = "Jin, Wang, Lin 2023, CVPR 2023, pp. 24276-24285",
         .formula = "MLKD",
         .definition =
             "Σ<sub>T=2…6</sub> [kd<sub>T</sub> + ‖<i>PP</i><sup>⊤</sup> − <i>QQ</i><sup>⊤</sup>‖² / B + "
             "‖<i>P</i><sup>⊤</sup><i>P</i> − <i>Q</i><sup>⊤</sup><i>Q</i>‖² / C]",
         .uses_temperature = false,
         .uses_t_squared = false},
    };
}

std::vector<ObjectiveEntry> curricula_and_closed_teachers() {
    return {
        {.id = "ctkd",
         .title = "Curriculum temperature",
         .description =
             "kd with a temperature that learns to make the task harder as training goes on; it is "
             "plotted.",
         .when = "When no single temperature seems right from beginning to end.",
         .paper = "Li et al. 2023, arXiv:2211.16231",
         .formula = "T(θ)²·KL",
         .definition =
             "kd at T = 1 + 20 σ(<i>θ</i>); the gradient of <i>θ</i> is reversed and grows along half a "
             "cosine",
         .uses_temperature = false,
         .uses_t_squared = false,
         .options = {{"theta", "θ at the start", "Where the temperature begins: 1 gives T = 15.6.", 1, -10,
                      10},
                     {"ramp_epochs", "Ramp", "Epochs until the reversed gradient has its full size.", 10, 0,
                      10000, false, true}}},
        {.id = "label-only",
         .title = "Teacher's label",
         .description = "Cross-entropy with the class that the teacher finds likeliest.",
         .when = "When a closed teacher gives nothing but its decision.",
         .paper = "Beyer et al. 2022, arXiv:2106.05237",
         .formula = "CE(argmax of t)",
         .definition = "mean<sub>B</sub> CE(<i>s</i>, argmax <i>t</i>), labels smoothed by <i>ε</i>",
         .uses_temperature = false,
         .uses_t_squared = false,
         .options = {{"smoothing", "Smoothing", "Share of each label that is spread over all classes.", 0, 0,
                      0.99}}},
        {.id = "top-k",
         .title = "Teacher's best k",
         .description = "kd on the teacher's k likeliest classes, with one bucket for the rest.",
         .when = "When a server gives only its best answers; k and the bucket are recorded with the run.",
         .paper = hinton,
         .formula = "T²·KL(top k)",
         .definition =
             "T<sup>2</sup> · mean<sub>B</sub> KL over the teacher's <i>k</i> best classes and one bucket "
             "with the sum of the others",
         .temperature = 1,
         .t_squared = false,
         .options = {{"k", "k", "How many classes are compared one by one.", 5, 1, 100000, false, true}}},
    };
}

} // namespace

std::vector<ObjectiveEntry> response_entries() {
    std::vector<ObjectiveEntry> all;
    for (auto* part : {&distributions, &by_class, &curricula_and_closed_teachers}) {
        std::vector<ObjectiveEntry> entries = part();
        all.insert(all.end(), entries.begin(), entries.end());
    }
    return all;
}

} // namespace limbeck
