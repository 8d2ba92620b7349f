// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QString>

#include <vector>

#include "backend/types/catalogue.h"

namespace limbeck {

/// The loss with its numbers in it, its terms in the colours that they have on the plots.
class FormulaView : public QLabel {
    Q_OBJECT

  public:
    explicit FormulaView(QWidget* parent = nullptr);

    void setDistillation(const DistillationConfig& distillation);

    /// "loss = 0.10 · CE + 0.90 · T²·KL, T = 4", without the markup.
    QString plainText() const { return plain_; }

  protected:
    void changeEvent(QEvent* event) override;

  private:
    void refresh();

    QString plain_;
    std::vector<FormulaPart> parts_;
};

} // namespace limbeck
