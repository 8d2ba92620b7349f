// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/network_editor.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>

#include <algorithm>

#include "backend/types/catalogue.h"
#include "widgets/forms/form_texts.h"
#include "widgets/forms/invalid_mark.h"
#include "widgets/forms/path_edit.h"
#include "widgets/forms/quiet_wheel.h"
#include "widgets/forms/stack_editor.h"

namespace limbeck {

namespace {

const char* const first_widths = "64x64";

} // namespace

NetworkEditor::NetworkEditor(const Field& field, Spec spec, bool with_weights, QWidget* parent)
    : FieldEditor(field, parent)
    , spec_(std::move(spec))
    , model_(new QuietWheel<QComboBox>(this))
    , model_mark_(new InvalidMark(model_))
    , hidden_label_(new QLabel(tr("Hidden widths"), parent))
    , hidden_(new QLineEdit(parent))
    , hidden_mark_(new InvalidMark(hidden_))
    , stack_(new StackEditor(parent)) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(model_);
    setTarget(model_);
    model_->setAccessibleName(form::label(field));
    model_->setMinimumContentsLength(8);
    model_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    for (const ModelEntry& entry : model_catalogue()) {
        QString words = form::text(entry.description);
        if (!entry.paper.empty())
            words += QStringLiteral("<br><small>%1</small>").arg(form::text(entry.paper));
        model_->addItem(form::text(entry.title), form::text(entry.name));
        model_->setItemData(model_->count() - 1, words, Qt::ToolTipRole);
    }
    const QString widths = tr("Widths of the hidden layers joined by x, from the input on, e.g. 64x64.");
    hidden_->setMaxLength(256);
    hidden_->setAccessibleName(tr("Hidden widths"));
    hidden_->setToolTip(widths);
    hidden_label_->setToolTip(widths);
    connect(model_, &QComboBox::activated, this, [this] {
        if (hasHidden() && hidden_->text().isEmpty()) hidden_->setText(QString::fromLatin1(first_widths));
        // One that was put together before is found again.
        if (isStack() && !stack_known_) stack_->setText(StackEditor::firstText(input_));
        stack_known_ = stack_known_ || isStack();
        refresh();
        emit edited();
        emit committed();
    });
    connect(stack_, &StackEditor::edited, this, &FieldEditor::edited);
    connect(stack_, &StackEditor::committed, this, &FieldEditor::committed);
    connect(hidden_, &QLineEdit::textEdited, this, &FieldEditor::edited);
    connect(hidden_, &QLineEdit::editingFinished, this, &FieldEditor::committed);
    if (with_weights) {
        weights_label_ = new QLabel(tr("Weights"), parent);
        weights_ = new PathEdit(PathEdit::Kind::file, tr("Weights of the Teacher"),
                                tr("Weights (*.safetensors);;All files (*)"), parent);
        weights_->setPlaceholder(tr("Trained here"));
        weights_->lineEdit()->setAccessibleName(tr("Weights of the teacher"));
        weights_->lineEdit()->setClearButtonEnabled(true);
        weights_label_->setToolTip(
            tr("A safetensors file with a trained teacher; without one it is trained first "
               "and kept with the project."));
        connect(weights_, &PathEdit::edited, this, &FieldEditor::edited);
        connect(weights_, &PathEdit::committed, this, &FieldEditor::committed);
    }
    refresh();
}

void NetworkEditor::readFrom(const ExperimentConfig& config) {
    ExperimentConfig copy = config;
    shown_ = spec_(copy);
    const QString model = QString::fromStdString(shown_.model);
    int index = model_->findData(model);
    if (index < 0) {
        model_->addItem(model, model);
        index = model_->count() - 1;
    }
    model_->setCurrentIndex(index);
    if (hasHidden()) {
        const auto found = shown_.options.find("hidden");
        const QString hidden =
            found == shown_.options.end() ? QString() : QString::fromStdString(found->second);
        if (hidden_->text() != hidden) hidden_->setText(hidden);
    }
    if (isStack()) {
        const auto found = shown_.options.find(std::string(stack_layers_option));
        stack_->setText(found == shown_.options.end() ? std::string() : found->second);
        stack_known_ = true;
    }
    if (weights_) weights_->setPath(QString::fromStdString(shown_.weights));
    refresh();
}

