// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QThreadPool>
#include <QTimer>
#include <string>

namespace limbeck {

class Document;

/// While a project is open for viewing: looks once a second, off the GUI thread, whether its file has changed
/// and who writes it. Touches nothing.
class ViewingWatch : public QObject {
    Q_OBJECT

  public:
    explicit ViewingWatch(Document& document, QObject* parent = nullptr);

    static constexpr int intervalMs = 1000;

  signals:
    /// The writer has gone, or another one has come; empty: nobody writes the project.
    void holderChanged(const QString& holder);

  private:
    struct Seen {
        std::string holder, file; ///< size and times of the database's files
    };

    void restart();
    void look();
    void take(const Seen& seen, int round);

    Document& document_;
    QThreadPool pool_;
    QTimer timer_;
    Seen last_;
    int round_ = 0; ///< of the project that is open
    bool looking_ = false;
};

} // namespace limbeck
