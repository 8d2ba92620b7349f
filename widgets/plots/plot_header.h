// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QSlider;
class QToolButton;

namespace limbeck {

/// A plot's title and controls in one row: fit, log, smooth.
class PlotHeader : public QWidget {
    Q_OBJECT

  public:
    explicit PlotHeader(const QString& title, QWidget* parent = nullptr);

    void setFitVisible(bool visible); ///< its place stays: nothing jumps
    void setLogVisible(bool visible);
    void setSmoothVisible(bool visible);
    void setLog(bool on);
    void setSmoothing(double weight);
    /// What can be shown; hidden with fewer than two. Keeps the choice where its name is still there.
    void setQuantities(const QStringList& names, const QString& tooltip);
    void setQuantity(int index);
    int quantity() const;

    /// Slider positions 0 … 100 to weights 0 … 0.999, evenly in the logarithm of the average's length 1 / (1
    /// - w).
    static double weightOf(int position);
    static int positionOf(double weight);

  signals:
    void fitClicked();
    void logToggled(bool on);
    void smoothingMoved(double weight);
    void quantityChosen(int index);

  protected:
    void changeEvent(QEvent* event) override;

  private:
    void applyFonts();

    QLabel* title_;
    QComboBox* quantity_;
    QToolButton* fit_;
    QCheckBox* log_;
    QLabel* smooth_label_;
    QSlider* smooth_;
    QLabel* smooth_value_;
};

} // namespace limbeck
