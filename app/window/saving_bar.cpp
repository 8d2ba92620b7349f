// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/saving_bar.h"

#include "app/document/document.h"
#include "app/window/file_actions.h"
#include "widgets/bar/message_bar.h"
#include "widgets/bar/progress_strip.h"

namespace limbeck {

SavingBar::SavingBar(QObject& parent, Document& document, FileActions& files, MessageBar& messages,
                     ProgressStrip& progress)
    : QObject(&parent), document_(document), files_(files), messages_(messages), progress_(progress) {
    connect(&document_, &Document::replaced, this, &SavingBar::end);
}

void SavingBar::feed(const Feed& feed) {
    if (feed.saving_stopped) stopped(*feed.saving_stopped);
    if (feed.saving_goes_on) end();
}

void SavingBar::stopped(const Error& why) {
    const QString held = document_.session()->running() ? tr("Training is paused; nothing is lost.")
                                                        : tr("Nothing is lost as long as Limbeck runs.");
    Message message{Severity::error,
                    tr("Saving stopped: %1 %2").arg(QString::fromStdString(why.message), held),
                    QString::fromStdString(why.detail),
                    tr("Retry"),
                    [this] { document_.session()->retry_saving(); },
                    "saving",
                    tr("Save Elsewhere…"),
                    [this] { files_.saveAs(); }};
    message.lasting = true; // it goes when saving works again
    messages_.post(std::move(message));
    progress_.setSavingStopped(true);
    files_.setSavingStopped(true);
}

void SavingBar::end() {
    messages_.dismiss("saving");
    progress_.setSavingStopped(false);
    files_.setSavingStopped(false);
}

} // namespace limbeck
