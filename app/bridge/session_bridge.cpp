// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/session_bridge.h"

#include "app/document/document.h"

namespace limbeck {
namespace {

// Frames without news before the clock stops; the next wake starts it again.
constexpr int idleFramesBeforeSleep = 30;

bool hasNews(const Feed& feed) {
    return !feed.series.empty() || !feed.events.empty() || !feed.runs.empty() || feed.progress ||
           feed.answers || !feed.errors.empty() || !feed.notes.empty() || feed.finished ||
           feed.looked_again || feed.saving_stopped || feed.saving_goes_on;
}

} // namespace

SessionBridge::SessionBridge(Document& document, QObject* parent) : QObject(parent), document_(document) {
    connect(&document_, &Document::woken, this, &SessionBridge::wake, Qt::QueuedConnection);
    connect(&document_, &Document::aboutToReplace, &clock_, [this] { clock_.stop(); });
    connect(&clock_, &FrameClock::frame, this, &SessionBridge::onFrame);
}

void SessionBridge::wake() {
    idleFrames_ = 0;
    if (document_.session()) clock_.start();
}

void SessionBridge::onFrame() {
    pollNow();
    emit frame();
}

void SessionBridge::pollNow() {
    Session* session = document_.session();
    if (!session) return;
    const Feed feed = session->poll();
    idleFrames_ = hasNews(feed) ? 0 : idleFrames_ + 1;
    if (idleFrames_ > idleFramesBeforeSleep && !session->running()) clock_.stop();
    if (hasNews(feed) || feed.seconds_since_save) emit fed(feed);
}

} // namespace limbeck
