// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <memory>

#include "backend/runner/session.h"
#include "widgets/plots/frame_clock.h"

namespace limbeck {

class Document;

/// Brings what a session's threads have to say to the GUI thread, a frame at a time. Frames come
/// from the plots' clock, so that a step of 0.2 ms and one of 2 s cost the window the same; when
/// nothing happens there are no frames at all.
class SessionBridge : public QObject {
    Q_OBJECT

  public:
    explicit SessionBridge(Document& document, QObject* parent = nullptr);

    FrameClock& clock() { return clock_; }

    /// Fetches at once what is there (before a run is shown, at the end of one).
    void pollNow();

  signals:
    void fed(const limbeck::Feed& feed);
    /// After each frame's fed(): time to draw.
    void frame();

  private:
    void wake();
    void onFrame();

    Document& document_;
    FrameClock clock_;
    int idleFrames_ = 0;
};

} // namespace limbeck
