// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include <cstdint>
#include <vector>

namespace limbeck {

/// One layer of a network as the window shows it; for one sample.
struct LayerFacts {
    QString name; ///< "layer1.0.conv1"
    QString kind; ///< "conv 3×3"
    std::vector<std::int64_t> output;
    std::int64_t parameters = 0, bytes = 0, multiply_adds = 0, activation_bytes = 0;
};

/// "3×32×32"
QString shapeText(const std::vector<std::int64_t>& shape);

/// A network from its input (left) to its answers (right): a block a layer, as high as its picture and as
/// wide as its channels, both on a logarithmic scale, in the colour of its kind. Layers of one shape and kind
/// that follow each other (the repetitions of a stage) are drawn as one block with their number.
class NetworkDrawing : public QWidget {
    Q_OBJECT

  public:
    explicit NetworkDrawing(QWidget* parent = nullptr);

    void setLayers(const std::vector<std::int64_t>& input, const std::vector<LayerFacts>& layers);

    int blockCount() const { return static_cast<int>(blocks_.size()); }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

  protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override; ///< tooltips

  private:
    enum class Kind { input, convolution, linear, other };

    struct Block {
        Kind kind;
        QString title; ///< "conv 3×3"
        std::vector<std::int64_t> shape;
        int count = 1;
        std::int64_t parameters = 0;
        QString tooltip;
    };

    struct Placed {
        QRectF box;
        const Block* block;
    };

    static Kind kindOf(const QString& words);
    std::vector<Placed> place() const;

    std::vector<Block> blocks_;
};

} // namespace limbeck
