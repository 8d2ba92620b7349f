// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/viewing_watch.h"

#include <filesystem>
#include <sys/stat.h>

#include "app/document/document.h"
#include "backend/project/project.h"
#include "backend/project/write_lock.h"

namespace limbeck {
namespace {

/// Changes whenever one of the database's files does.
std::string fingerprint(const std::filesystem::path& folder) {
    std::string text;
    for (const char* ending : {"", "-wal"}) {
        struct stat found {};

        const auto file = folder / (std::string(project_file_name) + ending);
        if (::stat(file.c_str(), &found) != 0) continue;
        for (const auto number :
             {static_cast<long long>(found.st_size), static_cast<long long>(found.st_ino),
              static_cast<long long>(found.st_mtim.tv_sec), static_cast<long long>(found.st_mtim.tv_nsec)})
            text += std::to_string(number) + ' ';
    }
    return text;
}

} // namespace

ViewingWatch::ViewingWatch(Document& document, QObject* parent) : QObject(parent), document_(document) {
    pool_.setMaxThreadCount(1);
    timer_.setInterval(intervalMs);
    connect(&timer_, &QTimer::timeout, this, &ViewingWatch::look);
    connect(&document_, &Document::replaced, this, &ViewingWatch::restart);
    connect(&document_, &Document::titleChanged, this, &ViewingWatch::restart); // saved elsewhere
}

void ViewingWatch::restart() {
    ++round_;
    last_ = {document_.holder().toStdString(), {}};
    if (document_.isReadOnly())
        timer_.start();
    else
        timer_.stop();
}

void ViewingWatch::look() {
    if (looking_) return; // a slow disk is asked again when it has answered
    looking_ = true;
    pool_.start([this, folder = document_.session()->folder(), round = round_] {
        const Seen seen{writer_of(folder).value_or(std::string()), fingerprint(folder)};
        // The pool is joined before this object goes.
        QMetaObject::invokeMethod(
            this, [this, seen, round] { take(seen, round); }, Qt::QueuedConnection);
    });
}

void ViewingWatch::take(const Seen& seen, int round) {
    looking_ = false;
    if (round != round_ || !document_.isReadOnly()) return;
    const Seen before = std::exchange(last_, seen);
    // A run of a writer that is gone reads "interrupted": that is news too.
    if (seen.file != before.file || seen.holder != before.holder) document_.session()->look_again();
    if (seen.holder != before.holder) emit holderChanged(QString::fromStdString(seen.holder));
}

} // namespace limbeck
