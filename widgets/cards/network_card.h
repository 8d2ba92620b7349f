// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QString>

#include <array>
#include <cstdint>
#include <optional>

#include "backend/types/run.h"

class QLabel;

namespace limbeck {

/// What a card shows; what is not known yet stays empty and reads "—".
struct NetworkFacts {
    std::optional<std::int64_t> parameters;
    std::optional<std::int64_t> bytes;         ///< of the weights file in float32
    std::optional<std::int64_t> flops;         ///< per sample, 2 × multiply-adds
    std::optional<double> latency_ms;          ///< median of one sample, on the CPU
    std::optional<double> validation_accuracy; ///< 0..1
    std::optional<double> test_accuracy;       ///< 0..1
    QString why_unknown;                       ///< tooltip of the "—"s; empty: the usual reason
    bool operator==(const NetworkFacts&) const = default;
};

/// Teacher or student at a glance: a stripe in the role's colour, the specification, and a small
/// table of costs and accuracy with the numbers right-aligned.
class NetworkCard : public QFrame {
    Q_OBJECT

  public:
    explicit NetworkCard(Role role, QWidget* parent = nullptr);

    Role role() const { return role_; }

    /// The network in short, e.g. "resnet20" or "mlp:hidden=64x64".
    void setTitle(const QString& title);
    QString title() const;

    void setFacts(const NetworkFacts& facts);

    const NetworkFacts& facts() const { return facts_; }

    /// The text of a row as shown ("272 k"), for tests and accessibility. Rows: parameters, size,
    /// flops, latency, validation, test.
    QString text(const char* row) const;

  signals:
    void detailsRequested();

  protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

  private:
    struct Cell {
        const char* name;
        QLabel* label;
        QLabel* value;
    };

    void applyFonts();

    Role role_;
    NetworkFacts facts_;
    QString full_title_;
    QLabel* title_ = nullptr;
    std::array<Cell, 6> cells_{};
};

} // namespace limbeck
