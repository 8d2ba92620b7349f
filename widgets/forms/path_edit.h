// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

class QLineEdit;
class QToolButton;

namespace limbeck {

/// A path with a button to look for it. The dialog is opened, not executed: training and plots go on
/// behind it.
class PathEdit : public QWidget {
    Q_OBJECT

  public:
    enum class Kind { folder, file };

    /// `filter` as QFileDialog takes it, for files.
    explicit PathEdit(Kind kind, QString dialog_title, QString filter = {}, QWidget* parent = nullptr);

    QString path() const;
    void setPath(const QString& path);
    void setPlaceholder(const QString& text);

    QLineEdit* lineEdit() const { return edit_; }

  signals:
    void edited();    ///< by hand or through the dialog
    void committed(); ///< Enter, the focus went, or the dialog was accepted

  public slots:
    void browse();

  private:
    Kind kind_;
    QString dialog_title_, filter_;
    QLineEdit* edit_ = nullptr;
    QToolButton* button_ = nullptr;
};

} // namespace limbeck
