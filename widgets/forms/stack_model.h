// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QPalette>
#include <QString>

#include <cstdint>
#include <vector>

#include "backend/types/stack.h"

namespace limbeck {

/// A layer of a stack with what flows out of it, or why it does not fit.
struct StackRow {
    StackLayer layer;
    std::vector<std::int64_t> shape; ///< empty: not known
    std::int64_t parameters = -1;    ///< negative: not known
    QString reason;                  ///< "meets [32, 1, 1], which is smaller than 2×2."; empty: it fits
};

/// Each layer on what the ones before it give, those that do not fit left out: so every row that is wrong is
/// told, not only the first. Without an input (empty) or classes (0) what hangs on them is not known.
std::vector<StackRow> stack_rows(const std::vector<StackLayer>& layers,
                                 const std::vector<std::int64_t>& input, std::int64_t classes);

/// The table of a stack: layer, what flows out of it, its parameters. Rows that do not fit are red.
class StackModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Column { layer_column, output_column, parameters_column, columns };

    using QAbstractTableModel::QAbstractTableModel;

    /// Rows stay the same objects to a view as far as their number does.
    void setRows(std::vector<StackRow> rows);

    const std::vector<StackRow>& rows() const { return rows_; }

    void setPalette(const QPalette& palette);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  private:
    QVariant text(const StackRow& row, int column) const;

    std::vector<StackRow> rows_;
    QPalette palette_;
};

} // namespace limbeck
