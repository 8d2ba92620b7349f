// SPDX-License-Identifier: GPL-3.0-or-later
// Draws the form, the cards, the runs list, the bars and the gallery into PNGs for people to look at.
#include <QApplication>
#include <QDir>
#include <QEventLoop>
#include <QStyleFactory>
#include <QTimer>
#include <QVBoxLayout>

#include <cstdio>

#include "backend/types/catalogue.h"
#include "widgets/bar/message_bar.h"
#include "widgets/bar/progress_strip.h"
#include "widgets/cards/network_card.h"
#include "widgets/forms/collapsible_section.h"
#include "widgets/forms/experiment_form.h"
#include "widgets/forms/form_texts.h"
#include "widgets/forms/objective_picker.h"
#include "widgets/forms/stack_editor.h"
#include "widgets/gallery/gallery_dialog.h"
#include "widgets/runs/runs_model.h"
#include "widgets/runs/runs_view.h"
#include "widgets/style/palette.h"

using namespace limbeck;

namespace {

QString folder;

void save(QWidget& widget, const QString& name) {
    widget.show();
    // Layouts settle in the event loop; a picture of a half-laid-out form would mislead.
    QEventLoop settle;
    QTimer::singleShot(60, &settle, &QEventLoop::quit);
    settle.exec();
    const QString file = folder + QLatin1Char('/') + name + QStringLiteral(".png");
    if (!widget.grab().save(file)) std::fprintf(stderr, "Cannot write %s\n", qPrintable(file));
    widget.hide();
}

void fill(ExperimentForm& form) {
    form.teacherCard()->setFacts({272474, 1103920, 81500000, 2.31, 0.9886, 0.9871, {}});
    form.studentCard()->setFacts({25450, 102880, 50800, 0.021, 0.9311, std::nullopt, {}});
}

void forms() {
    ExperimentForm form;
    form.setConfig(find_sample("glyphs")->config);
    fill(form);
    form.resize(form.sizeHint().width(), 1500);
    save(form, "form-glyphs");
    form.resize(form.sizeHint().width(), 560);
    save(form, "form-small");
    form.setRunning(true);
    form.resize(form.sizeHint().width(), 1500);
    save(form, "form-running");
    form.setRunning(false);
    ExperimentConfig wrong = find_sample("fashion-mnist")->config;
    wrong.training.batch_size = 0;
    wrong.distillation.temperature = 1000;
    wrong.teacher.training.epochs = 0;
    wrong.student.network.options["hidden"] = "64xx";
    form.setConfig(wrong);
    form.resize(form.sizeHint().width(), 1500);
    save(form, "form-wrong");
    ExperimentConfig planar = find_sample("spirals")->config;
    planar.training.schedule = "step";
    form.setConfig(planar);
    form.focusField("teacher.training.learning_rate");
    form.resize(form.sizeHint().width(), 1800);
    save(form, "form-spirals-open");
}

/// A loss with all that a loss can have, and the picker that it was put together with.
void losses() {
    ExperimentForm form;
    ExperimentConfig config = find_sample("glyphs")->config;
    if (find_objective("dkd")) config.distillation.objective = "dkd";
    std::vector<TermNeedsText> needs;
    for (const ObjectiveEntry& entry : objective_catalogue()) {
        if (entry.group != ObjectiveGroup::features || needs.size() == 3) continue;
        config.distillation.terms.push_back({std::string(entry.id), entry.weight, {}, {}});
        needs.push_back(needs.empty() ? TermNeedsText{"adapter 12,480 parameters · bank 12 MB", false}
                                      : TermNeedsText{});
    }
    if (needs.size() == 3) {
        config.distillation.terms[1].taps = {"feature.1", "layer2"};
        needs[2] = {"64 and 32 channels differ and there is no adapter", true};
    }
    form.setConfig(config);
    form.setTermNeeds(needs);
    for (CollapsibleSection* section : form.findChildren<CollapsibleSection*>())
        section->setOpen(false);
    form.focusField("distillation.terms");
    form.resize(form.sizeHint().width(), 900);
    save(form, "form-loss");
    config.distillation.scheme = "alone";
    form.setConfig(config);
    save(form, "form-alone");
    for (const ObjectiveEntry& entry : objective_catalogue()) {
        ObjectivePicker picker(ObjectivePicker::Scope::all, "Add a Term", "Add Term");
        picker.select(form::text(entry.id));
        picker.setNeeds(form::text(entry.id), {"adapter 12,480 parameters · bank 12 MB", false});
        save(picker, "picker-" + form::text(entry.id));
    }
}

/// A stack in the form, one that does not fit and one that cannot be read.
void stacks() {
    ExperimentForm form;
    ExperimentConfig config = find_sample("glyphs")->config;
    config.student.network = {
        "stack", {{"layers", "conv3-16,bn,relu,pool2,conv3-32,bn,relu,pool2,gap,fc"}}, {}};
    form.setConfig(config);
    form.setDataShape({1, 28, 28}, 10);
    for (CollapsibleSection* section : form.findChildren<CollapsibleSection*>())
        section->setOpen(false);
    form.focusField("student.model");
    form.resize(form.sizeHint().width(), 760);
    save(form, "form-stack");
    StackEditor editor;
    editor.resize(300, editor.sizeHint().height());
    editor.setData({1, 28, 28}, 10);
    editor.setText("conv3-16,relu,pool16,pool2,conv3-32,flatten,pool2,fc64,drop0.5,fc");
    save(editor, "stack-misfits");
    editor.setText("conv3-16,relu,pol2,fc");
    save(editor, "stack-unreadable");
    editor.setText("fc64,relu,fc");
    editor.setData({}, 0);
    save(editor, "stack-no-data");
}

RunRow run(RunId id, Role role, RunState state, const char* name, double accuracy, double agreement,
           double temperature) {
    RunRow row;
    row.record.id = id;
    row.record.role = role;
    row.record.state = state;
    row.record.name = name;
    row.record.epoch = state == RunState::finished ? 20 : 12;
    row.record.total_epochs = 20;
    row.record.seconds = 75.0 + static_cast<double>(id);
    row.record.config.distillation.temperature = temperature;
    row.record.config.training.seed = static_cast<std::uint64_t>(id % 2);
    row.summary.last_accuracy = accuracy;
    row.summary.best_accuracy = accuracy + 0.004;
    if (role == Role::student) {
        row.summary.last_agreement = agreement;
        row.summary.best_agreement = agreement + 0.002;
    }
    return row;
}

void lists() {
    RunsModel model;
    RunsView view;
    view.setRunsModel(&model);
    view.resize(900, 200);
    save(view, "runs-empty");
    model.setRuns({run(1, Role::teacher, RunState::finished, "teacher lenet", 0.9886, 0, 4),
                   run(2, Role::baseline, RunState::finished, "student alone", 0.897, 0, 4),
                   run(3, Role::student, RunState::finished, "T1 soft 0.9 seed 1", 0.918, 0.922, 1),
                   run(4, Role::student, RunState::failed, "T8 soft 0.9 seed 0", 0.518, 0.522, 8),
                   run(5, Role::student, RunState::running, "T4 soft 0.9 seed 1", 0.931, 0.94, 4)});
    model.setShown(5, true);
    model.setShown(2, true);
    view.choose(5);
    save(view, "runs");
}

void bars() {
    QWidget window;
    window.resize(900, 120);
    auto* layout = new QVBoxLayout(&window);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* bar = new MessageBar(&window);
    auto* strip = new ProgressStrip(&window);
    layout->addWidget(bar);
    layout->addStretch();
    layout->addWidget(strip);
    strip->setProgress({"Student", 12, 20, 0.62, 3412, 24, false, {}});
    strip->setSecondsSinceSave(2);
    bar->post({Severity::information,
               "The teacher of run 3 is used again: its settings are the same.",
               {},
               {},
               {},
               {}});
    save(window, "bar-information");
    bar->post({Severity::warning,
               "This project is open in another window and can only be viewed here.",
               {},
               "Open a Copy",
               [] {},
               {}});
    save(window, "bar-warning");
    bar->post(
        {Severity::error,
         "The loss of run 5 is not a number at step 1,204. The run was stopped and its last good weights are "
         "kept; a lower learning rate or a longer warm-up usually helps.",
         "loss.cpp: not finite\nstep 1204",
         "Resume",
         [] {},
         {}});
    save(window, "bar-error");
}

} // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    const QStringList arguments = QApplication::arguments();
    if (arguments.size() < 2) {
        std::fprintf(stderr, "form_gallery FOLDER [--dark]\n");
        return 2;
    }
    folder = arguments[1];
    QDir().mkpath(folder);
    QApplication::setStyle(QStyleFactory::create("Fusion"));
    QApplication::setPalette(arguments.contains("--dark") ? style::darkPalette() : style::lightPalette());
    forms();
    losses();
    stacks();
    lists();
    bars();
    GalleryDialog gallery;
    save(gallery, "gallery");
    gallery.select("fashion-mnist");
    save(gallery, "gallery-folder");
    return 0;
}
