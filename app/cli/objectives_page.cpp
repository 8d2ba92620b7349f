// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/objectives_page.h"

#include "backend/types/catalogue.h"
#include "backend/types/numbers.h"

namespace limbeck::cli {

namespace {

constexpr const char* introduction =
    R"(# Objectives and schemes

What a student can be trained to minimise, in words and as a formula. This page is printed by
`limbeck-cli objectives --markdown` from the same catalogue that the window shows; do not edit it by hand.

    total = hard_weight · CE(s, y) + soft_weight · L(s, t) + Σ weight · L

*s*, *t* are the logits of student and teacher, [B, C]; *p* = softmax(*t*/T), *q* = softmax(*s*/T); *P*, *Q* the same
with T = 1 unless a temperature is set; *y* the labels. The teacher's side never carries a gradient. Means are over the
batch. The first term compares answers (`distillation.objective`, with `distillation.temperature`,
`distillation.soft_weight`, `distillation.t_squared` and `distillation.options`); any number of others is added with
`distillation.terms`:

    limbeck-cli run PROJECT --set distillation.objective=dkd --set distillation.options=beta=6
    limbeck-cli run PROJECT --set distillation.terms='at:weight=1000;rkd' --set distillation.hard_weight=1

Each term has a weight, options, and, where it compares features, taps: `feature.N` is what a network holds after its
stem (0), after each stage, and at last its pooled vector; `preactivation.N` is the same before the activation.
`taps=feature.1+feature.2/feature.3` compares the student's first stage with the teacher's first, and the student's
second with the teacher's third. Where the sizes of two pictures differ they meet at the smaller one; where the numbers
of channels differ an adapter learns along with the student and is left out of it afterwards.

Is a weight too large? Plots and the series `train/NAME_share` show each term's share of the gradient's norm: on the
logits in every step, or, where terms on features count, on all of the student's parameters in every 32nd step.
)";

std::string text(std::string_view view) {
    return std::string(view);
}

std::string taps_text(const ObjectiveEntry& entry) {
    switch (entry.taps) {
    case DefaultTaps::none:
        return {};
    case DefaultTaps::second_stage:
        return "the second stage";
    case DefaultTaps::stages:
        return "all stages";
    case DefaultTaps::last_stage:
        return "the last stage";
    case DefaultTaps::pooled:
        return "the pooled vector";
    case DefaultTaps::stem_to_last_stage:
        return "the stem and all stages";
    case DefaultTaps::stages_and_pooled:
        return "all stages and the pooled vector";
    }
    return {};
}

std::string needs_text(const ObjectiveEntry& entry) {
    std::string needs;
    const auto add = [&](const std::string& what) { needs += (needs.empty() ? "" : "; ") + what; };
    if (entry.needs_labels) add("labels");
    if (const std::string taps = taps_text(entry); !taps.empty())
        add("taps: " + taps + (entry.preactivations ? ", before the activation" : ""));
    if (entry.adapter == AdapterNeed::always) add("an adapter");
    if (entry.adapter == AdapterNeed::optional) add("an adapter, which may be left out where the shapes fit");
    if (entry.batch_dependent) add("batches of two samples or more");
    return needs.empty() ? "nothing but the answers" : needs;
}

std::string option_rows(const ObjectiveEntry& entry) {
    std::string rows;
    const TermOptions defaults = default_options(entry);
    for (const auto& [key, value] : defaults) {
        const OptionEntry* option = find_option(entry, key);
        rows += "| `" + key + "` | ";
        rows += option->is_switch ? (value != 0 ? "true" : "false") : number_text(value);
        rows += " | " + text(option->description) + " |\n";
    }
    return rows.empty() ? rows : "\n| option | default | |\n|---|---|---|\n" + rows;
}

std::string section(const ObjectiveEntry& entry) {
    std::string weights = entry.group == ObjectiveGroup::answers ? "soft_weight " : "weight ";
    weights += number_text(entry.weight) + ", hard_weight " + number_text(entry.hard_weight);
    return "\n### `" + text(entry.id) + "` – " + text(entry.title) + "\n\n" + text(entry.description) +
           "\n\n> " + text(entry.definition) + "\n\n" + text(entry.when) +
           "\n\n- Paper: " + text(entry.paper) + "\n- Usual weights: " + weights +
           "\n- Needs: " + needs_text(entry) + "\n" + option_rows(entry);
}

} // namespace

std::string objectives_page() {
    std::string page = introduction;
    for (const auto& [group, title] : {std::pair{ObjectiveGroup::answers, "From the answers"},
                                       std::pair{ObjectiveGroup::features, "From the features"}}) {
        page += "\n## " + text(title) + "\n";
        for (const ObjectiveEntry& entry : objective_catalogue())
            if (entry.group == group) page += section(entry);
    }
    page += "\n## Schemes: who learns from whom\n\n| `distillation.scheme` | | when | paper "
            "|\n|---|---|---|---|\n";
    for (const SchemeEntry& scheme : scheme_catalogue())
        page += "| `" + text(scheme.id) + "` | **" + text(scheme.title) + ".** " + text(scheme.description) +
                " | " + text(scheme.when) + " | " + text(scheme.paper) + " |\n";
    page += "\nSeveral teachers are no scheme of their own: `teacher.more` names further ones beside the "
            "first, and the\n"
            "student hears the average of their probabilities, or of their logits (`teacher.average`).\n";
    return page;
}

} // namespace limbeck::cli
