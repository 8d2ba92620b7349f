// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/pixel_canvas.h"

#include <QImage>
#include <QPaintEngine>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace limbeck {
namespace {

/// Four channels of eight bits times `share` of 255, rounded.
std::uint32_t times(std::uint32_t pixel, std::uint32_t share) {
    const auto two = [share](std::uint32_t channels) {
        const std::uint32_t product = channels * share;
        return (product + ((product >> 8) & 0xff00ff) + 0x800080) >> 8 & 0xff00ff;
    };
    return two(pixel & 0xff00ff) | two(pixel >> 8 & 0xff00ff) << 8;
}

/// The same for four pixels in a row, and the ink over them.
void blendFour(std::uint32_t* pixels, std::uint32_t ink, std::uint32_t rest) {
    using Bytes = std::uint8_t __attribute__((vector_size(16)));
    using Words = std::uint16_t __attribute__((vector_size(32)));
    using Pixels = std::uint32_t __attribute__((vector_size(16)));
    Bytes bytes;
    std::memcpy(&bytes, pixels, sizeof bytes);
    Words words = __builtin_convertvector(bytes, Words) * static_cast<std::uint16_t>(rest);
    words = (words + (words >> 8) + 0x80) >> 8;
    const Pixels result = ink + reinterpret_cast<Pixels>(__builtin_convertvector(words, Bytes));
    std::memcpy(pixels, &result, sizeof result);
}

} // namespace

std::optional<PixelCanvas> PixelCanvas::of(QPainter& painter) {
    if (!painter.device() || painter.device()->devType() != QInternal::Image) return {};
    if (painter.paintEngine()->type() != QPaintEngine::Raster) return {};
    if (painter.worldTransform().type() > QTransform::TxTranslate || painter.opacity() < 1 ||
        painter.compositionMode() != QPainter::CompositionMode_SourceOver)
        return {};
    auto* image = static_cast<QImage*>(painter.device());
    if (image->format() != QImage::Format_RGB32 && image->format() != QImage::Format_ARGB32_Premultiplied)
        return {};
    PixelCanvas canvas;
    canvas.ratio_ = image->devicePixelRatio();
    const QTransform& moved = painter.worldTransform();
    canvas.origin_ = QPointF(moved.dx(), moved.dy()) * canvas.ratio_;
    canvas.clip_ = image->rect();
    if (painter.hasClipping()) {
        const QRectF clip = painter.clipBoundingRect().translated(moved.dx(), moved.dy());
        canvas.clip_ &= QRectF(clip.topLeft() * canvas.ratio_, clip.size() * canvas.ratio_).toRect();
    }
    canvas.stride_ = image->bytesPerLine() / 4;
    canvas.pixels_ = reinterpret_cast<std::uint32_t*>(image->bits()); // nobody else holds it: no copy
    return canvas;
}

PixelCanvas::Ink PixelCanvas::ink(const QColor& colour, double coverage) {
    const double alpha = colour.alphaF() * coverage;
    const QRgb plain = qRgba(colour.red(), colour.green(), colour.blue(),
                             static_cast<int>(std::lround(255 * std::clamp(alpha, 0.0, 1.0))));
    const QRgb premultiplied = qPremultiply(plain);
    return {premultiplied, 255U - static_cast<std::uint32_t>(qAlpha(premultiplied))};
}

void PixelCanvas::fill(const Column& column, Ink ink) const {
    if (column.x < clip_.left() || column.x > clip_.right()) return;
    const int top = std::max(column.top, clip_.top()), bottom = std::min(column.bottom, clip_.bottom() + 1);
    std::uint32_t* pixel = pixels_ + top * stride_ + column.x;
    for (int y = top; y < bottom; ++y, pixel += stride_)
        *pixel = ink.premultiplied + times(*pixel, ink.rest);
}

void PixelCanvas::fill(const std::vector<Column>& columns, Ink ink) const {
    constexpr std::size_t width = 4; // neighbours in one row that are blended at once
    std::size_t i = 0;
    while (i < columns.size()) {
        const Column* four = &columns[i];
        if (i + width > columns.size() || four[width - 1].x != four[0].x + 3 || four[0].x < clip_.left() ||
            four[width - 1].x > clip_.right()) {
            fill(columns[i], ink);
            ++i;
            continue;
        }
        // What all four have in common, and of each what is above and below of that.
        int top = clip_.top(), bottom = clip_.bottom() + 1;
        for (std::size_t k = 0; k < width; ++k) {
            top = std::max(top, four[k].top);
            bottom = std::min(bottom, four[k].bottom);
        }
        bottom = std::max(top, bottom);
        std::uint32_t* pixels = pixels_ + top * stride_ + four[0].x;
        for (int y = top; y < bottom; ++y, pixels += stride_)
            blendFour(pixels, ink.premultiplied, ink.rest);
        for (std::size_t k = 0; k < width; ++k) {
            fill({four[k].x, four[k].top, std::min(top, four[k].bottom)}, ink);
            fill({four[k].x, std::max(bottom, four[k].top), four[k].bottom}, ink);
        }
        i += width;
    }
}

} // namespace limbeck
