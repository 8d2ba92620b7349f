// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/stack_model.h"

#include "widgets/cards/network_drawing.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

bool is_classifier(const StackLayer& layer) {
    return layer.kind == StackLayer::Kind::linear && layer.width == 0;
}

/// The reason alone: flow_shapes() was given one layer and calls it the first.
QString reason_of(const Error& error, const StackLayer& layer) {
    const std::string place = "layer 1, " + to_string(layer) + ": ";
    return QString::fromStdString(error.message.starts_with(place) ? error.message.substr(place.size())
                                                                   : error.message);
}

} // namespace

std::vector<StackRow> stack_rows(const std::vector<StackLayer>& layers,
                                 const std::vector<std::int64_t>& input, std::int64_t classes) {
    std::vector<StackRow> rows;
    std::vector<std::int64_t> shape = input;
    for (const StackLayer& layer : layers) {
        StackRow& row = rows.emplace_back(StackRow{layer, {}, -1, {}});
        if (shape.empty() || (is_classifier(layer) && classes <= 0)) continue;
        const auto flow = flow_shapes({layer}, shape, classes);
        if (!flow) {
            row.reason = reason_of(flow.error(), layer);
            continue;
        }
        row.shape = shape = flow->front().shape;
        row.parameters = flow->front().parameters;
    }
    return rows;
}

void StackModel::setRows(std::vector<StackRow> rows) {
    const auto before = static_cast<int>(rows_.size()), after = static_cast<int>(rows.size());
    if (after > before) {
        beginInsertRows({}, before, after - 1);
        rows_ = std::move(rows);
        endInsertRows();
    } else if (after < before) {
        beginRemoveRows({}, after, before - 1);
        rows_ = std::move(rows);
        endRemoveRows();
    } else {
        rows_ = std::move(rows);
    }
    if (after > 0) emit dataChanged(index(0, 0), index(after - 1, columns - 1));
}

void StackModel::setPalette(const QPalette& palette) {
    palette_ = palette;
    if (!rows_.empty()) emit dataChanged(index(0, 0), index(rowCount() - 1, columns - 1));
}

int StackModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int StackModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : columns;
}

QVariant StackModel::text(const StackRow& row, int column) const {
    if (column == layer_column) return QString::fromStdString(to_string(row.layer));
    if (column == output_column) {
        if (!row.reason.isEmpty()) return tr("✕ does not fit");
        if (!row.shape.empty()) return shapeText(row.shape);
        return is_classifier(row.layer) ? tr("classes") : QStringLiteral("–");
    }
    return row.parameters < 0 || !row.reason.isEmpty() ? QStringLiteral("–")
                                                       : format::thousands(row.parameters);
}

QVariant StackModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const StackRow& row = rows_[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return text(row, index.column());
    case Qt::ToolTipRole:
    case Qt::AccessibleDescriptionRole:
        return row.reason;
    case Qt::TextAlignmentRole:
        return static_cast<int>((index.column() == layer_column ? Qt::AlignLeft : Qt::AlignRight) |
                                Qt::AlignVCenter);
    case Qt::ForegroundRole:
        return row.reason.isEmpty() ? QVariant() : QVariant(style::errorColour(palette_));
    default:
        return {};
    }
}

QVariant StackModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Vertical) return role == Qt::DisplayRole ? QVariant(section + 1) : QVariant();
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((section == layer_column ? Qt::AlignLeft : Qt::AlignRight) |
                                Qt::AlignVCenter);
    if (role != Qt::DisplayRole) return {};
    const QString titles[]{tr("Layer"), tr("Output"), tr("Parameters")};
    return section >= 0 && section < columns ? QVariant(titles[section]) : QVariant();
}

} // namespace limbeck
