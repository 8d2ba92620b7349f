// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/gallery/gallery_dialog.h"

#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include "backend/types/catalogue.h"
#include "widgets/forms/form_texts.h"
#include "widgets/forms/muted_label.h"
#include "widgets/forms/path_edit.h"
#include "widgets/gallery/sample_preview.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

constexpr int preview_side = 56;

/// "glyphs · LeNet teaches MLP 32 · 20 epochs"
QString factsOf(const ExperimentConfig& config) {
    const auto network = [](const NetworkSpec& spec) {
        const ModelEntry* entry = find_model(spec.model);
        QString name = entry ? form::text(entry->title) : QString::fromStdString(spec.model);
        if (const auto hidden = spec.options.find("hidden"); hidden != spec.options.end())
            name += QLatin1Char(' ') + QString::fromStdString(hidden->second);
        return name;
    };
    const DatasetEntry* data = find_dataset(config.data.dataset.kind);
    return GalleryDialog::tr("Data: %1\nTeacher: %2, %3 epochs\nStudent: %4, %5 epochs\n%6")
        .arg(data ? form::text(data->description) : QString::fromStdString(config.data.dataset.kind))
        .arg(network(config.teacher.network))
        .arg(config.teacher.training.epochs)
        .arg(network(config.student.network))
        .arg(config.training.epochs)
        .arg(QString::fromStdString(formula_text(config.distillation)));
}

} // namespace

GalleryDialog::GalleryDialog(QWidget* parent)
    : QDialog(parent)
    , list_(new QListWidget(this))
    , title_(new QLabel(this))
    , description_(new QLabel(this))
    , facts_(new MutedLabel(this))
    , folder_label_(new QLabel(tr("&Folder"), this))
    , folder_(new PathEdit(PathEdit::Kind::folder, tr("Folder of the Data Set"), {}, this))
    , reason_(new MutedLabel(this)) {
    setWindowTitle(tr("New Experiment"));
    list_->setIconSize({preview_side, preview_side});
    list_->setSpacing(2);
    list_->setUniformItemSizes(true);
    list_->setWordWrap(true);
    list_->setAccessibleName(tr("Sample experiments"));
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    for (const SampleExperiment& sample : sample_experiments()) {
        auto* item =
            new QListWidgetItem(samplePreviewIcon(sample.config.data.dataset, preview_side, palette()),
                                form::text(sample.title), list_);
        item->setData(Qt::UserRole, form::text(sample.id));
    }
    QFont big = title_->font();
    big.setBold(true);
    big.setPointSizeF(big.pointSizeF() * 1.2);
    title_->setFont(big);
    for (QLabel* label : {title_, description_, facts_, reason_}) {
        label->setWordWrap(true);
        label->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    }
    title_->setTextFormat(Qt::PlainText);
    description_->setTextFormat(Qt::PlainText);
    folder_label_->setBuddy(folder_->lineEdit());
    folder_->lineEdit()->setAccessibleName(tr("Folder of the data set"));
    folder_->setPlaceholder(tr("Choose a folder"));
    // Two lines, always there: nothing below may move when there is a reason.
    reason_->setFixedHeight(2 * fontMetrics().lineSpacing());

    auto* right = new QGridLayout;
    right->setSpacing(style::grid);
    right->addWidget(title_, 0, 0, 1, 2);
    right->addWidget(description_, 1, 0, 1, 2);
    right->addWidget(facts_, 2, 0, 1, 2);
    right->setRowStretch(3, 1);
    right->addWidget(folder_label_, 4, 0);
    right->addWidget(folder_, 4, 1);
    right->addWidget(reason_, 5, 0, 1, 2);
    right->setColumnStretch(1, 1);

    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    create_ = buttons->addButton(tr("C&reate"), QDialogButtonBox::AcceptRole);
    create_->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto* layout = new QGridLayout(this);
    layout->setContentsMargins(2 * style::grid, 2 * style::grid, 2 * style::grid, 2 * style::grid);
    layout->setSpacing(2 * style::grid);
    layout->addWidget(list_, 0, 0);
    layout->addLayout(right, 0, 1);
    layout->addWidget(buttons, 1, 0, 1, 2);
    layout->setColumnStretch(0, 5);
    layout->setColumnStretch(1, 6);
    resize(760, 480);

    connect(list_, &QListWidget::currentRowChanged, this, &GalleryDialog::refresh);
    connect(list_, &QListWidget::itemActivated, this, [this] {
        if (create_->isEnabled()) accept();
    });
    connect(folder_, &PathEdit::edited, this, &GalleryDialog::refresh);
    connect(this, &QDialog::accepted, this, [this] { emit chosen(config(), sampleTitle()); });
    list_->setCurrentRow(0);
    list_->setFocus();
}

ExperimentConfig GalleryDialog::config() const {
    const SampleExperiment* sample = find_sample(sampleId().toStdString());
    if (!sample) return {};
    ExperimentConfig config = sample->config;
    const DatasetEntry* data = find_dataset(config.data.dataset.kind);
    if (data && data->needs_folder) config.data.dataset.path = folder_->path().toStdString();
    return config;
}

QString GalleryDialog::sampleId() const {
    const QListWidgetItem* item = list_->currentItem();
    return item ? item->data(Qt::UserRole).toString() : QString();
}

QString GalleryDialog::sampleTitle() const {
    const QListWidgetItem* item = list_->currentItem();
    return item ? item->text() : QString();
}

bool GalleryDialog::select(const QString& id) {
    for (int row = 0; row < list_->count(); ++row)
        if (list_->item(row)->data(Qt::UserRole).toString() == id) {
            list_->setCurrentRow(row);
            return true;
        }
    return false;
}

void GalleryDialog::refresh() {
    const SampleExperiment* sample = find_sample(sampleId().toStdString());
    if (!sample) {
        create_->setEnabled(false);
        return;
    }
    title_->setText(form::text(sample->title));
    description_->setText(form::text(sample->description));
    facts_->setText(factsOf(sample->config));
    const DatasetEntry* data = find_dataset(sample->config.data.dataset.kind);
    const bool needs_folder = data && data->needs_folder;
    folder_label_->setVisible(needs_folder);
    folder_->setVisible(needs_folder);
    const bool missing = needs_folder && folder_->path().trimmed().isEmpty();
    reason_->setText(missing ? tr("Choose the folder that holds the files; then Create.") : QString());
    create_->setEnabled(!missing);
}

} // namespace limbeck
