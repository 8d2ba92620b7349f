// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <torch/nn/module.h>

#include "backend/engine/objectives/factor.h"
#include "backend/types/catalogue.h"
#include "backend/types/error.h"
#include "backend/types/tensor_map.h"

namespace limbeck {

/// What a term sees of one batch. All floating tensors are on one device and in one precision, in which the
/// term is computed: under autocast hand over float32.
struct TermInputs {
    torch::Tensor student_logits; ///< [B, C]
    torch::Tensor teacher_logits; ///< [B, C]; never gets a gradient
    torch::Tensor labels;         ///< [B] int64; may be undefined for terms that do not need labels
    /// Of the term's taps, in their order, [B, C, H, W] or [B, D]; empty for terms of the answers.
    std::vector<torch::Tensor> student_features;
    std::vector<torch::Tensor> teacher_features; ///< never get a gradient
    /// [B] int64, indices into the data set; undefined where nobody knows them. On the CPU where that is at
    /// hand, so that no term waits for a device to read them.
    torch::Tensor sample_ids;
    std::int64_t step = 0; ///< steps done, of the whole run: for draws from the stream "objective"
    double epoch = 0;      ///< epochs done of the main stage, with their fraction
    bool training = true;  ///< false in evaluation: no memory is written, nothing is drawn
};

/// What a term is built for.
struct TermContext {
    std::vector<std::vector<std::int64_t>> student_shapes, teacher_shapes; ///< of the taps, without the batch
    std::int64_t classes = 0;
    std::int64_t samples = 0; ///< of the whole data set: sample_ids are below it
    torch::Tensor labels;     ///< [samples] int64 on the CPU; undefined where nobody knows them
    torch::Tensor trained;    ///< [n] int64 on the CPU: ids of the samples trained on; undefined: all
    std::uint64_t seed = 0;   ///< of the run; terms draw from its stream "objective"
};

/// One term of the loss besides cross-entropy: a scalar that can be differentiated towards the student. What
/// it learns itself (adapters, a temperature) are its parameters, what it remembers (banks) its buffers, so
/// that both are trained, moved and saved with the run, and neither is part of the exported student.
/// The constructor draws nothing from torch's global generator: see initialise_adapters().
class Objective : public torch::nn::Module {
  public:
    Objective(const ObjectiveEntry& entry, TermOptions options)
        : entry_(entry), options_(std::move(options)) {}

    const ObjectiveEntry& entry() const { return entry_; }

    /// All options of the entry, temperature and t_squared included; numbers may change between two steps.
    double option(std::string_view key) const { return options_.at(std::string(key)); }

    bool has_option(std::string_view key) const { return options_.contains(std::string(key)); }

    void set_option(std::string_view key, double value) { options_[std::string(key)] = value; }

    /// 1/T and T². A term that may be recorded reads its temperature through these alone.
    Factor softening() const { return {1 / option("temperature"), softening_.factor().held}; }

    Factor temperature_squared() const {
        const double temperature = option("temperature");
        return {temperature * temperature, squared_.factor().held};
    }

    /// From now on the temperature is also kept on the device.
    void hold_temperature(torch::Device device);
    /// Copies a changed temperature to the device, where it is kept there.
    void refresh_temperature();

    /// Where an option's number is kept, for a setting that changes while the run is on; nullptr if there is
    /// no such option.
    double* option_address(std::string_view key) {
        const auto found = options_.find(std::string(key));
        return found == options_.end() ? nullptr : &found->second;
    }

    /// The raw, unweighted value. Means are over the batch.
    virtual torch::Tensor value(const TermInputs& inputs) = 0;

    /// The value in the initial stage, where the term has one (option initial_epochs > 0).
    virtual torch::Tensor initial_value(const TermInputs& inputs) { return value(inputs); }

    /// Whether the student learns in the initial stage (fsp, ab), or the term's own layers alone (ft).
    virtual bool initial_stage_trains_student() const { return true; }

