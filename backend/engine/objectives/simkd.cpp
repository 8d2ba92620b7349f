// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/objectives/simkd.h"

#include <torch/torch.h>

#include "backend/engine/models/simkd.h"
#include "backend/engine/objectives/picture_terms.h"

namespace limbeck {

namespace {

class SimKd final : public Objective {
  public:
    SimKd(const ObjectiveEntry& entry, TermOptions options, const TermContext& context)
        : Objective(entry, std::move(options)) {
        const auto &student = context.student_shapes[0], &teacher = context.teacher_shapes[0];
        if (student.front() != teacher.front())
            projector_ = register_module("projector", std::make_shared<SimKdProjector>(student, teacher));
    }

    torch::Tensor value(const TermInputs& in) override {
        auto [student, teacher] = at_smaller_size(in.student_features[0], in.teacher_features[0].detach());
        if (projector_) student = projector_->forward(student);
        return (student - teacher).square().mean();
    }

  private:
    std::shared_ptr<SimKdProjector> projector_; ///< null where the student comes projected
};

} // namespace

Result<std::shared_ptr<Objective>> make_simkd(const ObjectiveEntry& entry, const TermOptions& options,
                                              const TermContext& context) {
    std::string problem = pairs_problem(entry, context, /*vectors=*/true);
    if (problem.empty() && context.student_shapes.size() > 1)
        problem = "simkd compares one level; found " + std::to_string(context.student_shapes.size()) + ".";
    if (problem.empty() && options.at(std::string(adapter_option)) == 0)
        problem = channels_problem(entry, context, "Set adapter to 1, for a projector between them.");
    if (!problem.empty()) return features_refused(std::move(problem));
    return std::make_shared<SimKd>(entry, options, context);
}

} // namespace limbeck
