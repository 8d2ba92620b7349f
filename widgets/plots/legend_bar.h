// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>
#include <QString>
#include <QVector>
#include <QWidget>

#include "widgets/plots/curve_look.h"

namespace limbeck {

/// A legend's entry: a line's sample and its name; unchecked: pale and struck through.
class LegendButton : public QAbstractButton {
    Q_OBJECT

  public:
    explicit LegendButton(QWidget* parent = nullptr);
    void setLook(const CurveLook& look);
    QSize sizeHint() const override;

    QSize minimumSizeHint() const override { return sizeHint(); }

  signals:
    void soloRequested(); ///< Ctrl+click

  protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

  private:
    CurveLook look_;
};

/// The entries of a plot's legend in lines that wrap: labels first, then runs. Each is reached with Tab and
/// toggled with Space or a click.
class LegendBar : public QWidget {
    Q_OBJECT

  public:
    explicit LegendBar(QWidget* parent = nullptr);

    struct Entry {
        QString key; ///< as the signals give it
        QString text;
        CurveLook look;
        bool on = true;
    };

    void setEntries(const QVector<Entry>& labels, const QVector<Entry>& runs);

  signals:
    void labelToggled(const QString& key, bool on);
    void labelSolo(const QString& key);
    void runToggled(const QString& key, bool on);
    void runSolo(const QString& key);

  private:
    LegendButton* makeButton(bool run);
    void show(QVector<LegendButton*>& buttons, const QVector<Entry>& entries, bool runs);

    QVector<LegendButton*> labels_, runs_;
    QWidget* separator_;
};

} // namespace limbeck
