// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

#include <vector>

#include "backend/types/config.h"
#include "backend/types/error.h"
#include "widgets/forms/objective_texts.h"

class QGridLayout;
class QLabel;
class QLineEdit;
class QToolButton;

namespace limbeck {

class InvalidMark;
class MutedLabel;
class NumberSpin;
class OptionControl;

/// One further term of the loss: name, weight and what it needs, always; taps and options when unfolded.
class TermRow : public QFrame {
    Q_OBJECT

  public:
    /// A row is for one objective; what it is does not change.
    TermRow(const TermConfig& term, QWidget* parent);

    const std::string& id() const { return id_; }

    /// Shows another term of the same objective. A text that already says it is left alone.
    void show(const TermConfig& term);
    /// An error (a fragment, as FieldEditor::writeTo gives it) where a number cannot be read.
    Result<TermConfig> term() const;

    /// Why this term will not do, in words; empty: it will, as far as can be known here.
    QString problem() const;

    void setNeeds(const TermNeedsText& needs);
    void setOpen(bool open);
    bool isOpen() const;

    /// Where to go to mend what is wrong, or to the weight.
    QWidget* target() const;
    /// In the order of the Tab key.
    std::vector<QWidget*> stops() const;

  signals:
    void edited();
    void committed();
    void removeAsked();

  protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

  private:
    void build();
    void addOptions();
    void refresh();
    void refreshNeeds();
    bool tapsAreWrong() const;

    std::string id_;
    const ObjectiveEntry* entry_;
    TermOptions strange_; ///< options that the objective does not know, from a file
    QString title_;
    TermNeedsText needs_;

    QToolButton* header_;
    NumberSpin* weight_;
    InvalidMark* weight_mark_;
    QToolButton* remove_;
    QLabel* needs_line_;
    QWidget* details_;
    QGridLayout* grid_;
    QLineEdit* taps_ = nullptr;
    InvalidMark* taps_mark_ = nullptr;
    std::vector<OptionControl*> options_;
};

} // namespace limbeck
