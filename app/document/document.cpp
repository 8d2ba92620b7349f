// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/document.h"

#include "app/document/edit_settings.h"
#include "app/document/paths.h"
#include "backend/project/write_lock.h"
#include "backend/types/fields.h"

namespace limbeck {

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
    auto session = Session::create(path_of_text(scratch_.newFolder()), config, host_, wake());
    if (!session) return tl::unexpected(session.error());
    take(std::move(*session), true);
    return {};
}

Result<void> Document::open(const QString& path) {
    QString reason, holder;
    auto session = Session::open(path_of_text(path), Project::Access::write, host_, wake());
    if (!session) {
        const Error refused = session.error();
        session = Session::open(path_of_text(path), Project::Access::view, host_, wake());
        if (!session) return tl::unexpected(refused);
        reason = QString::fromStdString(refused.message);
        holder = QString::fromStdString(writer_of((*session)->folder()).value_or(std::string()));
    }
    const bool untitled = scratch_.contains(absolute_path(path));
    viewingReason_ = reason;
    holder_ = holder;
    take(std::move(*session), untitled);
    return {};
}

void Document::take(std::unique_ptr<Session> session, bool untitled) {
    emit aboutToReplace();
    closeCurrent();
    session_ = std::move(session);
    untitled_ = untitled;
    if (!session_->read_only()) {
        viewingReason_.clear();
        holder_.clear();
    }
    config_ = saved_ = session_->config();
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
    saved_ = config_;
    undo_.setClean();
    emit modifiedChanged(isModified());
    return {};
}

Result<void> Document::saveAs(const QString& target) {
    const QString previous = folder();
    const bool wasUntitled = untitled_;
    if (auto copied = session_->save_as(path_of_text(target)); !copied) return copied;
    untitled_ = scratch_.contains(absolute_path(target));
    if (wasUntitled) scratch_.remove(previous);
    auto saved = save();
    emit titleChanged();
    return saved;
}

Result<void> Document::openForEditing() {
    auto session = Session::open(path_of_text(folder()), Project::Access::write, host_, wake());
    if (!session) return tl::unexpected(session.error());
    const std::vector<Difference> mine = differences(saved_, config_);
    take(std::move(*session), untitled_);
    ExperimentConfig next = config_;
    for (const Difference& change : mine)
        (void)set_field(next, change.key, change.to); // it was set here before
    edit(next, tr("Edits Made While Viewing"));
    return {};
}

void Document::takeSavedConfig() {
    if (!session_ || hasUnsavedEdits() || config_ == session_->config()) return;
    undo_.clear();
    saved_ = session_->config();
    apply(saved_);
}

void Document::edit(const ExperimentConfig& next, const QString& text) {
    EditSettings::Edit edit{config_, config_, {}, text};
    for (const Difference& change : differences(config_, next)) {
        // A value out of its range stays in its red field and never reaches the document.
        if (set_field(edit.to, change.key, change.to)) edit.keys.push_back(change.key);
    }
    if (edit.to == config_) return;
    undo_.push(new EditSettings(
        std::move(edit), [this](const ExperimentConfig& config) { apply(config); }, typingPause_));
    emit modifiedChanged(isModified());
}

void Document::apply(const ExperimentConfig& config) {
    if (config == config_) return;
    config_ = config;
    emit configChanged(config_);
}

bool Document::isModified() const {
    return !undo_.isClean() || (untitled_ && hasRuns_);
}

QString Document::title() const {
    return untitled_ ? tr("Untitled") : shown_name(folder());
}

QString Document::folder() const {
    if (!session_) return {};
    return text_of_path(session_->folder());
}

void Document::noteRunsExist() {
    if (hasRuns_) return;
    hasRuns_ = true;
    emit modifiedChanged(isModified());
}

} // namespace limbeck
