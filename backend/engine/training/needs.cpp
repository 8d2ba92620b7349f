// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/needs.h"

#include <torch/torch.h>

#include "backend/engine/models/network.h"
#include "backend/engine/tensors.h"
#include "backend/engine/training/loss.h"

namespace limbeck {

Result<std::vector<TermNeeds>> needs_of_terms(const TermsQuestion& question) {
    const auto student = build_network(question.student, question.input, question.classes);
    if (!student) return tl::unexpected(student.error());
    const auto teacher = build_network(question.teacher, question.input, question.classes);
    if (!teacher) return tl::unexpected(teacher.error());
    LossContext context;
    context.student = tap_shapes(**student, question.input);
    context.teacher = tap_shapes(**teacher, question.input);
    context.terms.classes = question.classes;
    context.terms.samples = question.samples;
    // Which sample has which label plays no part, but that there are several classes does.
    context.terms.labels = torch::arange(question.samples).remainder(question.classes);
    std::vector<TermNeeds> all;
    for (const TermSpec& spec : question.terms) {
        TermNeeds needs;
        needs.id = spec.id;
        // One at a time: what is wrong with one says nothing about the others.
        if (const auto loss = make_loss(1, {spec}, context)) {
            const LossTerm& term = loss->terms.front();
            for (const TapPair& pair : term.taps)
                needs.taps.push_back(
                    pair.student.name() + " " + shape_text(context.student.of(pair.student)) + " – " +
                    pair.teacher.name() + " " + shape_text(context.teacher.of(pair.teacher)));
            for (const auto& parameter : term.objective->parameters())
                needs.adapter_parameters += parameter.numel();
            needs.bank_bytes = term.objective->bank_bytes();
        } else {
            needs.problem = loss.error().message;
        }
        all.push_back(std::move(needs));
    }
    return all;
}

} // namespace limbeck
