// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/options_editor.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

#include <algorithm>

#include "backend/types/catalogue.h"
#include "widgets/forms/form_texts.h"
#include "widgets/forms/invalid_mark.h"
#include "widgets/forms/muted_label.h"
#include "widgets/forms/objective_texts.h"
#include "widgets/forms/option_control.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

/// As many controls as the objective with the most options has: they stay in their places, and so does the
/// order of the Tab key.
std::size_t mostOptions() {
    std::size_t most = 0;
    for (const ObjectiveEntry& entry : objective_catalogue())
        if (entry.group == ObjectiveGroup::answers) most = std::max(most, entry.options.size());
    return most;
}

} // namespace

OptionsEditor::OptionsEditor(const Field& field, QWidget* parent)
    : FieldEditor(field, parent)
    , summary_(new MutedLabel(this))
    , reset_(new QToolButton(this))
    , mark_(new InvalidMark(summary_)) {
    reset_->setText(tr("Reset"));
    reset_->setAutoRaise(true);
    reset_->setFocusPolicy(Qt::StrongFocus);
    reset_->setAccessibleName(tr("Reset the options"));
    reset_->setToolTip(tr("<p>Puts every option of the objective back to its default.</p>"));
    summary_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(style::grid / 2);
    layout->addWidget(summary_, 1);
    layout->addWidget(reset_);
    setTarget(reset_);
    for (std::size_t i = 0; i < mostOptions(); ++i) {
        auto* label = new QLabel(parent);
        label->setWordWrap(true);
        label->setIndent(style::grid);
        auto* control = new OptionControl(parent);
        label->hide();
        control->hide();
        slots_.push_back({label, control});
        connect(control, &OptionControl::edited, this, [this] {
            refresh();
            emit edited();
        });
        connect(control, &OptionControl::committed, this, &FieldEditor::committed);
    }
    connect(reset_, &QToolButton::clicked, this, [this] {
        strange_.clear();
        for (std::size_t i = 0; i < used_; ++i)
            slots_[i].control->setValue(slots_[i].control->option().value);
        refresh();
        emit edited();
        emit committed();
    });
}

std::vector<FieldEditor::Part> OptionsEditor::parts() const {
    std::vector<Part> parts;
    for (const Slot& slot : slots_)
        parts.push_back({slot.label, slot.control});
    return parts;
}

QWidget* OptionsEditor::target() const {
    for (std::size_t i = 0; i < used_; ++i)
        if (!slots_[i].control->problem().isEmpty()) return slots_[i].control->target();
    return used_ > 0 && strange_.empty() ? slots_.front().control->target() : reset_;
}

void OptionsEditor::showObjective(const std::string& id) {
    objective_ = id;
    const ObjectiveEntry* entry = find_objective(id);
    const std::vector<OptionEntry> options =
        entry ? form::optionsOf(*entry, false) : std::vector<OptionEntry>{};
    used_ = std::min(options.size(), slots_.size());
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        const Slot& slot = slots_[i];
        slot.label->setVisible(i < used_);
        slot.control->setVisible(i < used_);
        if (i >= used_) {
            slot.control->setOption({}, {});
            continue;
        }
        const QString name = form::text(options[i].label);
        slot.control->setOption(options[i], name);
        slot.control->setValue(options[i].value);
        slot.label->setText(name);
        slot.label->setToolTip(form::text(options[i].description));
        slot.label->setBuddy(slot.control->target());
    }
}

void OptionsEditor::readFrom(const ExperimentConfig& config) {
    const DistillationConfig& distillation = config.distillation;
    if (distillation.objective != objective_) showObjective(distillation.objective);
    strange_ = distillation.options;
    for (std::size_t i = 0; i < used_; ++i) {
        OptionControl& control = *slots_[i].control;
        const std::string key(control.option().key);
        const auto found = distillation.options.find(key);
        control.setValue(found == distillation.options.end() ? control.option().value : found->second);
        strange_.erase(key);
    }
    refresh();
}

Result<void> OptionsEditor::writeTo(ExperimentConfig& config) const {
    TermOptions options = strange_;
    for (std::size_t i = 0; i < used_; ++i) {
        const OptionControl& control = *slots_[i].control;
        const auto value = control.value();
        if (!value)
            return failure(ErrorKind::configuration,
                           std::string(control.option().label) + ": " + control.problem().toStdString(),
                           std::string(field().key));
        if (*value != control.option().value) options[std::string(control.option().key)] = *value;
    }
    config.distillation.options = std::move(options);
    return {};
}

void OptionsEditor::refresh() {
    ExperimentConfig scratch;
    const bool readable = writeTo(scratch).has_value();
    const TermOptions& options = scratch.distillation.options;
    for (std::size_t i = 0; i < used_; ++i)
        slots_[i].control->refreshMark();
    if (readable)
        summary_->setText(options.empty() ? tr("as published") : QString::fromStdString(to_string(options)));
    reset_->setEnabled(!readable || !options.empty());
}

void OptionsEditor::setReason(const QString& reason) {
    // Where a control is red already, the line above it need not be.
    const bool own = std::any_of(slots_.begin(), slots_.end(),
                                 [](const Slot& slot) { return !slot.control->problem().isEmpty(); });
    mark_->set(!reason.isEmpty() && !own);
    summary_->setToolTip(tooltipWithReason(field(), reason));
}

} // namespace limbeck
