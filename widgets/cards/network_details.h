// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "widgets/cards/network_drawing.h"

class QLabel;
class QTableWidget;

namespace limbeck {

/// A network layer by layer: a drawing, and what each layer costs for one sample. Stays open beside the
/// window.
class NetworkDetails : public QDialog {
    Q_OBJECT

  public:
    explicit NetworkDetails(QWidget* parent = nullptr);

    void setNetwork(const QString& title, const std::vector<std::int64_t>& input,
                    const std::vector<LayerFacts>& layers);
    /// In place of table and drawing: why there are none.
    void setProblem(const QString& title, const QString& problem);

    QTableWidget* table() const { return table_; }

    NetworkDrawing* drawing() const { return drawing_; }

    /// The selected rows, or all of them, with tabs between the columns.
    QString tableText() const;

  protected:
    void keyPressEvent(QKeyEvent* event) override; ///< Ctrl+C copies the table

  private:
    QLabel* heading_ = nullptr;
    NetworkDrawing* drawing_ = nullptr;
    QTableWidget* table_ = nullptr;
};

} // namespace limbeck
