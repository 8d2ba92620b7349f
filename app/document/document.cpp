// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/document.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include "app/document/edit_setting.h"
#include "backend/types/fields.h"

namespace limbeck {
namespace {

std::filesystem::path toPath(const QString& text) {
    return QFile::encodeName(text).toStdString();
}

} // namespace

Document::Document(std::shared_ptr<EngineHost> host, Scratch scratch, QObject* parent)
    : QObject(parent), host_(std::move(host)), scratch_(std::move(scratch)) {
    connect(&undo_, &QUndoStack::cleanChanged, this, [this] { emit modifiedChanged(isModified()); });
}

Document::~Document() {
    undo_.disconnect(this);
    closeCurrent();
}

std::function<void()> Document::wake() {
    // Emitting from a session's thread is safe: receivers live on the GUI thread and get it queued.
    return [this] { emit woken(); };
}

Result<void> Document::createUntitled(const ExperimentConfig& config) {
    auto session = Session::create(toPath(scratch_.newFolder()), config, host_, wake());
    if (!session) return tl::unexpected(session.error());
    take(std::move(*session), true);
    return {};
}

Result<void> Document::open(const QString& path) {
    QString reason;
    auto session = Session::open(toPath(path), Project::Access::write, host_, wake());
    if (!session) {
        const Error refused = session.error();
        session = Session::open(toPath(path), Project::Access::view, host_, wake());
        if (!session) return tl::unexpected(refused);
        reason = QString::fromStdString(refused.message);
    }
    const bool untitled = scratch_.contains(QFileInfo(path).absoluteFilePath());
    viewingReason_ = reason;
    take(std::move(*session), untitled);
    return {};
}

void Document::take(std::unique_ptr<Session> session, bool untitled) {
    emit aboutToReplace();
    closeCurrent();
    session_ = std::move(session);
    untitled_ = untitled;
    if (!session_->read_only()) viewingReason_.clear();
    config_ = session_->config();
    hasRuns_ = !session_->runs().empty();
    undo_.clear();
    undo_.setClean();
    emit replaced();
    emit configChanged(config_);
    emit titleChanged();
    emit modifiedChanged(isModified());
}

void Document::closeCurrent() {
    if (!session_) return;
    const QString previous = folder();
    session_.reset();
    if (untitled_) scratch_.remove(previous);
}

Result<void> Document::save() {
    if (auto saved = session_->save_config(config_); !saved) return saved;
    undo_.setClean();
    emit modifiedChanged(isModified());
    return {};
}

Result<void> Document::saveAs(const QString& target) {
    const QString previous = folder();
    const bool wasUntitled = untitled_;
    if (auto copied = session_->save_as(toPath(target)); !copied) return copied;
    untitled_ = scratch_.contains(QFileInfo(target).absoluteFilePath());
    if (wasUntitled) scratch_.remove(previous);
    auto saved = save();
    emit titleChanged();
    return saved;
}

void Document::edit(const ExperimentConfig& next, const QString& text) {
    std::vector<Difference> changes = differences(config_, next);
    // A value out of its range stays in its red field and never reaches the document.
    std::erase_if(changes, [this](const Difference& change) {
        ExperimentConfig trial = config_;
        return !set_field(trial, change.key, change.to);
    });
    if (changes.empty()) return;
    const auto apply = [this](const std::string& key, const std::string& value) { applySetting(key, value); };
    const bool grouped = changes.size() > 1;
    if (grouped) undo_.beginMacro(text.isEmpty() ? tr("change of several settings") : text);
    for (const Difference& change : changes)
        undo_.push(new EditSetting(change, apply));
    if (grouped) undo_.endMacro();
    emit modifiedChanged(isModified());
}

void Document::applySetting(const std::string& key, const std::string& text) {
    const ExperimentConfig before = config_;
    // The text was made by field_text(), so it can be read back; anything else is a defect.
    if (auto set = set_field(config_, key, text); !set) {
        qWarning("undo of %s: %s", key.c_str(), set.error().message.c_str());
    }
    if (!(config_ == before)) emit configChanged(config_);
}

bool Document::isModified() const {
    return !undo_.isClean() || (untitled_ && hasRuns_);
}

QString Document::title() const {
    return untitled_ ? tr("Untitled") : QFileInfo(folder()).fileName();
}

QString Document::folder() const {
    if (!session_) return {};
    return QFile::decodeName(QByteArray::fromStdString(session_->folder().string()));
}

void Document::noteRunsExist() {
    if (hasRuns_) return;
    hasRuns_ = true;
    emit modifiedChanged(isModified());
}

} // namespace limbeck
