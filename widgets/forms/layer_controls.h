// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <array>
#include <optional>

#include "backend/types/stack.h"

class QComboBox;
class QLabel;

namespace limbeck {

class InvalidMark;
class NumberSpin;

/// Kind and numbers of the one layer of a stack that is chosen. Room for three numbers is always kept, so
/// that nothing jumps from layer to layer.
class LayerControls : public QWidget {
    Q_OBJECT

  public:
    explicit LayerControls(QWidget* parent = nullptr);

    /// The classifier stays the last layer and has no numbers: then nothing can be changed.
    void show(const StackLayer& layer);
    /// Nothing while a number cannot be used; problem() says why.
    std::optional<StackLayer> layer() const;
    /// "found “x” as size; a whole number from 1 to 64 is right."
    QString problem() const;
    QWidget* target() const;

  signals:
    void edited();
    void committed();

  private:
    void chooseKind(StackLayer::Kind kind);
    void arrange();
    void refreshMarks();

    StackLayer shown_;
    QComboBox* kind_;
    std::array<QLabel*, 3> labels_{};
    std::array<NumberSpin*, 3> spins_{};
    std::array<InvalidMark*, 3> marks_{};
};

} // namespace limbeck
