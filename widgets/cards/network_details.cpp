// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/cards/network_details.h"

#include <QApplication>
#include <QClipboard>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QScrollArea>
#include <QTableWidget>
#include <QVBoxLayout>

#include <set>

#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

enum Column {
    layer_column,
    kind_column,
    output_column,
    parameters_column,
    bytes_column,
    adds_column,
    activations_column,
    columns
};

QTableWidgetItem* cell(const QString& text, bool number, bool bold = false) {
    auto* item = new QTableWidgetItem(text);
    item->setTextAlignment((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (bold) {
        QFont font = item->font();
        font.setBold(true);
        item->setFont(font);
    }
    return item;
}

} // namespace

NetworkDetails::NetworkDetails(QWidget* parent)
    : QDialog(parent)
    , heading_(new QLabel(this))
    , drawing_(new NetworkDrawing)
    , table_(new QTableWidget(0, columns, this)) {
    setWindowTitle(tr("Network Details"));
    heading_->setTextFormat(Qt::PlainText);
    heading_->setWordWrap(true);
    auto* scroll = new QScrollArea(this);
    scroll->setWidget(drawing_);
    scroll->setWidgetResizable(true);
    scroll->setFixedHeight(drawing_->sizeHint().height() + 2 * style::grid + 12);
    table_->setHorizontalHeaderLabels({tr("Layer"), tr("Kind"), tr("Output"), tr("Parameters"),
                                       tr("Weights (bytes)"), tr("Multiply-adds"),
                                       tr("Activations (bytes)")});
    for (int column = parameters_column; column < columns; ++column)
        table_->horizontalHeaderItem(column)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    table_->horizontalHeaderItem(adds_column)
        ->setToolTip(
            tr("For one sample, of convolutions, linear layers and attention; FLOPs are twice as many"));
    table_->horizontalHeaderItem(activations_column)
        ->setToolTip(
            tr("What the layer gives on for one sample, in float32; training keeps it for the way back"));
    table_->verticalHeader()->hide();
    table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setAlternatingRowColors(true);
    table_->setAccessibleName(tr("Cost of each layer"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(heading_);
    layout->addWidget(scroll);
    layout->addWidget(table_, 1);
    layout->addWidget(buttons);
    resize(880, 640);
}

void NetworkDetails::setNetwork(const QString& title, const std::vector<std::int64_t>& input,
                                const std::vector<LayerFacts>& layers) {
    heading_->setText(tr("%1 for an input of %2, one sample").arg(title, shapeText(input)));
    drawing_->setLayers(input, layers);
    table_->setRowCount(static_cast<int>(layers.size()) + 1);
    LayerFacts sum;
    const auto numbers = [this](int row, const LayerFacts& layer, bool bold) {
        const std::int64_t values[]{layer.parameters, layer.bytes, layer.multiply_adds,
                                    layer.activation_bytes};
        for (int i = 0; i < 4; ++i)
            table_->setItem(row, parameters_column + i,
                            cell(values[i] ? format::thousands(values[i]) : QStringLiteral("–"), true, bold));
    };
    int row = 0;
    for (const LayerFacts& layer : layers) {
        table_->setItem(row, layer_column, cell(layer.name, false));
        table_->setItem(row, kind_column, cell(layer.kind, false));
        table_->setItem(row, output_column, cell(shapeText(layer.output), false));
        numbers(row++, layer, false);
        sum.parameters += layer.parameters;
        sum.bytes += layer.bytes;
        sum.multiply_adds += layer.multiply_adds;
        sum.activation_bytes += layer.activation_bytes;
    }
    table_->setItem(row, layer_column, cell(tr("Sum"), false, true));
    for (const int column : {kind_column, output_column})
        table_->setItem(row, column, cell({}, false));
    numbers(row, sum, true);
    table_->setFont(style::tabular(font()));
    table_->resizeColumnsToContents();
    table_->resizeRowsToContents();
}

void NetworkDetails::setProblem(const QString& title, const QString& problem) {
    heading_->setText(tr("%1: %2").arg(title, problem));
    drawing_->setLayers({}, {});
    table_->setRowCount(0);
}

QString NetworkDetails::tableText() const {
    std::set<int> rows;
    for (const QModelIndex& index : table_->selectionModel()->selectedRows())
        rows.insert(index.row());
    QStringList lines, words;
    for (int column = 0; column < columns; ++column)
        words << table_->horizontalHeaderItem(column)->text();
    lines << words.join(QLatin1Char('\t'));
    for (int row = 0; row < table_->rowCount(); ++row) {
        if (!rows.empty() && !rows.count(row)) continue;
        words.clear();
        for (int column = 0; column < columns; ++column)
            words << table_->item(row, column)->text();
        lines << words.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

void NetworkDetails::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy)) {
        QApplication::clipboard()->setText(tableText());
        return;
    }
    QDialog::keyPressEvent(event);
}

} // namespace limbeck