Result<void> NetworkEditor::writeTo(ExperimentConfig& config) const {
    static const QRegularExpression widths(QStringLiteral("^[0-9]+(x[0-9]+)*$"));
    NetworkSpec& spec = spec_(config);
    NetworkSpec next = spec;
    next.model = model_->currentData().toString().toStdString();
    if (next.model != spec.model) next.options.clear();
    if (hasHidden()) {
        // A spec with an empty or odd option could be saved but not read again.
        const bool left_out =
            hidden_->text().isEmpty() && next.model == spec.model && !spec.options.contains("hidden");
        if (left_out) {
            // As it came: the network's own default.
        } else if (!widths.match(hidden_->text()).hasMatch()) {
            return failure(ErrorKind::configuration,
                           tr("found “%1” as hidden widths; whole numbers joined by x are right, e.g. 64x64.")
                               .arg(hidden_->text())
                               .toStdString(),
                           std::string(field().key));
        } else {
            next.options["hidden"] = hidden_->text().toStdString();
        }
    }
    if (isStack())
        if (auto written = writeStack(next, spec); !written) return written;
    if (weights_) next.weights = weights_->path().toStdString();
    spec = std::move(next);
    return {};
}

Result<void> NetworkEditor::writeStack(NetworkSpec& next, const NetworkSpec& before) const {
    const std::string key(stack_layers_option);
    const auto text = stack_->text();
    if (!text) return failure(ErrorKind::configuration, text.error().message, std::string(field().key));
    next.options[key] = *text;
    // Another spelling of the same layers is no change.
    const auto old = before.options.find(key);
    if (next.model != before.model || old == before.options.end()) return {};
    const auto layers = parse_stack(old->second);
    if (layers && to_string(*layers) == *text) next.options[key] = old->second;
    return {};
}

void NetworkEditor::setData(const std::vector<std::int64_t>& input, std::int64_t classes) {
    input_ = input;
    stack_->setData(input, classes);
}

void NetworkEditor::setReason(const QString& reason) {
    reason_ = reason;
    refresh();
}

std::vector<FieldEditor::Part> NetworkEditor::parts() const {
    std::vector<Part> parts{{hidden_label_, hidden_}, {nullptr, stack_}};
    if (weights_) parts.push_back({weights_label_, weights_});
    return parts;
}

QWidget* NetworkEditor::target() const {
    if (isStack() && !reason_.isEmpty()) return stack_->target();
    return hidden_mark_->isHidden() ? static_cast<QWidget*>(model_) : hidden_;
}

bool NetworkEditor::hasHidden() const {
    const ModelEntry* entry = find_model(model_->currentData().toString().toStdString());
    return entry && std::find(entry->options.begin(), entry->options.end(), "hidden") != entry->options.end();
}

bool NetworkEditor::isStack() const {
    return model_->currentData().toString().toStdString() == stack_model;
}

void NetworkEditor::refresh() {
    const bool hidden = hasHidden();
    hidden_label_->setVisible(hidden);
    hidden_->setVisible(hidden);
    const bool stack = isStack();
    stack_->setVisible(stack);
    stack_->setReason(stack ? reason_ : QString());
    // The mlp takes any data, so what is wrong with one is its widths.
    hidden_mark_->set(hidden && !reason_.isEmpty());
    model_mark_->set(!hidden && !stack && !reason_.isEmpty());
    model_->setToolTip(tooltipWithReason(field(), hidden || stack ? QString() : reason_) +
                       QStringLiteral("<p>%1</p>").arg(model_->currentData(Qt::ToolTipRole).toString()));
}

} // namespace limbeck
