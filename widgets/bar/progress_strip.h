// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include <chrono>
#include <cstdint>
#include <optional>

class QLabel;
class QProgressBar;
class QTimer;

namespace limbeck {

/// What the status bar says about what is going on.
struct ProgressValues {
    QString activity; ///< "Teacher", "Student alone", "Student", "Loading LibTorch…"; empty: idle
    std::int64_t epoch = 0, total_epochs = 0;
    double fraction = 0;           ///< 0..1 of the whole group; negative: not known, busy
    double samples_per_second = 0; ///< 0: not known
    double seconds_left = -1;      ///< negative: not known
    bool paused = false;
    QString phase{}; ///< name of the stage or warm-up that is on; empty: none
};

/// Content of the status bar. Each part has a fixed width, so that nothing jumps while numbers
/// change.
class ProgressStrip : public QWidget {
    Q_OBJECT

  public:
    explicit ProgressStrip(QWidget* parent = nullptr);

    void setProgress(const ProgressValues& values);
    /// Nothing is on; `text` says how the last thing ended ("Finished in 1:24"), or nothing.
    void setIdle(const QString& text = {});
    /// Shown as "saved 2 s ago" and counted on; nothing: the part stays empty.
    void setSecondsSinceSave(std::optional<double> seconds);
    /// "not saved", whatever the time of the last save, until it works again.
    void setSavingStopped(bool stopped);

    QString activityText() const;
    QString epochText() const;
    QString rateText() const;
    QString phaseText() const; ///< what stands in the bar
    QString timeLeftText() const;
    QString savedText() const;

  protected:
    void changeEvent(QEvent* event) override;

  private:
    void fixWidths();
    void refreshSaved();

    QLabel* activity_ = nullptr;
    QLabel* epoch_ = nullptr;
    QProgressBar* bar_ = nullptr;
    QLabel* rate_ = nullptr;
    QLabel* left_ = nullptr;
    QLabel* saved_ = nullptr;
    QTimer* timer_ = nullptr;
    bool numbersAreDue(const ProgressValues& values);

    ProgressValues numbers_; ///< that are shown
    std::chrono::steady_clock::time_point numbers_at_;
    std::optional<std::chrono::steady_clock::time_point> saved_at_;
    bool saving_stopped_ = false;
};

} // namespace limbeck
