// SPDX-License-Identifier: GPL-3.0-or-later
#include <QGridLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>

#include "backend/types/catalogue.h"
#include "widgets/cards/network_card.h"
#include "widgets/forms/collapsible_section.h"
#include "widgets/forms/experiment_form.h"
#include "widgets/forms/field_editor.h"
#include "widgets/forms/form_texts.h"
#include "widgets/forms/formula_view.h"
#include "widgets/forms/network_editor.h"
#include "widgets/forms/objective_editor.h"
#include "widgets/forms/recipes.h"
#include "widgets/forms/rule.h"
#include "widgets/forms/status_line.h"
#include "widgets/forms/terms_editor.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

// The window is no narrower than 1024 pixels, and the plots want two thirds of it.
constexpr int narrowest = 320;

} // namespace

void ExperimentForm::buildSections() {
    auto* content = new QWidget;
    stack_ = new QVBoxLayout(content);
    stack_->setContentsMargins(style::grid, style::grid, style::grid, style::grid);
    stack_->setSpacing(0);
    const auto section = [&](const QString& title) {
        auto* made = new CollapsibleSection(title, false, content);
        stack_->addWidget(made);
        return made;
    };
    data_ = section(tr("Data"));
    teacher_ = section(tr("Teacher"));
    student_ = section(tr("Student"));
    distillation_ = section(tr("Distillation"));
    training_ = section(tr("Training"));
    stack_->addStretch();
    teacher_training_ = new CollapsibleSection(tr("Teacher's training"), true, teacher_);
    teacher_card_ = new NetworkCard(Role::teacher, teacher_);
    student_card_ = new NetworkCard(Role::student, student_);

    for (const Field& field : fields())
        addRow(field);
    teacher_->addWide(teacher_card_);
    teacher_->addWide(teacher_training_);
    student_->addWide(student_card_);
    addDistillationExtras();

    scroll_ = new QScrollArea(this);
    scroll_->setFrameShape(QFrame::NoFrame);
    scroll_->setWidgetResizable(true);
    scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    // Always there, or every opened section would shift the fields sideways.
    scroll_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
    scroll_->setFocusPolicy(Qt::NoFocus);
    scroll_->setWidget(content);
    buildStatus();
    alignLabels();
    keepWidth();
    orderTabs();
}

void ExperimentForm::buildStatus() {
    status_ = new StatusLine(this);
    connect(status_, &StatusLine::clicked, this, [this] {
        if (!shown_problems_.empty()) focusField(QString::fromStdString(shown_problems_.front().key));
    });
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(scroll_, 1);
    layout->addWidget(new Rule(this));
    layout->addWidget(status_);
}

CollapsibleSection* ExperimentForm::sectionOf(const Field& field, CollapsibleSection** outer) {
    *outer = nullptr;
    if (field.key.starts_with("teacher.training.")) {
        *outer = teacher_;
        return teacher_training_;
    }
    if (field.key.starts_with("data.")) return data_;
    if (field.key.starts_with("teacher.")) return teacher_;
    if (field.key.starts_with("student.")) return student_;
    if (field.key.starts_with("distillation.")) return distillation_;
    return training_;
}

void ExperimentForm::addRow(const Field& field) {
    // The device has its chooser in the toolbar, where it is told why CUDA is not there.
    if (field.key == "training.device") return;
    CollapsibleSection* outer = nullptr;
    CollapsibleSection* section = sectionOf(field, &outer);
    auto* label = new QLabel(field.kind == FieldKind::network ? tr("Network") : form::label(field), section);
    label->setToolTip(form::tooltip(field));
    FieldEditor* editor = makeFieldEditor(field, section);
    label->setBuddy(editor->target());
    section->addRow(label, editor);
    for (const FieldEditor::Part& part : editor->parts()) {
        if (part.label)
            section->addRow(part.label, part.widget);
        else
            section->addWide(part.widget);
    }
    if (auto* terms = qobject_cast<TermsEditor*>(editor)) {
        terms_ = terms;
        connect(terms, &TermsEditor::lookedAt, this, &ExperimentForm::objectiveLookedAt);
    }
    if (auto* network = qobject_cast<NetworkEditor*>(editor)) networks_.push_back(network);
    if (auto* objective = qobject_cast<ObjectiveEditor*>(editor))
        connect(objective, &ObjectiveEditor::lookedAt, this, &ExperimentForm::objectiveLookedAt);
    const Row row{&field, editor, label, section, outer};
    rows_.push_back(row);
    connect(editor, &FieldEditor::edited, this, [this, row] { edited(row); });
    connect(editor, &FieldEditor::committed, this, [this] { flushLive(); });
}