    /// Whether the term counts after its initial stage; fsp and ab are switched off then.
    virtual bool counts_after_initial_stage() const { return true; }

    /// Whether the value makes sense on samples that are not trained on (a bank has no entries for them).
    virtual bool can_be_evaluated() const { return true; }

    /// Whether a step with this term may be recorded once and replayed: value() is then the same operations
    /// of the device for every batch, reads nothing of the host that changes from step to step (step, epoch,
    /// draws) but the temperature, and never waits for the device.
    virtual bool capturable() const { return true; }

    /// What else the last value() tells, by name, to be plotted: a learned temperature.
    virtual std::vector<std::pair<std::string, torch::Tensor>> readings() const { return {}; }

    /// Bytes of the term's memory (banks), besides its parameters.
    virtual std::int64_t bank_bytes() const { return 0; }

  private:
    const ObjectiveEntry& entry_;
    TermOptions options_;
    HeldNumber softening_, squared_;
};

/// One row of a family's table: a family is one file (response.cpp, …) that hands out its table;
/// objective.cpp joins the tables. The catalogue says all the rest about the id.
struct TermMaker {
    std::string_view id;
    /// `options` are complete and in range. Refuses shapes that do not fit in words that say what would be
    /// right ("at compares pictures …; the student's tap feature.4 is [64]").
    Result<std::shared_ptr<Objective>> (*make)(const ObjectiveEntry& entry, const TermOptions& options,
                                               const TermContext& context) = nullptr;
};

std::span<const TermMaker> response_terms();    ///< response.cpp: kd, soft-ce, jsd, top-k, …
std::span<const TermMaker> decoupled_terms();   ///< decoupled.cpp: dkd, nkd, dist, ctkd
std::span<const TermMaker> relation_terms();    ///< relation.cpp: at, sp, rkd, pkt, nst
std::span<const TermMaker> singular_terms();    ///< singular.cpp: kdsvd
std::span<const TermMaker> feature_terms();     ///< feature.cpp: hint, cc, vid
std::span<const TermMaker> review_terms();      ///< review.cpp, simkd.cpp: reviewkd, reviewkd-hcl, simkd
std::span<const TermMaker> staged_terms();      ///< staged.cpp: fsp, ab, ft
std::span<const TermMaker> contrastive_terms(); ///< contrastive.cpp: crd

/// Ids of all terms, in the order of the catalogue.
std::vector<std::string> objective_ids();

/// Builds a term: the catalogue's defaults with `options` laid over them. An unknown id, an unknown option, a
/// value out of range or shapes that do not fit are errors that say what would be right. Parameters are drawn
/// from the stream "objective" of context.seed.
Result<std::shared_ptr<Objective>> make_objective(std::string_view id, const TermOptions& options,
                                                  const TermContext& context);

/// An objective that is a function of its inputs and options alone.
template <torch::Tensor (*Function)(const TermInputs&, const Objective&)>
class PlainObjective final : public Objective {
  public:
    using Objective::Objective;

    torch::Tensor value(const TermInputs& inputs) override { return Function(inputs, *this); }
};

template <torch::Tensor (*Function)(const TermInputs&, const Objective&)>
Result<std::shared_ptr<Objective>> make_plain(const ObjectiveEntry& entry, const TermOptions& options,
                                              const TermContext&) {
    return std::make_shared<PlainObjective<Function>>(entry, options);
}

/// `limbeck-cli objective`: reads `student_logits`, `teacher_logits`, `labels`, `student_feature.N`,
/// `teacher_feature.N`, `param.*` (what the term learns), writes `value` [1] and `grad.*` of every student
/// input and parameter, computed in the precision of the student's tensors. Options as text ("4", "true").
Result<TensorMap> run_objective(std::string_view id, const TensorMap& inputs,
                                const std::map<std::string, std::string>& options);

} // namespace limbeck
