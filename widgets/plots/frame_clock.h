// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include <QObject>
#include <QTimer>

namespace limbeck {

/// CPU time of this thread: with both cores busy training, wall time would count others' work.
std::chrono::nanoseconds threadTime();

/// How often to draw so that drawing takes at most a share of the machine. Plain arithmetic on times that it
/// is given.
class FramePacer {
  public:
    using Nanoseconds = std::chrono::nanoseconds;
    static constexpr std::chrono::milliseconds shortest{33}; ///< 30 Hz
    static constexpr std::chrono::milliseconds longest{500}; ///< 2 Hz: never slower, whatever a frame costs

    /// `share` of all `cores` together (0.02: 2 %).
    FramePacer(int cores, double share);

    /// CPU time that the last frame took. Rises count at once, falls slowly: a budget is kept, not met on
    /// average.
    void report(Nanoseconds cost);
    std::chrono::milliseconds interval() const;
    void setShare(double share);

  private:
    int cores_;
    double share_;
    double cost_ns_ = 0;
};

/// The window's one timer for drawing: emits frame() at 30 Hz while that keeps the plots' budget, slower when
/// it does not. The owner feeds its plots and calls their refresh() in answer.
class FrameClock : public QObject {
    Q_OBJECT

  public:
    /// `cores` 0: as many as the machine has.
    explicit FrameClock(QObject* parent = nullptr, int cores = 0);

    /// Gives the CPU time spent on drawing since it was last asked (TrainingPlot::takeFrameCost).
    void addCostSource(std::function<std::chrono::nanoseconds()> source);
    /// The budget: 1 % of the machine while training, for the plots and for what answers frame(), so that
    /// the window as a whole stays within 2 %; idle, drawing may have more.
    void setTraining(bool training);

    bool isTraining() const { return training_; }

    std::chrono::milliseconds interval() const;

    bool isActive() const { return timer_.isActive(); }

  public slots:
    void start();
    void stop();

  signals:
    void frame();

  private:
    void tick();

    FramePacer pacer_;
    std::vector<std::function<std::chrono::nanoseconds()>> sources_;
    std::chrono::nanoseconds answering_{0}; ///< the last frame()
    QTimer timer_;
    bool training_ = false;
};

} // namespace limbeck
