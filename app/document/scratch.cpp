// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/scratch.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>

#include "app/document/paths.h"
#include "backend/project/project.h"

namespace limbeck {

Scratch::Scratch(QString root) : root_(QDir(root).absolutePath()) {}

QString Scratch::standardRoot() {
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + "/limbeck/untitled";
}

QString Scratch::newFolder() const {
    const QString stem = QStringLiteral("%1/%2-%3")
                             .arg(root_, QDateTime::currentDateTime().toString("yyyyMMdd-HHmmss"),
                                  QString::number(QCoreApplication::applicationPid()));
    QString folder = stem;
    for (int n = 2; QFileInfo::exists(folder); ++n)
        folder = stem + "-" + QString::number(n);
    QDir().mkpath(root_);
    return folder;
}

bool Scratch::contains(const QString& folder) const {
    return absolute_path(folder).startsWith(root_ + "/");
}

bool Scratch::remove(const QString& folder) const {
    return contains(folder) && QDir(folder).removeRecursively();
}

QStringList Scratch::leftovers() const {
    QStringList found;
    const QDir root(root_);
    for (const QString& name : root.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Time)) {
        const QString folder = root.filePath(name);
        // Opening for writing takes the project's lock, so a folder that a live program holds refuses.
        auto project = Project::open(QFile::encodeName(folder).toStdString(), Project::Access::write);
        if (!project) continue;
        const auto runs = (*project)->runs();
        if (runs && !runs->empty()) found << folder;
    }
    return found;
}

} // namespace limbeck
