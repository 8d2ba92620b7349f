// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/data/glyph_strokes.h"

#include <array>
#include <charconv>
#include <string_view>

namespace limbeck {

namespace {

/// Paths in hundredths of the box: M moves the pen, L draws a line, Q and C draw a quadratic and a cubic
/// Bézier curve, as in SVG.
constexpr std::array<std::array<std::string_view, 4>, 10> paths{{
    {"M 50 10 C 78 10 80 90 50 90 C 20 90 22 10 50 10",
     "M 58 10 C 25 8 22 60 30 80 C 38 98 66 92 72 62 C 77 36 72 14 54 12",
     "M 50 10 C 78 10 80 90 50 90 C 20 90 22 10 50 10 M 66 24 L 34 76",
     "M 62 16 C 40 0 20 40 26 66 C 32 98 70 94 74 58 C 76 30 66 8 46 12"},
    {"M 50 10 L 50 90", "M 34 28 L 52 10 L 52 90", "M 34 28 L 52 10 L 52 90 M 34 90 L 70 90",
     "M 36 34 Q 50 24 54 10 Q 50 50 48 90"},
    {"M 26 30 C 26 4 74 4 74 32 C 74 52 36 70 26 90 L 76 90",
     "M 28 26 C 40 2 74 8 70 36 C 66 62 34 92 28 84 C 24 72 44 74 56 84 C 66 92 74 90 78 82",
     "M 26 18 L 70 14 Q 76 40 28 88 L 76 86", "M 28 22 C 46 0 78 18 66 44 C 56 62 40 74 28 88 Q 52 78 76 88"},
    {"M 28 20 C 40 4 74 6 72 30 C 71 46 56 48 46 48 C 62 48 76 54 75 70 C 74 94 36 96 25 78",
     "M 28 12 L 72 12 L 46 44 C 70 42 78 58 74 72 C 68 94 36 94 26 80",
     "M 30 16 C 60 2 80 30 48 46 C 86 48 76 98 28 86",
     "M 26 14 Q 78 4 68 32 Q 62 46 40 48 Q 78 48 72 74 Q 62 96 28 84"},
    {"M 34 10 L 26 58 L 78 58 M 62 34 L 62 92", "M 64 92 L 64 10 L 22 64 L 80 64",
     "M 30 12 C 24 40 24 56 34 56 C 50 56 62 50 66 30 M 68 12 L 62 92",
     "M 40 8 L 24 52 Q 50 50 76 54 M 66 26 Q 60 60 62 92"},
    {"M 72 10 L 34 10 L 30 46 C 44 36 76 40 75 66 C 74 94 38 94 26 80",
     "M 36 12 L 32 44 C 60 34 78 52 72 72 C 66 92 38 94 28 82 M 36 12 L 74 10",
     "M 70 14 C 40 6 28 20 32 34 C 38 50 72 48 72 70 C 72 94 36 92 26 82",
     "M 70 12 L 40 14 L 34 42 Q 74 38 72 66 Q 68 92 30 88"},
    {"M 66 10 C 40 20 26 48 27 68 C 28 96 72 96 73 68 C 73 46 38 44 28 66",
     "M 60 8 C 20 40 20 92 50 90 C 78 88 74 54 50 56 C 38 58 30 66 28 76",
     "M 40 8 C 28 36 24 60 30 78 C 38 98 74 90 70 68 C 66 50 36 56 30 74",
     "M 70 18 C 50 0 22 36 28 70 C 34 98 76 90 70 64 C 62 44 34 54 29 72"},
    {"M 24 12 L 76 12 L 44 90", "M 24 12 L 76 12 L 44 90 M 36 52 L 70 52",
     "M 24 22 L 28 12 L 74 14 C 60 40 50 60 48 92", "M 24 16 Q 50 22 74 12 Q 54 44 38 90"},
    {"M 50 48 C 24 40 26 10 50 10 C 74 10 76 40 50 48 C 20 56 20 90 50 90 C 80 90 80 56 50 48",
     "M 70 20 C 50 0 22 18 34 38 C 44 52 76 60 72 78 C 66 96 28 92 30 72 C 34 54 74 42 70 20",
     "M 50 46 C 76 36 66 8 46 12 C 26 16 30 38 50 46 C 76 58 78 86 54 90 C 26 92 22 60 50 46",
     "M 66 22 C 56 4 26 12 36 34 C 46 50 74 62 64 82 C 52 98 22 84 34 64 C 44 48 70 44 66 22"},
    {"M 72 34 C 70 4 28 6 28 32 C 28 58 68 58 72 34 L 68 90",
     "M 70 30 C 60 2 26 12 28 36 C 30 58 66 56 70 30 C 76 60 66 92 34 88",
     "M 68 20 C 44 0 20 30 34 46 C 48 58 70 40 70 16 L 70 90",
     "M 70 26 C 56 0 20 24 34 48 C 50 60 68 46 71 24 Q 70 70 52 92"},
}};

class PathReader {
  public:
    explicit PathReader(std::string_view text) : text_(text) {}

