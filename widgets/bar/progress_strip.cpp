// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bar/progress_strip.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QTimer>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "widgets/bar/plain_bar.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

constexpr int bar_steps = 1000;
// Faster than this nobody reads numbers, and each costs a layout; a bar with its hatching takes longer to
// paint than a plot.
constexpr std::chrono::milliseconds numbers_apart{500};

QLabel* part(QWidget* parent, Qt::Alignment side) {
    auto* label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setAlignment(side | Qt::AlignVCenter);
    return label;
}

} // namespace

ProgressStrip::ProgressStrip(QWidget* parent)
    : QWidget(parent)
    , activity_(part(this, Qt::AlignLeft))
    , epoch_(part(this, Qt::AlignLeft))
    , bar_(new PlainBar(this))
    , rate_(part(this, Qt::AlignRight))
    , left_(part(this, Qt::AlignRight))
    , saved_(part(this, Qt::AlignRight))
    , timer_(new QTimer(this)) {
    bar_->setTextVisible(false);
    bar_->setRange(0, bar_steps);
    bar_->setAccessibleName(tr("Progress of the runs"));
    bar_->setFixedHeight(fontMetrics().height());
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(style::grid, 0, style::grid, 0);
    layout->setSpacing(2 * style::grid);
    layout->addWidget(activity_);
    layout->addWidget(epoch_);
    layout->addWidget(bar_, 1);
    layout->addWidget(rate_);
    layout->addWidget(left_);
    layout->addWidget(saved_);
    fixWidths();
    timer_->setInterval(1000);
    connect(timer_, &QTimer::timeout, this, &ProgressStrip::refreshSaved);
    setIdle();
}

void ProgressStrip::setProgress(const ProgressValues& values) {
    if (values.activity.isEmpty()) {
        setIdle();
        return;
    }
    const QString activity = values.paused ? tr("%1, paused").arg(values.activity) : values.activity;
    activity_->setText(activity_->fontMetrics().elidedText(activity, Qt::ElideRight, activity_->width()));
    activity_->setToolTip(activity);
    epoch_->setText(values.total_epochs > 0 ? tr("epoch %1/%2").arg(values.epoch).arg(values.total_epochs)
                                            : QString());
    bar_->setEnabled(true);
    bar_->setTextVisible(!values.phase.isEmpty());
    bar_->setFormat(values.phase);
    bar_->setToolTip(values.phase.isEmpty() ? QString() : tr("Now: %1").arg(values.phase));
    if (!numbersAreDue(values)) return;
    if (values.fraction < 0) {
        bar_->setRange(0, 0);
    } else {
        bar_->setRange(0, bar_steps);
        bar_->setValue(static_cast<int>(std::lround(std::clamp(values.fraction, 0.0, 1.0) * bar_steps)));
    }
    rate_->setText(values.samples_per_second > 0 && !values.paused
                       ? tr("%1 samples/s").arg(format::thousands(std::llround(values.samples_per_second)))
                       : QString());
    left_->setText(values.seconds_left >= 0 ? tr("%1 left").arg(format::duration(values.seconds_left))
                                            : QString());
}

bool ProgressStrip::numbersAreDue(const ProgressValues& values) {
    const auto now = std::chrono::steady_clock::now();
    const auto kind = [](const ProgressValues& each) {
        return std::tuple(each.activity, each.paused, each.fraction<0, each.samples_per_second> 0,
                          each.seconds_left >= 0);
    };
    if (kind(values) == kind(numbers_) && now - numbers_at_ < numbers_apart) return false;
    numbers_ = values;
    numbers_at_ = now;
    return true;
}

void ProgressStrip::setIdle(const QString& text) {
    const QString shown = text.isEmpty() ? tr("Ready") : text;
    activity_->setText(activity_->fontMetrics().elidedText(shown, Qt::ElideRight, activity_->width()));
    activity_->setToolTip(shown);
    numbers_ = {};
    epoch_->clear();
    rate_->clear();
    left_->clear();
    bar_->setRange(0, bar_steps);
    bar_->setValue(0);
    bar_->setTextVisible(false);
    bar_->setToolTip({});
    bar_->setEnabled(false);
}

void ProgressStrip::setSecondsSinceSave(std::optional<double> seconds) {
    using namespace std::chrono;
    if (!seconds) {
        saved_at_.reset();
        timer_->stop();
    } else {
        const double held = std::clamp(*seconds, 0.0, 1e8);
        saved_at_ = steady_clock::now() - duration_cast<steady_clock::duration>(duration<double>(held));
        if (!timer_->isActive()) timer_->start();
    }
    refreshSaved();
}

void ProgressStrip::setSavingStopped(bool stopped) {
    if (stopped == saving_stopped_) return;
    saving_stopped_ = stopped;
    // The last save counts on meanwhile, and is what will be said again.
    QPalette colours;
    if (stopped) colours.setColor(QPalette::WindowText, style::errorColour(palette()));
    saved_->setPalette(colours);
    refreshSaved();
}

QString ProgressStrip::activityText() const {
    return activity_->toolTip();
}

QString ProgressStrip::epochText() const {
    return epoch_->text();
}

QString ProgressStrip::rateText() const {
    return rate_->text();
}

QString ProgressStrip::phaseText() const {
    return bar_->isTextVisible() ? bar_->format() : QString();
}

QString ProgressStrip::timeLeftText() const {
    return left_->text();
}

QString ProgressStrip::savedText() const {
    return saved_->text();
}

void ProgressStrip::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (saved_ && event->type() == QEvent::FontChange) fixWidths();
}

/// Each part is as wide as the widest thing that it will say.
void ProgressStrip::fixWidths() {
    const auto fix = [this](QLabel* label, const QString& widest) {
        label->setFont(style::tabular(font()));
        label->setFixedWidth(QFontMetrics(label->font()).horizontalAdvance(widest) + 2);
    };
    fix(activity_, tr("Training the student alone, paused"));
    fix(epoch_, tr("epoch %1/%2").arg(10000).arg(10000));
    fix(rate_, tr("%1 samples/s").arg(format::thousands(10000000)));
    fix(left_, tr("%1 left").arg(format::duration(100 * 3600)));
    fix(saved_, tr("saved %1 min ago").arg(1000));
}

void ProgressStrip::refreshSaved() {
    saved_->setToolTip(saving_stopped_ ? tr("Saving fails at the moment; the bar above says why")
                                       : QString());
    if (saving_stopped_) {
        saved_->setText(tr("not saved"));
        return;
    }
    if (!saved_at_) {
        saved_->clear();
        return;
    }
    using namespace std::chrono;
    const auto seconds = duration_cast<std::chrono::seconds>(steady_clock::now() - *saved_at_).count();
    if (seconds < 60)
        saved_->setText(tr("saved %1 s ago").arg(seconds));
    else if (seconds < 3600)
        saved_->setText(tr("saved %1 min ago").arg(seconds / 60));
    else
        saved_->setText(tr("saved %1 h ago").arg(seconds / 3600));
}

} // namespace limbeck
