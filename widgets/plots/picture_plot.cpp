// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/picture_plot.h"

#include <QImage>

#include <vector>

#include <qcustomplot.h>

namespace limbeck {
namespace {

class PictureBuffer : public QCPAbstractPaintBuffer {
  public:
    PictureBuffer(const QSize& size, double ratio) : QCPAbstractPaintBuffer(size, ratio) { allocate(); }

    void setGround(const QColor& ground) { ground_ = ground; }

    QCPPainter* startPainting() override { return new QCPPainter(&picture_); }

    void draw(QCPPainter* painter) const override {
        if (painter && painter->isActive()) painter->drawImage(0, 0, picture_);
    }

    void clear(const QColor&) override { picture_.fill(ground_); }

  protected:
    void reallocateBuffer() override {
        setInvalidated();
        allocate();
    }

  private:
    void allocate() {
        const QSize pixels = (QSizeF(mSize) * mDevicePixelRatio).toSize().expandedTo(QSize(1, 1));
        // Rows whose distance is a power of two push each other out of the cache when columns are painted.
        const int stride = (pixels.width() + 15) / 16 * 16 + 16;
        pixels_.assign(static_cast<std::size_t>(stride) * static_cast<std::size_t>(pixels.height()), 0);
        picture_ = QImage(reinterpret_cast<uchar*>(pixels_.data()), pixels.width(), pixels.height(),
                          stride * qsizetype{4}, QImage::Format_RGB32);
        picture_.setDevicePixelRatio(mDevicePixelRatio);
    }

    std::vector<std::uint32_t> pixels_; ///< of picture_
    QImage picture_;
    QColor ground_;
};

class PicturePlot : public QCustomPlot {
  public:
    explicit PicturePlot(QWidget* parent) : QCustomPlot(parent) {
        // A layer with a buffer of its own would lie over this one, and with it a second picture.
        for (QCPLayer* layer : mLayers)
            layer->setMode(QCPLayer::lmLogical);
        usePicture();
        connect(this, &QCustomPlot::beforeReplot, this, [this] { usePicture(); });
    }

  private:
    void usePicture() {
        if (mPaintBuffers.isEmpty()) mPaintBuffers.append(QSharedPointer<QCPAbstractPaintBuffer>());
        QSharedPointer<QCPAbstractPaintBuffer>& only = mPaintBuffers.first();
        if (!dynamic_cast<PictureBuffer*>(only.data()))
            only.reset(new PictureBuffer(viewport().size(), mBufferDevicePixelRatio));
        static_cast<PictureBuffer*>(only.data())->setGround(mBackgroundBrush.color());
    }
};

} // namespace

QCustomPlot* makePicturePlot(QWidget* parent) {
    return new PicturePlot(parent);
}

} // namespace limbeck
