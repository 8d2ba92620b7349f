// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/terms_editor.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

#include "backend/types/catalogue.h"
#include "widgets/forms/form_texts.h"
#include "widgets/forms/invalid_mark.h"
#include "widgets/forms/objective_picker.h"
#include "widgets/forms/term_row.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

constexpr std::size_t most_terms = 16; // as many as parse_terms reads

} // namespace

TermsEditor::TermsEditor(const Field& field, QWidget* parent)
    : FieldEditor(field, parent)
    , add_(new QPushButton(tr("Add Term…"), this))
    , mark_(new InvalidMark(add_))
    , list_(new QWidget(parent))
    , stack_(new QVBoxLayout(list_)) {
    add_->setAutoDefault(false);
    add_->setAccessibleName(tr("Add a term"));
    add_->setToolTip(form::tooltip(field));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(add_);
    stack_->setContentsMargins(0, 0, 0, 0);
    stack_->setSpacing(style::grid / 2);
    list_->setAccessibleName(form::label(field));
    list_->hide();
    setTarget(add_);
    connect(add_, &QPushButton::clicked, this, &TermsEditor::openPicker);
}

std::vector<FieldEditor::Part> TermsEditor::parts() const {
    return {{nullptr, list_}};
}

QWidget* TermsEditor::target() const {
    for (TermRow* row : rows_) {
        if (row->problem().isEmpty()) continue;
        row->setOpen(true);
        return row->target();
    }
    return add_;
}

void TermsEditor::openPicker() {
    auto* picker = openObjectivePicker(ObjectivePicker::Scope::all, {}, this);
    connect(picker, &ObjectivePicker::lookedAt, this, &TermsEditor::lookedAt);
    connect(picker, &ObjectivePicker::chosen, this, [this](const QString& id) { addTerm(id.toStdString()); });
    emit lookedAt(picker->current());
}

void TermsEditor::addTerm(const std::string& id) {
    const ObjectiveEntry* entry = find_objective(id);
    TermRow* row = makeRow({id, entry ? entry->weight : 1, {}, {}});
    refresh();
    row->target()->setFocus(Qt::OtherFocusReason);
    emit edited();
    emit committed();
}

TermRow* TermsEditor::makeRow(const TermConfig& term) {
    auto* row = new TermRow(term, list_);
    // After the row before it, so that the Tab key goes from top to bottom.
    QWidget* before = rows_.empty() ? add_ : rows_.back()->stops().back();
    for (QWidget* stop : row->stops()) {
        setTabOrder(before, stop);
        before = stop;
    }
    rows_.push_back(row);
    stack_->addWidget(row);
    row->setVisible(true);
    connect(row, &TermRow::edited, this, &FieldEditor::edited);
    connect(row, &TermRow::committed, this, &FieldEditor::committed);
    connect(row, &TermRow::removeAsked, this, [this, row] {
        add_->setFocus(Qt::OtherFocusReason);
        removeRow(row);
        refresh();
        emit edited();
        emit committed();
    });
    return row;
}

void TermsEditor::removeRow(TermRow* row) {
    std::erase(rows_, row);
    // It may be the one that is just being clicked.
    row->disconnect(this);
    row->hide();
    stack_->removeWidget(row);
    row->deleteLater();
}

void TermsEditor::refresh() {
    list_->setVisible(!rows_.empty());
    add_->setEnabled(rows_.size() < most_terms);
}

void TermsEditor::readFrom(const ExperimentConfig& config) {
    const std::vector<TermConfig>& terms = config.distillation.terms;
    // Rows stay as long as they are for the same objectives: unfolded ones stay so.
    std::size_t same = 0;
    while (same < terms.size() && same < rows_.size() && rows_[same]->id() == terms[same].id)
        ++same;
    while (rows_.size() > same)
        removeRow(rows_.back());
    for (std::size_t i = 0; i < terms.size(); ++i)
        i < same ? rows_[i]->show(terms[i]) : void(makeRow(terms[i]));
    refresh();
}

Result<void> TermsEditor::writeTo(ExperimentConfig& config) const {
    std::vector<TermConfig> terms;
    for (const TermRow* row : rows_) {
        auto term = row->term();
        if (!term) return tl::unexpected(term.error());
        terms.push_back(std::move(*term));
    }
    config.distillation.terms = std::move(terms);
    return {};
}

void TermsEditor::setReason(const QString& reason) {
    // Where a row is red already, the button need not be.
    const bool own =
        std::any_of(rows_.begin(), rows_.end(), [](const TermRow* row) { return !row->problem().isEmpty(); });
    mark_->set(!reason.isEmpty() && !own);
    add_->setToolTip(tooltipWithReason(field(), reason));
}

void TermsEditor::setNeeds(const std::vector<TermNeedsText>& needs) {
    for (std::size_t i = 0; i < rows_.size(); ++i)
        rows_[i]->setNeeds(i < needs.size() ? needs[i] : TermNeedsText{});
}

} // namespace limbeck
