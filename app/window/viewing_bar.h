// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

namespace limbeck {

class Document;
class MessageBar;
class ViewingWatch;

/// Says in the message bar why a project is open for viewing only and who holds it, and offers to edit it as
/// soon as nobody does.
class ViewingBar : public QObject {
    Q_OBJECT

  public:
    ViewingBar(QObject& parent, Document& document, ViewingWatch& watch, MessageBar& messages);

  private:
    void say(const QString& holder);
    void tryAgain();

    Document& document_;
    MessageBar& messages_;
};

} // namespace limbeck
