// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <torch/types.h>

#include "backend/types/error.h"
#include "backend/types/tensor_map.h"

namespace limbeck {

/// What a term sees of one batch. All floating tensors are on one device and in one precision, in which the
/// term is computed: under autocast hand over float32.
struct TermInputs {
    torch::Tensor student_logits; ///< [B, C]
    torch::Tensor teacher_logits; ///< [B, C]; never gets a gradient
    torch::Tensor labels;         ///< [B] int64; may be undefined for terms that do not need labels
};

/// Knobs of a term; plain numbers, so that they may change between two steps.
struct TermSettings {
    double temperature = 1;
    double t_squared = 0; ///< 1: the term is multiplied by T²; 0: not
};

/// One term of the loss besides cross-entropy: a scalar that can be differentiated towards the student.
/// A family of terms is one file (response.cpp) that hands out its table; objective.cpp joins the tables.
struct Term {
    std::string_view id;
    bool needs_labels = false;
    TermSettings defaults;
    torch::Tensor (*value)(const TermInputs& inputs, const TermSettings& settings) = nullptr;
};

/// Terms made from the answers alone: kd, soft-ce, mse-logits.
std::span<const Term> response_terms();

/// nullptr if there is no such term.
const Term* find_term(std::string_view id);

/// Ids of all terms, in the order of the catalogue.
std::vector<std::string> objective_ids();

/// The term's defaults with `options` laid over them (keys "temperature", "t_squared"). An unknown key or a
/// value out of range is an error that says what would be right.
Result<TermSettings> term_settings(const Term& term, const std::map<std::string, double>& options);

/// `limbeck-cli objective`: reads `student_logits`, `teacher_logits`, `labels`, writes `value` [1] and
/// `grad.student_logits`, computed in the precision of the student's logits. Options as text ("4", "true").
Result<TensorMap> run_objective(std::string_view id, const TensorMap& inputs,
                                const std::map<std::string, std::string>& options);

} // namespace limbeck
