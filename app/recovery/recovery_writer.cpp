// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/recovery/recovery_writer.h"

#include <QDir>

#include "app/document/document.h"

namespace limbeck {

/// The claim is held from the first file on until the program ends.
struct RecoveryWriter::Keeper {
    std::unique_ptr<RecoveryClaim> claim;

    Result<void> put(const RecoveryFolder& folder, const QString& file, const RecoveryNote& note) {
        QDir().mkpath(folder.root());
        if (!claim) claim = RecoveryClaim::take(file);
        return RecoveryFolder::write(file, note);
    }
};

RecoveryWriter::RecoveryWriter(Document& document, RecoveryFolder folder, QObject* parent)
    : QObject(parent)
    , document_(document)
    , folder_(std::move(folder))
    , file_(folder_.ownFile())
    , keeper_(std::make_shared<Keeper>()) {
    pool_.setMaxThreadCount(1); // so that files are written and removed in order
    delay_.setSingleShot(true);
    delay_.setInterval(delayMs);
    connect(&delay_, &QTimer::timeout, this, [this] { writeNow(); });
    connect(&document_, &Document::configChanged, this, &RecoveryWriter::changed);
    connect(&document_, &Document::modifiedChanged, this, &RecoveryWriter::changed);
    connect(&document_, &Document::titleChanged, this, &RecoveryWriter::changed);
}

RecoveryWriter::~RecoveryWriter() {
    document_.disconnect(this);
    pool_.start([keeper = keeper_, file = file_] {
        RecoveryFolder::remove(file);
        keeper->claim.reset();
    });
    pool_.waitForDone();
}

void RecoveryWriter::changed() {
    if (!document_.hasUnsavedEdits()) {
        delay_.stop();
        if (present_) writeNow();
    } else if (!delay_.isActive()) { // not put off by what comes after: a long drag is written as well
        delay_.start();
    }
}

void RecoveryWriter::writeNow(std::function<void()> then) {
    delay_.stop();
    // A slow disk must not pile up files to write: the newest state goes when the one before is there.
    if (writing_ && !then) {
        again_ = true;
        return;
    }
    write(std::move(then));
}

void RecoveryWriter::write(std::function<void()> then) {
    writing_ = true;
    again_ = false;
    const bool present = present_ = document_.hasUnsavedEdits();
    RecoveryNote note;
    if (present)
        note = {document_.folder(), document_.isUntitled(), QDateTime::currentDateTimeUtc(),
                document_.savedConfig(), document_.config()};
    // The destructor waits for the pool, so that `this` is there; what is queued for it later goes with it.
    pool_.start([this, present, note = std::move(note), then = std::move(then)] {
        Result<void> written;
        if (present)
            written = keeper_->put(folder_, file_, note);
        else
            RecoveryFolder::remove(file_);
        if (written && then) then();
        QMetaObject::invokeMethod(
            this,
            [this, present, written] {
                told(written);
                if (written) emit settled(present);
            },
            Qt::QueuedConnection);
    });
}

void RecoveryWriter::told(const Result<void>& written) {
    writing_ = false;
    if (!written && !failing_) emit failed(written.error());
    failing_ = !written;
    if (again_) writeNow();
}

} // namespace limbeck
