// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/viewing_bar.h"

#include "app/bridge/viewing_watch.h"
#include "app/document/document.h"
#include "widgets/bar/message_bar.h"

namespace limbeck {

ViewingBar::ViewingBar(QObject& parent, Document& document, ViewingWatch& watch, MessageBar& messages)
    : QObject(&parent), document_(document), messages_(messages) {
    const auto refresh = [this] {
        if (document_.isReadOnly())
            say(document_.holder());
        else
            messages_.dismiss("viewing");
    };
    connect(&document_, &Document::replaced, this, refresh);
    connect(&document_, &Document::titleChanged, this, refresh); // saved elsewhere: it can be edited there
    connect(&watch, &ViewingWatch::holderChanged, this, &ViewingBar::say);
}

void ViewingBar::say(const QString& holder) {
    Message message;
    message.key = "viewing";
    message.action = [this] { tryAgain(); };
    if (!holder.isEmpty()) {
        message.text =
            tr("“%1” is being written by %2. Here it is shown as it goes on; nothing can be changed.")
                .arg(document_.title(), holder);
        message.action_text = tr("Try Again");
    } else if (!document_.holder().isEmpty()) {
        message.text = tr("Nobody writes “%1” any more: it can be edited here now.").arg(document_.title());
        message.action_text = tr("Open for Editing");
    } else {
        message.text = tr("Opened for viewing only. %1").arg(document_.viewingReason());
        message.action_text = tr("Try Again");
    }
    messages_.post(std::move(message));
}

void ViewingBar::tryAgain() {
    if (const auto opened = document_.openForEditing(); !opened) {
        Message message{
            Severity::information, QString::fromStdString(opened.error().message), {}, {}, {}, {}};
        message.key = "viewing";
        message.action_text = tr("Try Again");
        message.action = [this] { tryAgain(); };
        messages_.post(std::move(message));
    }
}

} // namespace limbeck
