// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QString>

class QLabel;

namespace limbeck {

/// The line at the bottom of the form: always there and always of the same height, whatever it says.
class StatusLine : public QFrame {
    Q_OBJECT

  public:
    enum class Mood { calm, locked, wrong };

    explicit StatusLine(QWidget* parent = nullptr);

    void say(Mood mood, const QString& text);

    Mood mood() const { return mood_; }

    QString text() const;

  signals:
    void clicked();

  protected:
    void mouseReleaseEvent(QMouseEvent* event) override;
    void changeEvent(QEvent* event) override;

  private:
    void refresh();

    Mood mood_ = Mood::calm;
    QLabel* icon_ = nullptr;
    QLabel* text_ = nullptr;
};

} // namespace limbeck
