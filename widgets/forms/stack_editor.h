// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <cstdint>
#include <string>
#include <vector>

#include "backend/types/stack.h"

class QLabel;
class QLineEdit;
class QPushButton;
class QTableView;
class QToolButton;

namespace limbeck {

class InvalidMark;
class LayerControls;
class StackModel;

/// Puts a network together from layers: the text as on the command line, the same as a table with what flows
/// out of each layer, and the controls of the layer that is chosen. Text and table always say the same,
/// except while the text cannot be read. The classifier stays the last layer.
///
/// Keys in the table: Insert adds after the chosen layer, Delete removes it, Ctrl+D doubles it, Alt+Up and
/// Alt+Down move it, Enter goes to its numbers.
class StackEditor : public QWidget {
    Q_OBJECT

  public:
    explicit StackEditor(QWidget* parent = nullptr);
    ~StackEditor() override;

    /// Emits nothing. A text that already says these layers is left alone.
    void setText(const std::string& text);
    /// In its shortest spelling; an error (a fragment: "found …; … is right.") where something cannot be
    /// read.
    Result<std::string> text() const;

    /// What flows in: [C, H, W] or [D], empty while not known; and the data's classes, 0 while not known.
    void setData(const std::vector<std::int64_t>& input, std::int64_t classes);

    /// A reason from outside, shown in red while there is none of its own.
    void setReason(const QString& reason);

    /// What the line under the table says.
    QString message() const { return message_text_; }

    /// Where the focus goes when somebody is led here.
    QWidget* target() const;

    /// Layers to begin with, for data of that shape.
    static std::string firstText(const std::vector<std::int64_t>& input);

  signals:
    void edited();
    void committed();

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

  private:
    void buildTable();
    void buildButtons();
    void addTemplates(QPushButton* button);
    QToolButton* button(const QString& text, const QString& name, const QString& tip,
                        void (StackEditor::*slot)());

    std::size_t current() const;
    void choose(std::size_t row);
    void add();
    void duplicate();
    void remove();
    void moveUp();
    void moveDown();
    void move(int by);
    void changed(std::size_t row);
    void textEdited();
    void controlsEdited();
    void rowChosen(int row);
    bool handleKey(int key, Qt::KeyboardModifiers modifiers, bool act);

    void refreshRows();
    void refreshButtons();
    void refreshMessage();
    void showText(const std::string& text);
    void fitMessage();
    void say(bool wrong, const QString& text);
    QString misfit() const;
    QString sum() const;

    std::vector<StackLayer> layers_;
    std::vector<std::int64_t> input_;
    std::int64_t classes_ = 0;
    QString text_problem_, reason_, message_text_;

    QLineEdit* text_;
    InvalidMark* text_mark_;
    StackModel* model_;
    QTableView* table_;
    LayerControls* controls_ = nullptr;
    QToolButton* add_ = nullptr;
    QToolButton* duplicate_ = nullptr;
    QToolButton* remove_ = nullptr;
    QToolButton* up_ = nullptr;
    QToolButton* down_ = nullptr;
    QPushButton* templates_ = nullptr;
    QLabel* message_ = nullptr;
};

} // namespace limbeck