    Strokes read() {
        Strokes strokes;
        while (!text_.empty()) {
            const char letter = text_.front();
            text_.remove_prefix(1);
            if (letter == 'M')
                strokes.push_back({point()});
            else if (letter == 'L')
                line(strokes.back(), point());
            else if (letter == 'Q') {
                const GlyphPoint bend = point(), end = point();
                quadratic(strokes.back(), bend, end);
            } else if (letter == 'C') {
                const GlyphPoint first = point(), second = point(), end = point();
                cubic(strokes.back(), first, second, end);
            }
        }
        return strokes;
    }

  private:
    double number() {
        while (!text_.empty() && text_.front() == ' ')
            text_.remove_prefix(1);
        int value = 0;
        const auto result = std::from_chars(text_.data(), text_.data() + text_.size(), value);
        text_.remove_prefix(static_cast<std::size_t>(result.ptr - text_.data()));
        return value / 100.0 - 0.5;
    }

    GlyphPoint point() {
        const double x = number(), y = number();
        while (!text_.empty() && text_.front() == ' ')
            text_.remove_prefix(1);
        return {x, y};
    }

    // Lines are cut into pieces too, so that the warp can bend them.
    static void line(Stroke& stroke, GlyphPoint end) {
        const GlyphPoint start = stroke.back();
        for (int i = 1; i <= 6; ++i) {
            const double t = i / 6.0;
            stroke.push_back({start.x + t * (end.x - start.x), start.y + t * (end.y - start.y)});
        }
    }

    static void quadratic(Stroke& stroke, GlyphPoint bend, GlyphPoint end) {
        const GlyphPoint start = stroke.back();
        cubic(stroke, {start.x + (bend.x - start.x) * 2 / 3, start.y + (bend.y - start.y) * 2 / 3},
              {end.x + (bend.x - end.x) * 2 / 3, end.y + (bend.y - end.y) * 2 / 3}, end);
    }

    static void cubic(Stroke& stroke, GlyphPoint first, GlyphPoint second, GlyphPoint end) {
        const GlyphPoint start = stroke.back();
        constexpr int pieces = 12;
        for (int i = 1; i <= pieces; ++i) {
            const double t = static_cast<double>(i) / pieces, u = 1 - t;
            const double a = u * u * u, b = 3 * u * u * t, c = 3 * u * t * t, d = t * t * t;
            stroke.push_back({a * start.x + b * first.x + c * second.x + d * end.x,
                              a * start.y + b * first.y + c * second.y + d * end.y});
        }
    }

    std::string_view text_;
};

std::vector<std::vector<Strokes>> read_all() {
    std::vector<std::vector<Strokes>> digits;
    for (const auto& variants : paths) {
        digits.emplace_back();
        for (std::string_view path : variants)
            digits.back().push_back(PathReader(path).read());
    }
    return digits;
}

} // namespace

const std::vector<Strokes>& digit_variants(int digit) {
    static const std::vector<std::vector<Strokes>> digits = read_all();
    return digits[static_cast<std::size_t>(digit)];
}

} // namespace limbeck
