// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/recovery/recovery_folder.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>
#include <algorithm>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace limbeck {
namespace {

constexpr qint64 largest_note = 4 * 1024 * 1024;
const QString ending = QStringLiteral(".recovery");

QByteArray lock_of(const QString& file) {
    return QFile::encodeName(file + ".lock");
}

bool is_current(int descriptor, const QByteArray& name) {
    struct stat opened {
    }, named{};

    return ::fstat(descriptor, &opened) == 0 && ::stat(name.constData(), &named) == 0 &&
           opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

Result<RecoveryNote> read(const QString& file) {
    const auto refused = [](const std::string& what) {
        return failure(ErrorKind::document, "The file with unsaved edits cannot be read: " + what);
    };
    const QFileInfo info(file);
    if (!info.isFile() || info.isSymLink() || info.size() > largest_note)
        return refused("it is no file of Limbeck.");
    QFile bytes(file);
    if (!bytes.open(QIODevice::ReadOnly)) return refused(bytes.errorString().toStdString());
    return RecoveryNote::decode(bytes.readAll());
}

QString put_aside(const QString& file) {
    QString target = file + ".damaged";
    for (int n = 2; QFileInfo::exists(target); ++n)
        target = QStringLiteral("%1.%2.damaged").arg(file).arg(n);
    return ::rename(QFile::encodeName(file).constData(), QFile::encodeName(target).constData()) == 0 ? target
                                                                                                     : file;
}

} // namespace

RecoveryClaim::RecoveryClaim(int descriptor, QString file)
    : descriptor_(descriptor), file_(std::move(file)) {}

std::unique_ptr<RecoveryClaim> RecoveryClaim::take(const QString& file) {
    const QByteArray name = lock_of(file);
    for (int attempts = 0; attempts < 20; ++attempts) {
        const int descriptor = ::open(name.constData(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (descriptor < 0) return nullptr;
        if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
            ::close(descriptor);
            return nullptr;
        }
        // Its last holder may have removed it in between.
        if (is_current(descriptor, name))
            return std::unique_ptr<RecoveryClaim>(new RecoveryClaim(descriptor, file));
        ::close(descriptor);
    }
    return nullptr;
}

RecoveryClaim::~RecoveryClaim() {
    ::unlink(lock_of(file_).constData()); // before it is let go, so that nobody else's can be meant
    ::close(descriptor_);
}

RecoveryFolder::RecoveryFolder(QString root) : root_(QDir(root).absolutePath()) {}

QString RecoveryFolder::ownFile() const {
    static int count = 0; // several windows in one process, one after the other
    return QStringLiteral("%1/%2-%3-%4%5")
        .arg(root_, QDateTime::currentDateTimeUtc().toString("yyyyMMdd-HHmmss"),
             QString::number(QCoreApplication::applicationPid()), QString::number(++count), ending);
}

RecoveryFolder::Found RecoveryFolder::look() const {
    Found found;
    const QDir root(root_);
    for (const QString& name : root.entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot)) {
        const QString file = root.filePath(name);
        const qsizetype end = name.indexOf(ending);
        if (end < 0 || name.endsWith(".damaged") || name.endsWith(".lock")) continue;
        const QString owner = root.filePath(name.first(end + ending.size()));
        auto claim = std::shared_ptr<RecoveryClaim>(RecoveryClaim::take(owner));
        if (!claim) continue;
        if (file != owner) { // a temporary one, of a program that was killed while it wrote
            QFile::remove(file);
            continue;
        }
        const QFileInfo info(file);
        if (!info.exists() && !info.isSymLink()) continue; // dealt with in between
        if (auto note = read(file))
            found.left.push_back({file, std::move(*note), std::move(claim)});
        else
            found.damaged << put_aside(file);
    }
    std::sort(found.left.begin(), found.left.end(),
              [](const Left& a, const Left& b) { return a.note.written > b.note.written; });
    return found;
}

Result<void> RecoveryFolder::write(const QString& file, const RecoveryNote& note) {
    const QString folder = QFileInfo(file).absolutePath();
    QDir().mkpath(folder);
    QSaveFile out(file);
    const QByteArray bytes = note.encoded();
    // commit() flushes the content to the disk before it renames.
    if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size() || !out.commit()) {
        return failure(ErrorKind::document, "Unsaved edits cannot be kept in " + folder.toStdString() + ": " +
                                                out.errorString().toStdString() +
                                                ". Save the project, so that they are not lost.");
    }
    const int descriptor = ::open(QFile::encodeName(folder).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        ::fsync(descriptor);
        ::close(descriptor);
    }
    return {};
}

void RecoveryFolder::remove(const QString& file) {
    QFile::remove(file);
}

} // namespace limbeck
