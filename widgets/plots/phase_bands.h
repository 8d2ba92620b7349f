// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include <QColor>
#include <QFont>
#include <QVector>

#include "widgets/plots/plot_spec.h"

class QCustomPlot;

namespace limbeck {

/// Bands behind the curves where a run has a stage of its own or a weight is warming up. Bands that overlap
/// share the height, so that each can be read.
class PhaseBands {
  public:
    /// The plot owns what is drawn; it must outlive this handle.
    explicit PhaseBands(QCustomPlot& plot);

    void setBands(const QVector<PhaseBand>& bands);
    void setColours(const QColor& band, const QColor& edge, const QColor& text, const QFont& font);

  private:
    class Layer;
    std::array<Layer*, 2> layers_; ///< bands and their names
};

} // namespace limbeck