void ExperimentForm::addDistillationExtras() {
    formula_ = new FormulaView(distillation_);
    recipes_ = new QPushButton(distillation_);
    recipes_->setText(tr("Recipes"));
    recipes_->setAutoDefault(false);
    recipes_->setToolTip(
        tr("<p>Takes over objective, temperature, weights and further terms as others have published them."
           "</p>"));
    auto* menu = new QMenu(recipes_);
    // One submenu for each source, in the order of the list.
    QMenu* source = nullptr;
    for (const Recipe& recipe : recipes()) {
        const QString title = form::text(recipe.source);
        if (!source || source->title() != title) {
            source = menu->addMenu(title);
            source->setToolTipsVisible(true);
        }
        QAction* action = source->addAction(form::text(recipe.title));
        action->setToolTip(QStringLiteral("<p>%1</p><p>%2</p>")
                               .arg(QString::fromStdString(formula_text(recipe.distillation)).toHtmlEscaped(),
                                    form::text(recipe.mapping).toHtmlEscaped()));
        connect(action, &QAction::triggered, this,
                [this, &recipe] { applyRecipe(with_recipe(recipe, config_.distillation)); });
    }
    recipes_->setMenu(menu);
    distillation_->addWide(formula_);
    distillation_->grid()->addWidget(recipes_, distillation_->grid()->rowCount(), 0, 1, 2, Qt::AlignRight);
}

/// One column of labels through all sections.
void ExperimentForm::alignLabels() {
    const std::vector<CollapsibleSection*> all{data_,    teacher_,      teacher_training_,
                                               student_, distillation_, training_};
    int widest = 0;
    for (const Row& row : rows_) {
        widest = std::max(widest, row.label->sizeHint().width());
        for (const FieldEditor::Part& part : row.editor->parts())
            if (part.label) widest = std::max(widest, part.label->sizeHint().width());
    }
    for (CollapsibleSection* section : all)
        section->grid()->setColumnMinimumWidth(0, widest);
}

/// From top to bottom: widgets are made in another order (all sections first).
void ExperimentForm::orderTabs() {
    QWidget* last = nullptr;
    const auto then = [&last](QWidget* widget) {
        if (last) setTabOrder(last, widget);
        last = widget;
    };
    const auto inside = [&](QWidget* widget) {
        if (widget->focusPolicy() & Qt::TabFocus && !widget->focusProxy()) then(widget);
        for (QWidget* child : widget->findChildren<QWidget*>()) {
            // A combo box's list is a child too, but lives in a window of its own.
            if (child->window() != widget->window()) continue;
            if (child->focusPolicy() & Qt::TabFocus && !child->focusProxy()) then(child);
        }
    };
    const auto section = [&](CollapsibleSection* each, QWidget* tail) {
        then(each->header());
        for (const Row& row : rows_) {
            if (row.section != each) continue;
            inside(row.editor);
            for (const FieldEditor::Part& part : row.editor->parts())
                inside(part.widget);
        }
        if (tail) inside(tail);
    };
    section(data_, nullptr);
    section(teacher_, nullptr);
    section(teacher_training_, nullptr);
    section(student_, nullptr);
    section(distillation_, recipes_);
    section(training_, nullptr);
}

void ExperimentForm::keepWidth() {
    const int bar = scroll_->verticalScrollBar()->sizeHint().width();
    setMinimumWidth(std::max(narrowest, scroll_->widget()->minimumSizeHint().width() + bar));
}

QSize ExperimentForm::sizeHint() const {
    return {std::max(minimumWidth(), 340), 640};
}

} // namespace limbeck
