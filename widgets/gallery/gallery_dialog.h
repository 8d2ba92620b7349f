// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QString>

#include <optional>

#include "backend/types/config.h"

class QLabel;
class QListWidget;
class QPushButton;

namespace limbeck {

class PathEdit;

/// File ▸ New: sample experiments to start from, with a folder to choose for those whose data lie
/// in one. Use with open() and the signal chosen(), never exec().
class GalleryDialog : public QDialog {
    Q_OBJECT

  public:
    explicit GalleryDialog(QWidget* parent = nullptr);

    /// The configuration of the sample in view, the folder put in.
    ExperimentConfig config() const;
    /// Id and title of the sample in view ("glyphs-resnet", "Glyphs: …").
    QString sampleId() const;
    QString sampleTitle() const;
    /// Brings a sample into view; false if there is none of that id.
    bool select(const QString& id);

  signals:
    /// The person pressed Create.
    void chosen(const limbeck::ExperimentConfig& config, const QString& title);

  private:
    void refresh();

    QListWidget* list_ = nullptr;
    QLabel* title_ = nullptr;
    QLabel* description_ = nullptr;
    QLabel* facts_ = nullptr;
    QLabel* folder_label_ = nullptr;
    PathEdit* folder_ = nullptr;
    QLabel* reason_ = nullptr;
    QPushButton* create_ = nullptr;
};

} // namespace limbeck
