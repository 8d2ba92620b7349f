// SPDX-License-Identifier: GPL-3.0-or-later
// The two plots of the training page with made-up curves, to look at.
//   plot_gallery [--dark] [--empty] [--overlay] [--log] [--zoom] [--live] [--cost] [--shot FILE] [--export
//   FILE]
#include <cmath>
#include <cstdio>
#include <random>

#include <QApplication>
#include <QCommandLineParser>
#include <QElapsedTimer>
#include <QTimer>
#include <QVBoxLayout>
#include <QWidget>

#include "widgets/plots/frame_clock.h"
#include "widgets/plots/training_plot.h"

using namespace limbeck;

namespace {

struct Maker {
    std::mt19937 generator{7};

    MetricPoint point(std::int64_t step, double value) {
        return {step, value, static_cast<float>(value), static_cast<float>(value)};
    }

    double noise(double size) { return std::normal_distribution<double>(0, size)(generator); }

    /// Falls from `from` to `to` with time constant `tau`, with the spike of the first steps.
    double loss(double step, double from, double to, double tau, double size) {
        const double spike = 2.5 * std::exp(-step / 6);
        const double value = to + (from - to) * std::exp(-step / tau) + spike;
        return std::max(1e-3, value * (1 + noise(size)));
    }

    double accuracy(double step, double to, double tau, double size) {
        return std::clamp(to - (to - 0.1) * std::exp(-step / tau) + noise(size), 0.0, 1.0);
    }
};

SeriesSpec spec(const char* label, const char* detail, style::Meaning meaning, SeriesRole role, RunId run) {
    SeriesSpec result;
    result.label = QString::fromUtf8(label);
    result.detail = QString::fromUtf8(detail);
    result.meaning = meaning;
    result.role = role;
    result.run = run;
    return result;
}

struct Page {
    TrainingPlot loss{QStringLiteral("Loss"), QStringLiteral("loss"), PlotUnit::value};
    TrainingPlot agreement{QStringLiteral("Agreement"), QStringLiteral("agreement, accuracy (%)"),
                           PlotUnit::percent};
    Maker maker;
    static constexpr int epoch = 157;

