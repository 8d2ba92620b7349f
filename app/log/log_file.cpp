// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/log/log_file.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>
#include <memory>

namespace limbeck {
namespace {

std::unique_ptr<LogFile> caught;
QtMessageHandler before = nullptr;

void take(QtMsgType type, const QMessageLogContext& context, const QString& text) {
    if (caught && type != QtDebugMsg && type != QtInfoMsg)
        caught->write(type == QtWarningMsg ? "warning" : "error", text);
    if (before) before(type, context, text);
}

} // namespace

LogFile::LogFile(QString path) : path_(std::move(path)) {}

QString LogFile::standardPath() {
    // Qt 6.4 has no name for the folder of states.
    const QString state = qEnvironmentVariable("XDG_STATE_HOME");
    return (QDir::isAbsolutePath(state) ? state : QDir::homePath() + "/.local/state") +
           "/limbeck/limbeck.log";
}

void LogFile::write(const QString& kind, const QString& text) const {
    QDir().mkpath(QFileInfo(path_).absolutePath());
    if (QFileInfo(path_).size() > largest) {
        QFile::remove(path_ + ".1");
        QFile::rename(path_, path_ + ".1");
    }
    QFile file(path_);
    if (!file.open(QIODevice::WriteOnly | QIODevice::Append | QIODevice::Unbuffered)) return;
    QString line = text;
    line.replace('\n', "\n    ");
    file.write(QStringLiteral("%1 [%2] %3: %4\n")
                   .arg(QDateTime::currentDateTimeUtc().toString(Qt::ISODate),
                        QString::number(QCoreApplication::applicationPid()), kind, line)
                   .toUtf8());
}

QString LogFile::tail(qint64 bytes) const {
    QFile file(path_);
    if (!file.open(QIODevice::ReadOnly)) return {};
    if (file.size() > bytes) {
        file.seek(file.size() - bytes);
        file.readLine(); // a part of one
    }
    return QString::fromUtf8(file.readAll());
}

void LogFile::catchMessages(const QString& path) {
    caught = std::make_unique<LogFile>(path);
    before = qInstallMessageHandler(take);
}

} // namespace limbeck
