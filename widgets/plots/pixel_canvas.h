// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QRect>

#include <cstdint>
#include <optional>
#include <vector>

class QPainter;

namespace limbeck {

/// The pixels of the picture that a painter paints on, for those who have so many small pieces that a call of
/// the painter for each costs several times what the pixels do.
class PixelCanvas {
  public:
    /// Nothing where the painter's pixels cannot be reached or are not those of its logical coordinates,
    /// moved and scaled by the picture's device pixel ratio: on vector formats, pixmaps, under a
    /// transformation.
    static std::optional<PixelCanvas> of(QPainter& painter);

    /// Device pixels per logical one.
    double ratio() const { return ratio_; }

    /// Where the painter's logical origin lies, in pixels.
    QPointF origin() const { return origin_; }

    /// The pixels that the painter may change.
    QRect clip() const { return clip_; }

    /// A colour as the pixels hold it.
    struct Ink {
        std::uint32_t premultiplied = 0, rest = 255; ///< rest: what shines through, of 255
    };

    static Ink ink(const QColor& colour, double coverage = 1);

    /// Pixels (x, top) … (x, bottom - 1); none if bottom is not below top.
    struct Column {
        int x = 0, top = 0, bottom = 0;
    };

    /// Blends the colour over the pixels, as far as they may be changed. Many columns that stand side by side
    /// take a third of the time in one call.
    void fill(const Column& column, Ink ink) const;
    void fill(const std::vector<Column>& columns, Ink ink) const;

  private:
    std::uint32_t* pixels_ = nullptr;
    std::ptrdiff_t stride_ = 0; ///< pixels from a row to the next
    double ratio_ = 1;
    QPointF origin_;
    QRect clip_;
};

} // namespace limbeck
