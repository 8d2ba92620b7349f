// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/settings.h"

#include <QDir>
#include <QFileInfo>
#include <QSettings>
#include <filesystem>

#include "app/document/paths.h"

namespace limbeck {
namespace {

QVariant read(const QString& key) {
    return QSettings().value(key);
}

void write(const QString& key, const QVariant& value, bool isDefault) {
    QSettings settings;
    if (isDefault) {
        settings.remove(key);
    } else {
        settings.setValue(key, value);
    }
}

} // namespace

QString Settings::recoveryFolder() const {
    return QFileInfo(QSettings().fileName()).absolutePath() + "/recovery";
}

QByteArray Settings::windowGeometry() const {
    return read("window/geometry").toByteArray();
}

void Settings::setWindowGeometry(const QByteArray& geometry) {
    write("window/geometry", geometry, geometry.isEmpty());
}

QByteArray Settings::windowState() const {
    return read("window/state").toByteArray();
}

void Settings::setWindowState(const QByteArray& state) {
    write("window/state", state, state.isEmpty());
}

QByteArray Settings::splitterState(const QString& name) const {
    return read("splitters/" + name).toByteArray();
}

void Settings::setSplitterState(const QString& name, const QByteArray& state) {
    write("splitters/" + name, state, state.isEmpty());
}

QStringList Settings::recentProjects() const {
    QStringList kept;
    for (const QString& folder : read("recent/projects").toStringList()) {
        std::error_code none;
        if (std::filesystem::exists(path_of_text(folder), none)) kept << folder;
    }
    return kept;
}

void Settings::addRecentProject(const QString& folder) {
    const QString path = absolute_path(folder);
    QStringList recent = recentProjects();
    recent.removeAll(path);
    recent.prepend(path);
    write("recent/projects", QStringList(recent.mid(0, maximumRecent)), false);
}

void Settings::clearRecentProjects() {
    write("recent/projects", {}, true);
}

int Settings::lossView() const {
    return read("window/loss_view").toInt();
}

void Settings::setLossView(int view) {
    write("window/loss_view", view, view == 0);
}

QString Settings::lastFolder() const {
    const QString folder = read("files/last_folder").toString();
    return QFileInfo(folder).isDir() ? folder : QDir::homePath();
}

void Settings::setLastFolder(const QString& folder) {
    write("files/last_folder", folder, folder == QDir::homePath());
}

} // namespace limbeck
