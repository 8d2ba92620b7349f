// SPDX-License-Identifier: GPL-3.0-or-later
// What a frame of a plot costs, by the number of points, and what a point takes in memory.
//
// A plot of 8 series (raw training curves with their moving average over them) is filled with 10^4 … 10^7
// points a series. For each number of points frames are drawn: at several zooms, panned from frame to frame;
// zoomed from all to a ten-thousandth; and growing by 1,000 points a series. A frame is all from the change
// of the view to the pixels handed to the window system. QT_SCALE_FACTOR=2 draws on a screen of twice the
// density.
//
//   bench_plots [MOST] [SERIES] [spread]        default: 10000000 8; spread: points that stand for several
//   steps
#include <QVBoxLayout>
#include <malloc.h>
#include <random>
#include <string_view>

#include "bench/measure.h"
#include "widgets/plots/training_plot.h"

using namespace limbeck;

namespace {

class Curves {
  public:
    Curves(TrainingPlot& plot, int series, bool spread) : plot_(plot), spread_(spread) {
        for (int i = 0; i < series; ++i) {
            SeriesSpec spec;
            spec.label = QStringLiteral("series %1").arg(i);
            spec.run = 1;
            spec.meaning = i % 2 ? style::Meaning::total : style::Meaning::student;
            ids_.append(spec.label);
            plot_.addSeries(spec.label, spec);
        }
    }

    /// Makes the next points of each series, to be appended together.
    void prepare(std::int64_t count) {
        next_.resize(static_cast<std::size_t>(ids_.size()));
        for (std::size_t series = 0; series < next_.size(); ++series) {
            next_[series].clear();
            for (std::int64_t i = size_ + 1; i <= size_ + count; ++i) {
                const double mean = 1 / (1 + 1e-4 * static_cast<double>(i)) + noise_(draw_) +
                                    0.2 * static_cast<double>(series);
                const auto value = static_cast<float>(mean);
                const float reach = spread_ ? 0.05F : 0;
                next_[series].push_back({i, mean, value - reach, value + reach});
            }
        }
        size_ += count;
    }

    /// Gives the CPU time that the plot took for what was prepared.
    double append() {
        const double before = bench::thread_seconds();
        for (std::size_t series = 0; series < next_.size(); ++series)
            plot_.append(ids_[static_cast<int>(series)], next_[series]);
        return bench::thread_seconds() - before;
    }

    void grow(std::int64_t count) {
        for (std::int64_t done = 0, part = 0; done < count; done += part) {
            part = std::min<std::int64_t>(count - done, 10'000);
            prepare(part);
            append();
        }
    }

    std::int64_t size() const { return size_; }

  private:
    TrainingPlot& plot_;
    bool spread_;
    QStringList ids_;
    std::int64_t size_ = 0;
    std::vector<std::vector<MetricPoint>> next_;
    std::minstd_rand draw_{1};
    std::normal_distribution<double> noise_{0, 0.1};
};

/// Of each frame's passes the median: what else happens on the machine hits one now and then, what the frame
/// does hits all. `single` has all passes.
struct Times {
    std::vector<double> wall, cpu, single;

    void print(const char* what) const {
        std::printf("  %-16s %4zu frames  median %5.2f  p99 %5.2f   single ones: p99 %5.2f  max %5.2f ms   "
                    "wall: median %5.2f  p99 %5.2f ms\n",
                    what, cpu.size(), bench::quantile(cpu, 0.5), bench::quantile(cpu, 0.99),
                    bench::quantile(single, 0.99), bench::quantile(single, 1), bench::quantile(wall, 0.5),
                    bench::quantile(wall, 0.99));
        std::fflush(stdout);
    }

    void add(const Times& other) {
        for (auto part : {&Times::wall, &Times::cpu, &Times::single})
            (this->*part).insert((this->*part).end(), (other.*part).begin(), (other.*part).end());
    }
};

} // namespace

int main(int argc, char** argv) {
    bench::Application application(argc, argv);
    const std::int64_t most = argc > 1 ? std::atoll(argv[1]) : 10'000'000;
    const int series = argc > 2 ? std::atoi(argv[2]) : 8;
    const bool spread = argc > 3 && std::string_view(argv[3]) == "spread";

    QWidget window;
    auto* plot = new TrainingPlot("Loss", "loss", PlotUnit::value);
    auto* layout = new QVBoxLayout(&window);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(plot);
    window.resize(1020, 420); // the plots' side of a window of 1366×768 is no larger
    window.show();
    if (!application.wait_painted([&] { return plot->replotCount() > 0; })) return 1;
    std::printf("%d series on %dx%d at %gx\n", series, window.width(), window.height(),
                window.devicePixelRatioF());

    constexpr int passes = 5;
    /// Draws `count` frames, each after change(i), all of them `passes` times; before() is not counted.
    const auto draw = [&](int count, const std::function<void(int)>& change,
                          const std::function<void()>& before = {}) {
        std::vector<std::vector<double>> wall(static_cast<std::size_t>(count)), cpu(wall.size());
        for (int i = 0; i < passes * count; ++i) {
            if (before) before();
            const double wall_before = bench::wall_seconds(), cpu_before = bench::thread_seconds();
            const int drawn = plot->replotCount();
            change(i % count);
            plot->refresh();
            application.wait_painted([&] { return plot->replotCount() > drawn; });
            const auto at = static_cast<std::size_t>(i % count);
            wall[at].push_back(1e3 * (bench::wall_seconds() - wall_before));
            cpu[at].push_back(1e3 * (bench::thread_seconds() - cpu_before));
        }
        Times times;
        for (std::size_t i = 0; i < wall.size(); ++i) {
            times.wall.push_back(bench::quantile(wall[i], 0.5));
            times.cpu.push_back(bench::quantile(cpu[i], 0.5));
            times.single.insert(times.single.end(), cpu[i].begin(), cpu[i].end());
        }
        return times;
    };

    malloc_trim(0);
    const double empty = bench::resident_bytes();
    Curves curves(*plot, series, spread);
    for (std::int64_t points = 10'000; points <= most; points *= 10) {
        curves.grow(points - curves.size());
        malloc_trim(0);
        const double grown = bench::resident_bytes() - empty;
        const double x1 = static_cast<double>(points);
        std::printf("%lld points a series: %.1f bytes a point resident\n", static_cast<long long>(points),
                    grown / (x1 * series));
        Times together;
        const auto report = [&](const std::string& what, const Times& times) {
            times.print(what.c_str());
            together.add(times);
        };
        for (const double zoom : {1.0, 4.0, 30.0, 1000.0}) {
            const double span = x1 / zoom;
            report("panned at " + std::to_string(static_cast<int>(zoom)) + "x", draw(60, [&](int i) {
                       const double lower = (zoom > 1 ? 0.4 * x1 : 0.0) + span * i / 300;
                       plot->setXRange(lower, lower + span);
                   }));
        }
        report("zooming in", draw(120, [&](int i) {
                   const double half = 0.5 * x1 * std::pow(1e-4, i / 120.0);
                   plot->setXRange(0.5 * x1 - half, 0.5 * x1 + half);
               }));
        plot->fit();
        std::vector<double> append;
        report("growing",
               draw(
                   20, [&](int) { append.push_back(1e3 * curves.append()); }, [&] { curves.prepare(1000); }));
        together.print("all");
        std::printf("  appending 1,000 points to each series: median %.3f  p99 %.3f ms (of which a series' "
                    "1,000: %.3f ms)\n",
                    bench::quantile(append, 0.5), bench::quantile(append, 0.99),
                    bench::quantile(append, 0.5) / series);
    }
    return 0;
}
