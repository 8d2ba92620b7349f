// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/dataset_editor.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>

#include "backend/types/catalogue.h"
#include "widgets/forms/form_texts.h"
#include "widgets/forms/invalid_mark.h"
#include "widgets/forms/path_edit.h"
#include "widgets/forms/quiet_wheel.h"

namespace limbeck {

DatasetEditor::DatasetEditor(const Field& field, QWidget* parent)
    : FieldEditor(field, parent)
    , kind_(new QuietWheel<QComboBox>(this))
    , kind_mark_(new InvalidMark(kind_))
    , folder_label_(new QLabel(tr("Folder"), parent))
    , folder_(new PathEdit(PathEdit::Kind::folder, tr("Folder of the Data Set"), {}, parent))
    , folder_mark_(new InvalidMark(folder_->lineEdit())) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(kind_);
    setTarget(kind_);
    kind_->setAccessibleName(form::label(field));
    kind_->setMinimumContentsLength(8);
    kind_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    for (const DatasetEntry& entry : dataset_catalogue()) {
        kind_->addItem(form::text(entry.title), form::text(entry.kind));
        kind_->setItemData(kind_->count() - 1, form::text(entry.description), Qt::ToolTipRole);
    }
    folder_->lineEdit()->setAccessibleName(tr("Folder of the data set"));
    folder_->setPlaceholder(tr("Choose a folder"));
    refresh();
    connect(kind_, &QComboBox::activated, this, [this] {
        folder_->setPath(folders_[kind_->currentData().toString()]);
        refresh();
        emit edited();
        emit committed();
    });
    connect(folder_, &PathEdit::edited, this, [this] {
        folders_[kind_->currentData().toString()] = folder_->path();
        emit edited();
    });
    connect(folder_, &PathEdit::committed, this, &FieldEditor::committed);
}

void DatasetEditor::readFrom(const ExperimentConfig& config) {
    const DatasetSpec& spec = config.data.dataset;
    const QString kind = QString::fromStdString(spec.kind), path = QString::fromStdString(spec.path);
    int index = kind_->findData(kind);
    if (index < 0) {
        kind_->addItem(kind, kind);
        index = kind_->count() - 1;
    }
    kind_->setCurrentIndex(index);
    folders_[kind] = path;
    folder_->setPath(path);
    refresh();
}

Result<void> DatasetEditor::writeTo(ExperimentConfig& config) const {
    // Not through the short form: an empty folder has none, and check() says it better.
    config.data.dataset.kind = kind_->currentData().toString().toStdString();
    config.data.dataset.path = needsFolder() ? folder_->path().toStdString() : std::string();
    return {};
}

void DatasetEditor::setReason(const QString& reason) {
    reason_ = reason;
    refresh();
}

std::string DatasetEditor::rephrased(const std::string& reason) const {
    if (!needsFolder() || !folder_->path().isEmpty()) return reason;
    return tr("no folder is chosen; choose the one that holds its files.").toStdString();
}

std::vector<FieldEditor::Part> DatasetEditor::parts() const {
    return {{folder_label_, folder_}};
}

QWidget* DatasetEditor::target() const {
    return needsFolder() && !reason_.isEmpty() ? static_cast<QWidget*>(folder_->lineEdit()) : kind_;
}

bool DatasetEditor::needsFolder() const {
    const DatasetEntry* entry = find_dataset(kind_->currentData().toString().toStdString());
    return entry && entry->needs_folder;
}

void DatasetEditor::refresh() {
    const bool folder = needsFolder();
    folder_label_->setVisible(folder);
    folder_->setVisible(folder);
    kind_mark_->set(!reason_.isEmpty() && !folder);
    folder_mark_->set(!reason_.isEmpty() && folder);
    const QString own = QStringLiteral("<p>%1</p>").arg(kind_->currentData(Qt::ToolTipRole).toString());
    kind_->setToolTip(tooltipWithReason(field(), folder ? QString() : reason_) + own);
    if (folder) folder_->lineEdit()->setToolTip(reason_.isEmpty() ? folder_->path() : reason_);
}

} // namespace limbeck
