// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

class QGridLayout;
class QLabel;
class QToolButton;
class QVBoxLayout;

namespace limbeck {

/// A heading that folds what is under it. Folded, it still says what is in there in a few words,
/// and shows a mark when something in there is wrong.
class CollapsibleSection : public QWidget {
    Q_OBJECT

  public:
    /// A `nested` one is a quieter part of another section.
    explicit CollapsibleSection(const QString& title, bool nested = false, QWidget* parent = nullptr);

    bool isOpen() const;
    void setOpen(bool open);
    /// Seen while folded, e.g. "resnet20".
    void setSummary(const QString& summary);
    /// Why something in here is wrong; empty: nothing is.
    void setReason(const QString& reason);
    bool isMarked() const;

    /// Adds a labelled row; both are owned by the section afterwards.
    void addRow(QWidget* label, QWidget* editor);
    /// Adds something as wide as the section.
    void addWide(QWidget* widget);

    QGridLayout* grid() const { return grid_; }

    QWidget* header() const;

  signals:
    void openChanged(bool open);

  private:
    QToolButton* header_ = nullptr;
    QLabel* summary_ = nullptr;
    QWidget* line_ = nullptr;
    QLabel* mark_ = nullptr;
    QWidget* content_ = nullptr;
    QGridLayout* grid_ = nullptr;
    bool open_ = false;
};

} // namespace limbeck
