// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>

/// What the program remembers between two starts. Each item is a key with a default; a value that
/// equals its default is not written. Passed to whoever needs it, never a singleton.
namespace limbeck {

class Settings {
  public:
    static constexpr int maximumRecent = 10;

    /// Where unsaved edits are kept: beside the file of the settings.
    QString recoveryFolder() const;

    QByteArray windowGeometry() const;
    void setWindowGeometry(const QByteArray& geometry);
    QByteArray windowState() const;
    void setWindowState(const QByteArray& state);
    QByteArray splitterState(const QString& name) const;
    void setSplitterState(const QString& name, const QByteArray& state);

    /// Folders of projects, newest first; those that are gone are left out.
    QStringList recentProjects() const;
    void addRecentProject(const QString& folder);
    void clearRecentProjects();

    /// What the loss plot shows of each term; as LossView counts them.
    int lossView() const;
    void setLossView(int view);

    /// Where the next file dialog opens.
    QString lastFolder() const;
    void setLastFolder(const QString& folder);
};

} // namespace limbeck
