// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QString>

#include <functional>
#include <vector>

class QLabel;
class QPlainTextEdit;
class QToolButton;
class QPushButton;

namespace limbeck {

enum class Severity { information, warning, error };

struct Message {
    Severity severity = Severity::information;
    QString text;                 ///< shown whole, wrapped, can be selected
    QString detail;               ///< long text behind "Details"; may be empty
    QString action_text;          ///< a verb; empty: no button
    std::function<void()> action; ///< pressing it also deals with the message
    QString key;           ///< a new message takes the place of one with the same key; empty: never does
    QString second_text{}; ///< another verb; empty: no second button
    std::function<void()> second_action{}; ///< deals with the message too
    /// Stays until dismiss() takes it back: it cannot be closed, and its action leaves it where it is.
    bool lasting = false;
};

/// Long messages under the toolbar; each stays until dealt with. Several queue up and are leafed
/// through ("1 of 3"); the newest is shown. Takes no room while there is nothing to say.
class MessageBar : public QFrame {
    Q_OBJECT

  public:
    explicit MessageBar(QWidget* parent = nullptr);

    void post(Message message);
    /// Takes back what is no longer so (a key that posted it); nothing if there is none.
    void dismiss(const QString& key);
    void dismissCurrent(); ///< not a lasting one
    void clear();

    int count() const { return static_cast<int>(messages_.size()); }

    /// The message in view; nullptr when there is none.
    const Message* current() const;

  signals:
    void countChanged(int count);
    /// For the log.
    void posted(const limbeck::Message& message);

  protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override; ///< Escape closes the message in view

  private:
    void removeAt(std::size_t index);
    void press(std::function<void()> Message::*which);
    void refresh();

    std::vector<Message> messages_;
    std::size_t current_ = 0;
    QLabel* icon_ = nullptr;
    QLabel* text_ = nullptr;
    QLabel* position_ = nullptr;
    QToolButton* previous_ = nullptr;
    QToolButton* next_ = nullptr;
    QToolButton* close_ = nullptr;
    QPushButton* action_ = nullptr;
    QPushButton* second_ = nullptr;
    QToolButton* details_ = nullptr;
    QPlainTextEdit* detail_text_ = nullptr;
};

} // namespace limbeck