    void addRun(RunId run, const QString& name, std::int64_t steps, double quality) {
        using style::Meaning;
        const QString id = QString::number(run) + QLatin1Char('/');
        loss.setRunName(run, name);
        agreement.setRunName(run, name);

        const struct {
            const char* label;
            Meaning meaning;
            double from, to;
        } terms[] = {{"total", Meaning::total, 2.4, 0.35},
                     {"hard", Meaning::hard, 0.25, 0.05},
                     {"soft", Meaning::soft, 2.1, 0.28}};

        for (const auto& term : terms) {
            const QString raw = id + term.label, full = raw + QStringLiteral("/validation");
            loss.addSeries(raw, spec(term.label, "training", term.meaning, SeriesRole::raw, run));
            loss.addSeries(full, spec(term.label, "validation", term.meaning, SeriesRole::full, run));
            std::vector<MetricPoint> train, validation;
            for (std::int64_t step = 1; step <= steps; ++step) {
                train.push_back(
                    maker.point(step, maker.loss(double(step), term.from, term.to / quality, 320, 0.16)));
                if (step % epoch == 0)
                    validation.push_back(maker.point(
                        step, maker.loss(double(step), term.from, 1.15 * term.to / quality, 340, 0.02)));
            }
            loss.append(raw, train);
            loss.append(full, validation);
        }
        SeriesSpec agree = spec("agreement", "training", Meaning::student, SeriesRole::raw, run);
        agree.outline = Meaning::teacher;
        agree.marker = style::Marker::diamond;
        agreement.addSeries(id + "agreement", agree);
        agree.detail = QStringLiteral("validation");
        agree.role = SeriesRole::full;
        agreement.addSeries(id + "agreement/validation", agree);
        agreement.addSeries(id + "student",
                            spec("student", "validation", Meaning::student, SeriesRole::full, run));
        agreement.addSeries(
            id + "alone", spec("student alone", "validation", Meaning::student_alone, SeriesRole::full, run));
        agreement.addSeries(id + "teacher", spec("teacher", "", Meaning::teacher, SeriesRole::flat, run));
        std::vector<MetricPoint> train, validation, student, alone;
        for (std::int64_t step = 1; step <= steps; ++step) {
            train.push_back(maker.point(step, maker.accuracy(double(step), 0.945 * quality, 260, 0.04)));
            if (step % epoch) continue;
            validation.push_back(maker.point(step, maker.accuracy(double(step), 0.94 * quality, 250, 0.006)));
            student.push_back(maker.point(step, maker.accuracy(double(step), 0.93 * quality, 260, 0.006)));
            alone.push_back(maker.point(step, maker.accuracy(double(step), 0.897 * quality, 270, 0.006)));
        }
        agreement.append(id + "agreement", train);
        agreement.append(id + "agreement/validation", validation);
        agreement.append(id + "student", student);
        agreement.append(id + "alone", alone);
        const MetricPoint teacher[] = {maker.point(0, 0.989)};
        agreement.append(id + "teacher", teacher);
    }
};

} // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QCommandLineParser options;
    options.addHelpOption();
    for (const char* name : {"dark", "empty", "overlay", "log", "zoom", "live", "cost", "cross"})
        options.addOption(QCommandLineOption(QLatin1String(name)));
    options.addOption(
        {QStringLiteral("steps"), QStringLiteral("steps"), QStringLiteral("N"), QStringLiteral("1884")});
    options.addOption(
        {QStringLiteral("width"), QStringLiteral("width"), QStringLiteral("N"), QStringLiteral("900")});
    options.addOption(
        {QStringLiteral("height"), QStringLiteral("height"), QStringLiteral("N"), QStringLiteral("620")});
    options.addOption(
        {QStringLiteral("shot"), QStringLiteral("picture of the window"), QStringLiteral("FILE")});
    options.addOption({QStringLiteral("export"), QStringLiteral("export both plots: FILE-0.SUFFIX"),
                       QStringLiteral("FILE")});
    options.process(app);
    app.setStyle(QStringLiteral("Fusion"));
    app.setPalette(options.isSet("dark") ? style::darkPalette() : style::lightPalette());

    QWidget window;
    window.setWindowTitle(QStringLiteral("Plots"));
    Page page;
    auto* column = new QVBoxLayout(&window);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(&page.loss);
    column->addWidget(&page.agreement);
    page.loss.linkX(&page.agreement);
    const std::int64_t steps = options.value("steps").toLongLong();
    if (!options.isSet("empty")) {
        page.addRun(1, QStringLiteral("T4 soft .9 seed 0"), steps, 1.0);
        if (options.isSet("overlay")) {
            page.addRun(2, QStringLiteral("T1 soft .9 seed 0"), steps, 0.97);
            page.addRun(3, QStringLiteral("T8 soft .5 seed 1"), steps, 0.94);
            page.loss.setCurrentRun(1);
            page.agreement.setCurrentRun(1);
        }
        const QVector<EventMark> marks{{0.30 * double(steps), QStringLiteral("T 4→8"),
                                        QStringLiteral("Temperature changed from 4 to 8"), 1},
                                       {0.32 * double(steps), QStringLiteral("lr 0.05→0.01"),
                                        QStringLiteral("Learning rate changed"), 1},
                                       {0.80 * double(steps), QStringLiteral("Labels 0.1→0.3"),
                                        QStringLiteral("Weight of the labels changed"), 1}};
        page.loss.setEventMarks(1, marks);
        page.agreement.setEventMarks(1, marks);
        page.loss.setExpectedSteps(double(steps) * 20.0 / 12.0);
    }
    page.loss.setLogScale(options.isSet("log"));
    window.resize(options.value("width").toInt(), options.value("height").toInt());
    window.show();

    FrameClock clock;
    clock.addCostSource([&] { return page.loss.takeFrameCost(); });
    clock.addCostSource([&] { return page.agreement.takeFrameCost(); });
    QObject::connect(&clock, &FrameClock::frame, &window, [&] {
        page.loss.refresh();
        page.agreement.refresh();
    });
    clock.start();

    std::int64_t step = steps;
    QTimer feed;
    if (options.isSet("live")) {
        clock.setTraining(true);
        QObject::connect(&feed, &QTimer::timeout, &window, [&] {
            ++step;
            const MetricPoint one[] = {
                page.maker.point(step, page.maker.loss(double(step), 2.4, 0.35, 320, 0.16))};
            page.loss.append(QStringLiteral("1/total"), one);
        });
        feed.start(5);
    }
    if (options.isSet("zoom"))
        QTimer::singleShot(50, &window,
                           [&] { page.loss.setXRange(0.4 * double(steps), 0.6 * double(steps)); });
    if (options.isSet("cross"))
        QTimer::singleShot(100, &window, [&] {
            page.loss.setCrosshair(0.5 * double(steps));
            page.agreement.setCrosshair(0.5 * double(steps));
        });
    if (options.isSet("cost")) {
        QTimer::singleShot(300, &window, [&] {
            clock.stop(); // it would take the costs
            for (TrainingPlot* plot : {&page.loss, &page.agreement}) {
                plot->takeFrameCost();
                const int before = plot->replotCount();
                for (int i = 0; i < 20; ++i) {
                    plot->setXRange(0, double(steps) - i);
                    app.processEvents();
                }
                const double ms = std::chrono::duration<double, std::milli>(plot->takeFrameCost()).count();
                std::printf("%s: %d frames, %.2f ms each\n", qPrintable(plot->title()),
                            plot->replotCount() - before, ms / std::max(1, plot->replotCount() - before));
            }
            app.quit();
        });
    }
    if (options.isSet("shot") || options.isSet("export")) {
        QTimer::singleShot(600, &window, [&] {
            if (options.isSet("shot")) window.grab().save(options.value("shot"));
            if (options.isSet("export")) {
                int index = 0;
                for (TrainingPlot* plot : {&page.loss, &page.agreement}) {
                    const QString file = options.value("export");
                    const auto dot = file.lastIndexOf(QLatin1Char('.'));
                    if (!plot->exportTo(file.left(dot) + QStringLiteral("-%1").arg(index++) + file.mid(dot)))
                        std::fprintf(stderr, "%s\n", qPrintable(plot->exportError()));
                }
            }
            app.quit();
        });
    }
    return app.exec();
}
