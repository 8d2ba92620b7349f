// SPDX-License-Identifier: GPL-3.0-or-later
// What others have published, each with the place where it stands.
#include "widgets/forms/recipe_makers.h"

namespace limbeck::recipe {

std::vector<Recipe> tutorials() {
    return {{"Tutorials", "PyTorch tutorial",
             "ce_loss_weight (0.75) is hard_weight, soft_target_loss_weight (0.25) is soft_weight, T is the "
             "temperature, 2.",
             answers("kd", {0.75, 0.25, 2})},
            {"Tutorials", "Keras example",
             "Its alpha (0.1) weighs the labels: hard_weight 0.1. The teacher gets 1 - alpha: soft_weight "
             "0.9. The temperature is 3.",
             answers("kd", {0.1, 0.9, 3})}};
}

std::vector<Recipe> repdistiller() {
    // scripts/run_cifar_distill.sh; -r (gamma) is 1 where it is not given.
    constexpr std::string_view name = "RepDistiller";
    return {
        {name, "KD",
         "-r 0.1 (gamma) weighs the labels: hard_weight 0.1. -a 0.9 (alpha) weighs the teacher: soft_weight "
         "0.9. kd_T is the temperature, 4.",
         answers("kd", {0.1, 0.9, 4})},
        {name, "FitNet (hint)", "-a 0 -b 100: soft_weight 0, the weight of hint 100. Labels 1 (-r).",
         feature("hint", 100)},
        {name, "Attention transfer (AT)",
         "-a 0 -b 1000: soft_weight 0, the weight of at 1000. Labels 1 (-r).", feature("at", 1000)},
        {name, "Similarity (SP)", "-a 0 -b 3000: soft_weight 0, the weight of sp 3000. Labels 1 (-r).",
         feature("sp", 3000)},
        {name, "Correlation (CC)", "-a 0 -b 0.02: soft_weight 0, the weight of cc 0.02. Labels 1 (-r).",
         feature("cc", 0.02)},
        {name, "Variational information (VID)",
         "-a 0 -b 1: soft_weight 0, the weight of vid 1. Labels 1 (-r).", feature("vid", 1)},
        {name, "Relations (RKD)",
         "-a 0 -b 1: soft_weight 0, the weight of rkd 1, in which distances count 25 and angles 50. Labels 1 "
         "(-r).",
         feature("rkd", 1)},
        {name, "Probabilistic transfer (PKT)",
         "-a 0 -b 30000: soft_weight 0, the weight of pkt 30000. Labels 1 (-r).", feature("pkt", 30000)},
        {name, "Activation boundaries (AB)",
         "-a 0 -b 1 and init_epochs 30: ab alone for 30 epochs, then the labels alone. Labels 1 (-r).",
         feature("ab", 1, {{"initial_epochs", 30}})},
        {name, "Factor transfer (FT)",
         "-a 0 -b 200 and init_epochs 30: the paraphraser learns for 30 epochs, then the weight of ft is "
         "200. Labels 1 (-r).",
         feature("ft", 200, {{"initial_epochs", 30}})},
        {name, "Flow (FSP)",
         "-a 0 -b 50 and init_epochs 30: fsp alone for 30 epochs, then the labels alone. Labels 1 (-r).",
         feature("fsp", 50, {{"initial_epochs", 30}})},
        {name, "Neuron selectivity (NST)", "-a 0 -b 50: soft_weight 0, the weight of nst 50. Labels 1 (-r).",
         feature("nst", 50)},
        {name, "Contrastive (CRD)",
         "-a 0 -b 0.8: soft_weight 0, the weight of crd 0.8; nce_k 16384, nce_t 0.07, nce_m 0.5. Labels 1 "
         "(-r).",
         feature("crd", 0.8)},
        {name, "CRD and KD", "-a 1 -b 0.8: soft_weight 1 at kd_T 4, the weight of crd 0.8. Labels 1 (-r).",
         feature("crd", 0.8, {}, 1)},
    };
}

std::vector<Recipe> mdistiller() {
    // configs/cifar100/dkd/*.yaml name BETA only where it is not the 8 of mdistiller/engine/cfg.py.
    constexpr std::string_view name = "mdistiller";
    const auto dkd = [&](std::string_view pair, double beta, std::string_view mapping) {
        return Recipe{name, pair, mapping,
                      answers("dkd", {1, 1, 4}, {{"alpha", 1}, {"beta", beta}, {"warmup_epochs", 20}})};
    };
    constexpr std::string_view two =
        "BETA 2.0 of configs/cifar100/dkd, the rest as in its cfg.py: ALPHA 1, T 4, WARMUP 20, CE_WEIGHT 1 "
        "(hard_weight). The loss itself counts once: soft_weight 1.";
    constexpr std::string_view six =
        "BETA 6.0 of configs/cifar100/dkd, the rest as in its cfg.py: ALPHA 1, T 4, WARMUP 20, CE_WEIGHT 1 "
        "(hard_weight). The loss itself counts once: soft_weight 1.";
    constexpr std::string_view eight =
        "No BETA in configs/cifar100/dkd, so 8 as in its cfg.py, with ALPHA 1, T 4, WARMUP 20, CE_WEIGHT 1 "
        "(hard_weight). The loss itself counts once: soft_weight 1.";
    return {
        dkd("DKD, resnet56 to resnet20", 2, two),
        dkd("DKD, resnet110 to resnet32", 2, two),
        dkd("DKD, resnet32x4 to resnet8x4", 8, eight),
        dkd("DKD, wrn-40-2 to wrn-16-2", 6, six),
        dkd("DKD, wrn-40-2 to wrn-40-1", 6, six),
        dkd("DKD, vgg13 to vgg8", 6, six),
        dkd("DKD, vgg13 to MobileNetV2", 6, six),
        dkd("DKD, ResNet50 to MobileNetV2", 8, eight),
        dkd("DKD, resnet32x4 to ShuffleNetV1", 8, eight),
        dkd("DKD, resnet32x4 to ShuffleNetV2", 8, eight),
        dkd("DKD, wrn-40-2 to ShuffleNetV1", 8, eight),
        {name, "DKD on ImageNet, ResNet34 to ResNet18",
         "configs/imagenet/r34_r18/dkd.yaml: CE_WEIGHT 1 is hard_weight, BETA 0.5, T 1, WARMUP 1; ALPHA 1 as "
         "in cfg.py.",
         answers("dkd", {1, 1, 1}, {{"alpha", 1}, {"beta", 0.5}, {"warmup_epochs", 1}})},
        {name, "ReviewKD, resnet32x4 to resnet8x4",
         "configs/cifar100/reviewkd.yaml: REVIEWKD_WEIGHT 5 is the weight of reviewkd; CE_WEIGHT 1 is "
         "hard_weight, WARMUP_EPOCHS 20 as in cfg.py.",
         feature("reviewkd", 5, {{"warmup_epochs", 20}})},
    };
}

std::vector<Recipe> later() {
    constexpr std::string_view standard = "Logit standardisation", stronger = "DIST",
                               language = "From language models";
    return {
        {standard, "KD, standardised",
         "Sun 2024, --logit-stand --base-temp 2 --kd-weight 9: T 2, soft_weight 9, and the 0.1 of "
         "mdistiller's CE_WEIGHT is hard_weight. Both networks' logits are standardised first.",
         answers("kd", {0.1, 9, 2}, {{"standardize", 1}})},
        {standard, "DKD, standardised",
         "Sun 2024, the same for DKD as its tools/train.py has it: ALPHA becomes 1·9, BETA that times 9 once "
         "more, so 81, and T stays 4, for only kd's temperature is set. CE_WEIGHT 1 is hard_weight.",
         answers("dkd", {1, 1, 4}, {{"standardize", 1}, {"alpha", 9}, {"beta", 81}, {"warmup_epochs", 20}})},
        {stronger, "DIST on CIFAR-100",
         "Huang 2022: kd_loss_weight 2 is soft_weight, beta 1, gamma 1, tau 4; labels 1.",
         answers("dist", {1, 2, 4}, {{"beta", 1}, {"gamma", 1}})},
        {stronger, "DIST on ImageNet",
         "Huang 2022: kd_loss_weight 2 is soft_weight, beta 1, gamma 1, tau 1; labels 1.",
         answers("dist", {1, 2, 1}, {{"beta", 1}, {"gamma", 1}})},
        {language, "GKD (generalised JSD)",
         "Agarwal 2024 and TRL's GKDConfig: beta 0.5 mixes the two directions; the divergence alone, no "
         "labels. Its temperature for drawing texts has no part here, so T 1.",
         answers("jsd", {0, 1, 1}, {{"beta", 0.5}})},
        {language, "DistiLLM (skew KL)",
         "Ko 2024: the skew alpha 0.1 is our lambda; the divergence alone, no labels, T 1.",
         answers("skew-kl", {0, 1, 1}, {{"lambda", 0.1}})},
        {language, "DistiLLM (skew reverse KL)",
         "Ko 2024: the skew alpha 0.1 is our lambda; the divergence alone, no labels, T 1.",
         answers("skew-reverse-kl", {0, 1, 1}, {{"lambda", 0.1}})},
    };
}

} // namespace limbeck::recipe
