// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/recipes.h"

#include <array>

namespace limbeck {

std::span<const Recipe> recipes() {
    static constexpr std::array<Recipe, 3> all{{
        {"RepDistiller",
         "Its gamma (0.1) weighs the labels: hard_weight 0.1. Its alpha (0.9) weighs the teacher: "
         "soft_weight 0.9. "
         "kd_T is the temperature, 4.",
         0.1, 0.9, 4},
        {"PyTorch tutorial",
         "ce_loss_weight (0.75) is hard_weight, soft_target_loss_weight (0.25) is soft_weight, T is the "
         "temperature, 2.",
         0.75, 0.25, 2},
        {"Keras example",
         "Its alpha (0.1) weighs the labels: hard_weight 0.1. The teacher gets 1 - alpha: soft_weight 0.9. "
         "The temperature is 3.",
         0.1, 0.9, 3},
    }};
    return all;
}

DistillationConfig with_recipe(const Recipe& recipe) {
    DistillationConfig distillation;
    distillation.objective = "kd";
    distillation.temperature = recipe.temperature;
    distillation.hard_weight = recipe.hard_weight;
    distillation.soft_weight = recipe.soft_weight;
    distillation.t_squared = true;
    return distillation;
}

} // namespace limbeck
