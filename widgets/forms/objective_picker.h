// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include <optional>
#include <string>

#include "backend/types/catalogue.h"
#include "widgets/forms/objective_texts.h"

class QLineEdit;
class QListWidget;
class QListWidgetItem;
class QPushButton;
class QTextBrowser;

namespace limbeck {

/// Every objective in its group, what it does, its formula and what it needs. One types to narrow the list
/// down, goes up and down in it without leaving the line one types in, and takes one with Enter.
class ObjectivePicker : public QDialog {
    Q_OBJECT

  public:
    enum class Scope { answers, all };

    ObjectivePicker(Scope scope, const QString& title, const QString& accept, QWidget* parent = nullptr);

    /// Goes to this one; an unknown id leaves the first.
    void select(const QString& id);
    /// The one that is looked at; empty where nothing fits what was typed.
    QString current() const;

    /// What the objective needs for the networks at hand, once somebody knows.
    void setNeeds(const QString& id, const TermNeedsText& needs);

  signals:
    /// Another one is looked at: who knows what it needs may tell.
    void lookedAt(const QString& id);
    void chosen(const QString& id);

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;

  private:
    void fill(Scope scope);
    void filter();
    static int nearness(const QListWidgetItem& item, const QString& typed);
    void step(int rows);
    void showCurrent();
    void choose();

    QLineEdit* search_;
    QListWidget* list_;
    QTextBrowser* details_;
    QPushButton* accept_;
    QString needs_id_;
    TermNeedsText needs_;
};

/// Opens a picker over the window of `parent`, which owns it; it closes and goes by itself.
ObjectivePicker* openObjectivePicker(ObjectivePicker::Scope scope, const QString& current, QWidget* parent);

} // namespace limbeck
