// SPDX-License-Identifier: GPL-3.0-or-later
// How the form behaves; how it is laid out stands in experiment_form_layout.cpp.
#include "widgets/forms/experiment_form.h"

#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QTimer>

#include <algorithm>

#include "backend/types/catalogue.h"
#include "widgets/cards/network_card.h"
#include "widgets/forms/adoption.h"
#include "widgets/forms/applicability.h"
#include "widgets/forms/collapsible_section.h"
#include "widgets/forms/field_editor.h"
#include "widgets/forms/form_texts.h"
#include "widgets/forms/formula_view.h"
#include "widgets/forms/network_editor.h"
#include "widgets/forms/objective_picker.h"
#include "widgets/forms/status_line.h"
#include "widgets/forms/terms_editor.h"
#include "widgets/style/format.h"

namespace limbeck {

namespace {

// Long enough that typing "12" sends no "1", short enough to feel at once.
constexpr int typing_rest_ms = 400;

std::optional<double> number(const Field& field, const ExperimentConfig& config) {
    const FieldValue value = field.get(config);
    if (const auto* real = std::get_if<double>(&value)) return *real;
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
    return std::nullopt;
}

} // namespace

ExperimentForm::ExperimentForm(QWidget* parent) : QWidget(parent), live_timer_(new QTimer(this)) {
    live_timer_->setSingleShot(true);
    live_timer_->setInterval(typing_rest_ms);
    connect(live_timer_, &QTimer::timeout, this, [this] {
        const bool held =
            std::any_of(rows_.begin(), rows_.end(), [](const Row& row) { return row.editor->isDragging(); });
        if (held)
            live_timer_->start();
        else
            flushLive();
    });
    buildSections();
    for (const Row& row : rows_)
        row.editor->readFrom(config_);
    refresh();
}

ExperimentForm::~ExperimentForm() {
    // A control that loses the focus while it is destroyed still says "committed", to a form that is no more.
    for (FieldEditor* editor : findChildren<FieldEditor*>())
        editor->disconnect(this);
}

void ExperimentForm::setConfig(const ExperimentConfig& config) {
    if (config == config_) return;
    pending_live_.clear();
    outside_problems_.clear();
    // Undo of a live setting while a run is on concerns the run as the edit did.
    if (running_)
        for (const Row& row : rows_)
            if (const auto value = number(*row.field, config); row.field->live && value)
                pending_live_[std::string(row.field->key)] = *value; // what is told already stays untold
    if (!pending_live_.empty()) live_timer_->start();
    config_ = config;
    loading_ = true;
    for (const Row& row : rows_)
        row.editor->readFrom(config_);
    loading_ = false;
    refresh();
}

void ExperimentForm::setRunning(bool running) {
    if (running == running_) return;
    running_ = running;
    live_timer_->stop();
    pending_live_.clear();
    told_live_.clear();
    for (const Row& row : rows_)
        if (const auto value = number(*row.field, config_); row.field->live && value)
            told_live_[std::string(row.field->key)] = *value;
    refreshStandings();
    showReasons();
}

void ExperimentForm::setProblems(std::vector<Problem> problems) {
    outside_problems_ = std::move(problems);
    refreshValidity();
}

void ExperimentForm::setTermNeeds(const std::vector<TermNeedsText>& needs) {
    terms_->setNeeds(needs);
}

void ExperimentForm::setCandidateNeeds(const QString& id, const TermNeedsText& needs) {
    if (auto* picker = findChild<ObjectivePicker*>()) picker->setNeeds(id, needs);
}

void ExperimentForm::setDataShape(const std::vector<std::int64_t>& shape, std::int64_t classes) {
    told_dataset_ = config_.data.dataset;
    told_shape_ = shape;
    told_classes_ = classes;
    refreshData();
}

void ExperimentForm::refreshData() {
    const DatasetSpec& dataset = config_.data.dataset;
    const DatasetEntry* entry = find_dataset(dataset.kind);
    const bool told = !told_shape_.empty() && told_dataset_ == dataset;
    for (NetworkEditor* network : networks_)
        network->setData(told    ? told_shape_
                         : entry ? entry->shape
                                 : std::vector<std::int64_t>{},
                         told ? told_classes_ : 0);
}

QString ExperimentForm::firstReason() const {
    return shown_problems_.empty() ? QString() : form::reason(shown_problems_.front());
}

bool ExperimentForm::focusField(const QString& key) {
    const auto row = std::find_if(rows_.begin(), rows_.end(),
                                  [&](const Row& each) { return form::text(each.field->key) == key; });
    if (row == rows_.end()) return false;
    if (row->outer) row->outer->setOpen(true);
    row->section->setOpen(true);
    QWidget* target = row->editor->target();
    // The section has only just been opened: its fields have no place yet.
    QTimer::singleShot(0, target, [this, target] { scroll_->ensureWidgetVisible(target, 8, 32); });
    target->setFocus(Qt::OtherFocusReason);
    return true;
}

QString ExperimentForm::formulaText() const {
    return formula_->plainText();
}

QString ExperimentForm::statusText() const {
    return status_->text();
}

void ExperimentForm::edited(const Row& row) {
    if (loading_) return;
    const std::string key(row.field->key);
    std::erase_if(outside_problems_, [&](const Problem& problem) { return problem.key == key; });
    const ExperimentConfig before = config_;
    ExperimentConfig next = config_;
    if (row.editor->writeTo(next)) config_ = next;
    adopt(before);
    refresh();
    if (config_ == before) return;
    if (running_ && row.field->live) {
        if (const auto value = number(*row.field, config_)) pending_live_[key] = *value;
        live_timer_->start();
    }
    emit configEdited(config_);
}

/// What an edit brings along (see adopted()).
void ExperimentForm::adopt(const ExperimentConfig& before) {
    const DistillationConfig now = adopted(before.distillation, config_.distillation);
    // The controls for the options are those of the objective, also where no number changes.
    if (now == config_.distillation && now.objective == before.distillation.objective) return;
    config_.distillation = now;
    readDistillation();
}

void ExperimentForm::readDistillation() {
    loading_ = true;
    for (const Row& row : rows_)
        if (row.section == distillation_) row.editor->readFrom(config_);
    loading_ = false;
}

void ExperimentForm::applyRecipe(const DistillationConfig& distillation) {
    ExperimentConfig next = config_;
    next.distillation = distillation;
    if (next == config_) return;
    config_ = next;
    readDistillation();
    refresh();
    emit configEdited(config_);
}

void ExperimentForm::flushLive() {
    live_timer_->stop();
    // What is wrong just now stays pending: the next keystroke may set it right. Zeros go last: a run refuses
    // a weight of 0 while the other one is 0 as well.
    for (const bool zeros : {false, true}) {
        for (auto entry = pending_live_.begin(); entry != pending_live_.end();) {
            const auto [key, value] = *entry;
            if (isWrong(key) || (value == 0) != zeros) {
                ++entry;
                continue;
            }
            entry = pending_live_.erase(entry);
            if (const auto told = told_live_.find(key); told != told_live_.end() && told->second == value)
                continue;
            told_live_[key] = value;
            emit liveEdited(QString::fromStdString(key), value);
        }
    }
}

bool ExperimentForm::isWrong(std::string_view key) const {
    return std::any_of(shown_problems_.begin(), shown_problems_.end(),
                       [&](const Problem& problem) { return problem.key == key; });
}

void ExperimentForm::refresh() {
    formula_->setDistillation(config_.distillation);
    teacher_card_->setTitle(QString::fromStdString(to_string(config_.teacher.network)));
    student_card_->setTitle(QString::fromStdString(to_string(config_.student.network)));
    refreshData();
    refreshSummaries();
    refreshValidity();
}

void ExperimentForm::refreshStandings() {
    for (const Row& row : rows_) {
        const Bearing how = bearing(row.field->key, config_);
        // What is wrong must be within reach, even if it does not belong there.
        const bool seen = how != Bearing::foreign || isWrong(row.field->key);
        const bool open = !running_ || row.field->live;
        row.label->setVisible(seen);
        row.editor->setVisible(seen);
        row.label->setEnabled(how != Bearing::idle);
        row.editor->setEnabled(open && (how != Bearing::idle || isWrong(row.field->key)));
        for (const FieldEditor::Part& part : row.editor->parts()) {
            part.widget->setEnabled(open && (how != Bearing::idle || isWrong(row.field->key)));
            if (part.label) part.label->setEnabled(how != Bearing::idle);
        }
    }
    recipes_->setEnabled(!running_);
}

void ExperimentForm::refreshSummaries() {
    const auto network = [](const NetworkSpec& spec) {
        NetworkSpec brief = spec;
        brief.weights.clear();
        return QString::fromStdString(to_string(brief));
    };
    const DatasetEntry* data = find_dataset(config_.data.dataset.kind);
    data_->setSummary(data ? form::text(data->title) : QString::fromStdString(config_.data.dataset.kind));
    teacher_->setSummary(network(config_.teacher.network));
    student_->setSummary(network(config_.student.network));
    const DistillationConfig& loss = config_.distillation;
    const QString weights = tr("T %1 · %2 / %3")
                                .arg(format::setting(loss.temperature), format::setting(loss.hard_weight),
                                     format::setting(loss.soft_weight));
    const auto further = static_cast<int>(loss.terms.size());
    distillation_->setSummary(loss.scheme == "alone" ? form::choiceTitle("distillation.scheme", loss.scheme)
                              : further == 0         ? weights
                              : further == 1         ? tr("%1 · 1 term more").arg(weights)
                                                     : tr("%1 · %2 terms more").arg(weights).arg(further));
    const auto epochs = [](const OptimizationConfig& training) {
        return training.epochs == 1 ? tr("1 epoch") : tr("%1 epochs").arg(training.epochs);
    };
    teacher_training_->setSummary(config_.teacher.network.weights.empty() ? epochs(config_.teacher.training)
                                                                          : tr("has weights"));
    training_->setSummary(epochs(config_.training));
}

void ExperimentForm::refreshValidity() {
    std::vector<Problem> found = check(config_);
    found.insert(found.end(), outside_problems_.begin(), outside_problems_.end());
    for (Problem& problem : found)
        for (const Row& row : rows_)
            if (row.field->key == problem.key) problem.message = row.editor->rephrased(problem.message);
    // A text that cannot be read is the newest thing known about its field.
    for (const Row& row : rows_) {
        ExperimentConfig scratch = config_;
        if (auto written = row.editor->writeTo(scratch); !written) {
            std::erase_if(found, [&](const Problem& problem) { return problem.key == row.field->key; });
            found.push_back({std::string(row.field->key), written.error().message});
        }
    }
    const auto place = [this](const Problem& problem) {
        return std::find_if(rows_.begin(), rows_.end(),
                            [&](const Row& row) { return row.field->key == problem.key; });
    };
    std::stable_sort(found.begin(), found.end(),
                     [&](const Problem& a, const Problem& b) { return place(a) < place(b); });
    shown_problems_ = std::move(found);
    refreshStandings();
    showReasons();
    const QString reason = firstReason();
    if (told_reason_ == reason) return;
    told_reason_ = reason;
    emit validityChanged(reason.isEmpty(), reason);
}

void ExperimentForm::showReasons() {
    std::map<CollapsibleSection*, QString> marked;
    for (const Row& row : rows_) {
        const auto found =
            std::find_if(shown_problems_.begin(), shown_problems_.end(),
                         [&](const Problem& problem) { return problem.key == row.field->key; });
        const QString reason = found == shown_problems_.end() ? QString() : form::reason(*found);
        row.editor->setReason(reason);
        for (CollapsibleSection* section : {row.section, row.outer})
            if (section && marked[section].isEmpty()) marked[section] = reason;
    }
    for (const auto& [section, reason] : marked)
        section->setReason(reason);
    if (!shown_problems_.empty()) {
        const auto more = static_cast<int>(shown_problems_.size()) - 1;
        const QString rest = more > 0 ? QLatin1Char(' ') + tr("(and %1 more)").arg(more) : QString();
        status_->say(StatusLine::Mood::wrong, firstReason() + rest);
    } else if (running_) {
        status_->say(StatusLine::Mood::locked,
                     tr("Locked while a run is on; temperature, weights and learning rate stay live."));
    } else {
        status_->say(StatusLine::Mood::calm, tr("All settings are in order."));
    }
}

} // namespace limbeck
