// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <vector>

#include <QtTest>

#include "widgets/plots/training_plot.h"

namespace limbeck::testing {

inline std::vector<MetricPoint> points(std::int64_t first, std::int64_t last, double (*value)(double)) {
    std::vector<MetricPoint> result;
    for (std::int64_t step = first; step <= last; ++step) {
        const double y = value(static_cast<double>(step));
        result.push_back({step, y, static_cast<float>(y), static_cast<float>(y)});
    }
    return result;
}

inline double falling(double step) {
    return 2.0 / (1.0 + step / 50.0) + 0.05 * std::sin(step);
}

inline SeriesSpec spec(const char* label, const char* detail, SeriesRole role,
                       style::Meaning meaning = style::Meaning::total) {
    SeriesSpec result;
    result.label = QString::fromLatin1(label);
    result.detail = QString::fromLatin1(detail);
    result.role = role;
    result.meaning = meaning;
    return result;
}

/// A plot on the screen with a training and a validation curve of 1,000 steps.
struct ShownPlot {
    TrainingPlot plot{QStringLiteral("Loss"), QStringLiteral("loss"), PlotUnit::value};

    ShownPlot() {
        plot.addSeries(QStringLiteral("train"), spec("total", "training", SeriesRole::raw));
        plot.addSeries(QStringLiteral("val"), spec("total", "validation", SeriesRole::full));
        plot.addSeries(QStringLiteral("hard"),
                       spec("hard", "training", SeriesRole::raw, style::Meaning::hard));
        plot.append(QStringLiteral("train"), points(1, 1000, falling));
        plot.append(QStringLiteral("hard"), points(1, 1000, [](double x) { return 0.5 * falling(x); }));
        for (std::int64_t step = 100; step <= 1000; step += 100)
            plot.append(QStringLiteral("val"), points(step, step, falling));
        plot.resize(800, 400);
        plot.show();
        draw();
    }

    void draw() {
        if (!QTest::qWaitForWindowExposed(&plot)) QFAIL("the plot does not appear");
        const int before = plot.replotCount();
        plot.refresh();
        if (plot.isDirty()) (void)QTest::qWaitFor([&] { return plot.replotCount() > before; });
        QCoreApplication::processEvents();
    }

    QWidget* canvas() { return plot.focusProxy(); }

    QPoint middle() { return canvas()->rect().center(); }
};

} // namespace limbeck::testing
