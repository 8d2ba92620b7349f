// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/plot_tickers.h"

#include <algorithm>
#include <cmath>

#include <qcustomplot.h>

#include "widgets/style/format.h"

namespace limbeck {
namespace {

class StepTicker : public QCPAxisTicker {
  protected:
    double getTickStep(const QCPRange& range) override {
        return std::max(1.0, QCPAxisTicker::getTickStep(range));
    }

    int getSubTickCount(double tick_step) override {
        return tick_step < 2 ? 0 : QCPAxisTicker::getSubTickCount(tick_step);
    }

    QString getTickLabel(double tick, const QLocale&, QChar, int) override {
        return format::thousands(std::llround(tick));
    }
};

class ValueTicker : public QCPAxisTicker {
  public:
    explicit ValueTicker(PlotUnit unit) : scale_(unit == PlotUnit::percent ? 100.0 : 1.0) {}

  protected:
    double getTickStep(const QCPRange& range) override {
        step_ = QCPAxisTicker::getTickStep(range);
        return step_;
    }

    QString getTickLabel(double tick, const QLocale&, QChar, int) override {
        const double step = step_ * scale_, value = tick * scale_;
        if (std::abs(value) < 1e-6 * step) return QStringLiteral("0");
        if (std::abs(value) >= 1e6 || std::abs(value) < 1e-4) return QString::number(value, 'g', 4);
        // 2.5 needs one decimal more than its power of ten.
        int decimals = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
        if (std::abs(step * std::pow(10.0, decimals) - std::round(step * std::pow(10.0, decimals))) > 1e-6)
            ++decimals;
        return QString::number(value, 'f', decimals);
    }

    double scale_;
    double step_ = 1;
};

class LogTicker : public ValueTicker {
  public:
    using ValueTicker::ValueTicker;

  protected:
    QVector<double> createTickVector(double tick_step, const QCPRange& range) override {
        decades_ = std::log10(range.upper / range.lower);
        if (!(range.lower > 0) || !std::isfinite(decades_)) return {};
        if (decades_ < linear_below) return QCPAxisTicker::createTickVector(tick_step, range);
        static const QVector<double> fine{1, 2, 3, 5}, medium{1, 2, 5}, coarse{1};
        const QVector<double>& mantissas = decades_ < 1.2 ? fine : decades_ < 2.5 ? medium : coarse;
        const int first = static_cast<int>(std::floor(std::log10(range.lower)));
        const int last = static_cast<int>(std::ceil(std::log10(range.upper)));
        const int stride = std::max(1, (last - first) / std::max(2, tickCount()));
        QVector<double> ticks;
        for (int exponent = first; exponent <= last; exponent += stride)
            for (const double mantissa : mantissas)
                ticks.append(mantissa * std::pow(10.0, exponent));
        return ticks;
    }

    QVector<double> createSubTickVector(int count, const QVector<double>& ticks) override {
        if (decades_ < linear_below) return QCPAxisTicker::createSubTickVector(count, ticks);
        QVector<double> result;
        if (ticks.isEmpty() || decades_ > 8) return result;
        for (int exponent = static_cast<int>(std::floor(std::log10(ticks.first())));
             exponent <= static_cast<int>(std::ceil(std::log10(ticks.last()))); ++exponent)
            for (int mantissa = 2; mantissa < 10; ++mantissa)
                result.append(mantissa * std::pow(10.0, exponent));
        return result;
    }

    QString getTickLabel(double tick, const QLocale& locale, QChar format, int precision) override {
        if (decades_ < linear_below) return ValueTicker::getTickLabel(tick, locale, format, precision);
        return QString::number(tick * scale_, 'g', 4);
    }

  private:
    static constexpr double linear_below = 0.5; // decades
    double decades_ = 1;
};

template <class Ticker>
QSharedPointer<QCPAxisTicker> counted(Ticker* ticker, int count) {
    QSharedPointer<QCPAxisTicker> shared(ticker);
    shared->setTickCount(std::max(2, count));
    return shared;
}

} // namespace

QSharedPointer<QCPAxisTicker> stepTicker(int count) {
    return counted(new StepTicker, count);
}

QSharedPointer<QCPAxisTicker> valueTicker(PlotUnit unit, int count) {
    return counted(new ValueTicker(unit), count);
}

QSharedPointer<QCPAxisTicker> logTicker(PlotUnit unit, int count) {
    return counted(new LogTicker(unit), count);
}

} // namespace limbeck
