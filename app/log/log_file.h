// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

/// What the program has had to say, in a file that outlives it: what the message bar told, and what Qt warns
/// of.
namespace limbeck {

class LogFile {
  public:
    /// At this size the file becomes "….1" and a new one is begun.
    static constexpr qint64 largest = 512 * 1024;

    explicit LogFile(QString path);

    /// $XDG_STATE_HOME/limbeck/limbeck.log (~/.local/state/…).
    static QString standardPath();

    const QString& path() const { return path_; }

    /// A line with time and process, in one write, so that lines of several programs do not mix. From any
    /// thread; does nothing where the file cannot be written.
    void write(const QString& kind, const QString& text) const;

    /// The newest lines, at most so many bytes.
    QString tail(qint64 bytes = 64 * 1024) const;

    /// Qt's messages go to this file besides where they went, for the rest of the process.
    static void catchMessages(const QString& path);

  private:
    QString path_;
};

} // namespace limbeck
