// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/curve_style.h"

#include <algorithm>
#include <array>
#include <map>

#include <QCoreApplication>

#include "backend/types/catalogue.h"
#include "backend/types/fields.h"
#include "backend/types/phases.h"
#include "widgets/style/format.h"

namespace limbeck {
namespace {

using style::Meaning;

QString tr(const char* text) {
    return QCoreApplication::translate("CurveStyle", text);
}

SeriesSpec look(RunId run, const QString& label, Meaning meaning, bool training) {
    SeriesSpec spec;
    spec.label = label;
    spec.detail = training ? tr("training") : tr("validation");
    spec.meaning = meaning;
    spec.role = training ? SeriesRole::raw : SeriesRole::full;
    spec.run = run;
    return spec;
}

/// The same quantity on the training batches and on the validation part.
void add_pair(std::vector<Curve>& curves, PlotKind plot, RunId run, std::string_view name,
              const QString& label, Meaning meaning) {
    for (const bool training : {true, false}) {
        curves.push_back({plot, run,
                          std::string(training ? series::train : series::validation) + std::string(name),
                          look(run, label, meaning, training)});
    }
}

QString accuracy_label(Role role) {
    switch (role) {
    case Role::teacher:
        return tr("Teacher's accuracy");
    case Role::baseline:
        return tr("Student alone");
    case Role::assistant:
        return tr("Assistant's accuracy");
    case Role::student:
        break;
    }
    return tr("Student's accuracy");
}

/// The learner's colour rimmed with the teacher's: what both say.
void look_like_agreement(SeriesSpec& spec) {
    spec.outline = Meaning::teacher;
    spec.marker = style::Marker::square;
}

Curve teacher_line(RunId run, RunId source, std::string series_name) {
    SeriesSpec spec = look(run, tr("Teacher's accuracy"), Meaning::teacher, false);
    spec.role = SeriesRole::flat;
    return {PlotKind::agreement, source, std::move(series_name), std::move(spec)};
}

/// A term of the loss: what its series are called, and how it looks.
struct Piece {
    std::string name;
    QString label;
    Meaning meaning;
    bool learns_temperature = false;
};

std::vector<Piece> pieces_of(const RunRecord& run) {
    std::vector<Piece> pieces{{std::string(series::hard), tr("Labels"), Meaning::hard}};
    if (!has_terms(run.config, run.role)) return pieces;
    constexpr std::array further{Meaning::term_a, Meaning::term_b, Meaning::term_c};
    std::map<std::string, int> seen;
    std::size_t count = 0;
    for (const TermConfig& term : terms_of(run.config.distillation)) {
        if (count++ == 0) {
            const bool peers = run.config.distillation.scheme == "mutual";
            pieces.push_back({std::string(series::soft),
                              peers ? tr("Peers' answers") : tr("Teacher's answers"), Meaning::soft,
                              term.id == "ctkd"});
            continue;
        }
        const int before = seen[term.id]++;
        const ObjectiveEntry* entry = find_objective(term.id);
        QString label = QString::fromStdString(entry ? std::string(entry->title) : term.id);
        std::string name = term.id;
        if (before > 0) {
            name += "_" + std::to_string(before + 1);
            label += QStringLiteral(" %1").arg(before + 1);
        }
        pieces.push_back(
            {std::move(name), std::move(label), further[(count - 2) % further.size()], term.id == "ctkd"});
    }
    return pieces;
}

bool measured_now_and_then(const RunRecord& run) {
    const std::vector<TermConfig> terms = terms_of(run.config.distillation);
    return std::any_of(terms.begin(), terms.end(), [](const TermConfig& term) {
        const ObjectiveEntry* entry = find_objective(term.id);
        return entry && entry->group == ObjectiveGroup::features;
    });
}

void add_loss_curves(std::vector<Curve>& curves, const RunRecord& run, LossView view) {
    const std::vector<Piece> pieces = pieces_of(run);
    if (view == LossView::share && pieces.size() > 1) {
        for (const Piece& piece : pieces) {
            SeriesSpec spec = look(run.id, piece.label, piece.meaning, true);
            // With terms on features they are measured now and then: few points, none of them to be smoothed.
            if (measured_now_and_then(run)) spec.role = SeriesRole::full;
            curves.push_back({PlotKind::loss, run.id, std::string(series::train) + piece.name + "_share",
                              std::move(spec), 100});
        }
        return;
    }
    if (view == LossView::temperature) {
        for (const Piece& piece : pieces)
            if (piece.learns_temperature)
                curves.push_back(
                    {PlotKind::loss, run.id, std::string(series::train) + piece.name + "_temperature",
                     look(run.id, tr("Temperature of %1").arg(piece.label), piece.meaning, true)});
        return;
    }
    if (view == LossView::weighted)
        add_pair(curves, PlotKind::loss, run.id, series::loss, tr("Total"), Meaning::total);
    if (pieces.size() == 1 && view == LossView::weighted) return; // the labels' loss is all of it
    const std::string ending = view == LossView::weighted ? "_weighted" : "";
    for (const Piece& piece : pieces)
        add_pair(curves, PlotKind::loss, run.id, piece.name + ending, piece.label, piece.meaning);
}

} // namespace

QVector<PhaseBand> bands_of(const RunRecord& run) {
    QVector<PhaseBand> bands;
    if (run.total_epochs <= 0) return bands;
    const double steps = static_cast<double>(run.total_steps) / static_cast<double>(run.total_epochs);
    for (const Phase& phase : phases_of(run.config, run.role))
        bands.append(
            {phase.first_epoch * steps, phase.last_epoch * steps, QString::fromStdString(phase.name)});
    return bands;
}

std::vector<Curve> curves_of(const CurveContext& context, LossView view) {
    const RunRecord& run = context.run;
    const std::string validation_accuracy = std::string(series::validation) + std::string(series::accuracy);
    std::vector<Curve> curves;

    add_loss_curves(curves, run, view);
    if (is_taught(run.role)) {
        curves.push_back(teacher_line(run.id, run.id, "validation/teacher_accuracy"));
        if (run.config.distillation.scheme == "mutual") { // peers learn: their line moves
            curves.back().spec.label = tr("Peers' accuracy");
            curves.back().spec.role = SeriesRole::full;
        }
        add_pair(curves, PlotKind::agreement, run.id, series::agreement, tr("Agreement"),
                 style::meaning(run.role));
        look_like_agreement(curves.back().spec); // the training trace stays thin and pale
        SeriesSpec accuracy = look(run.id, accuracy_label(run.role), style::meaning(run.role), false);
        accuracy.line = Qt::DashDotLine;
        curves.push_back({PlotKind::agreement, run.id, validation_accuracy, accuracy});
        if (context.baseline) {
            curves.push_back({PlotKind::agreement, context.baseline, validation_accuracy,
                              look(run.id, tr("Student alone"), Meaning::student_alone, false)});
        }
    } else {
        add_pair(curves, PlotKind::agreement, run.id, series::accuracy, accuracy_label(run.role),
                 style::meaning(run.role));
        // Dashes are for what stays the same (the teacher's line); here the network is being trained.
        for (auto curve = curves.end() - 2; curve != curves.end(); ++curve)
            curve->spec.line = Qt::SolidLine;
        if (run.role == Role::baseline && context.teacher) {
            curves.push_back(teacher_line(run.id, context.teacher, validation_accuracy));
        }
    }
    return curves;
}

std::vector<Curve> overlay_curves_of(const RunRecord& run) {
    std::vector<Curve> curves;
    const auto add = [&](PlotKind plot, std::string_view name, const QString& label, Meaning meaning) {
        curves.push_back({plot, run.id, std::string(series::validation) + std::string(name),
                          look(run.id, label, meaning, false)});
    };
    add(PlotKind::loss, series::loss, tr("Total"), Meaning::total);
    add(PlotKind::agreement, series::accuracy, accuracy_label(run.role), style::meaning(run.role));
    if (is_taught(run.role)) {
        add(PlotKind::agreement, series::agreement, tr("Agreement"), style::meaning(run.role));
        look_like_agreement(curves.back().spec);
        curves[1].spec.line = Qt::DashDotLine;
    }
    return curves;
}

EventMark mark_of(const RunEvent& event) {
    static const std::pair<std::string_view, const char*> shortNames[] = {
        {"distillation.temperature", "T"},
        {"distillation.hard_weight", "labels"},
        {"distillation.soft_weight", "teacher"},
        {"training.learning_rate", "rate"},
    };
    QString name = QString::fromStdString(event.what);
    for (const auto& [key, text] : shortNames) {
        if (event.what == key) name = tr(text);
    }
    const Field* field = find_field(event.what);
    const QString label =
        field ? QString::fromUtf8(field->label.data(), static_cast<qsizetype>(field->label.size()))
              : QString::fromStdString(event.what);
    const QString from = format::setting(event.from), to = format::setting(event.to);
    EventMark mark;
    mark.x = static_cast<double>(event.step);
    mark.label = QStringLiteral("%1 %2→%3").arg(name, from, to);
    mark.tooltip =
        tr("%1 changed from %2 to %3 before step %4").arg(label, from, to, format::thousands(event.step + 1));
    mark.run = event.run;
    return mark;
}

} // namespace limbeck
