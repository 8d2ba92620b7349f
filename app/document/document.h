// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QUndoStack>
#include <chrono>
#include <memory>

#include "app/document/scratch.h"
#include "backend/runner/session.h"

namespace limbeck {

/// The open project as the window knows it: the configuration under edit with its undo stack, and
/// the session that holds runs. Only edits of the configuration can be unsaved; runs are saved as
/// they go. An untitled project lives in the scratch folder until it is given a name.
class Document : public QObject {
    Q_OBJECT

  public:
    Document(std::shared_ptr<EngineHost> host, Scratch scratch, QObject* parent = nullptr);
    ~Document() override;

    /// A new untitled project. The one that was open is closed first (an untitled one removed).
    Result<void> createUntitled(const ExperimentConfig& config);
    /// Opens a project's folder or its project.limbeck (texts of paths are those of paths.h); a read-only
    /// one, or one that another program is writing, is opened for viewing, with the reason in
    /// viewingReason().
    Result<void> open(const QString& path);
    Result<void> save();
    Result<void> saveAs(const QString& folder);

    /// nullptr only before the first project.
    Session* session() const { return session_.get(); }

    const Scratch& scratch() const { return scratch_; }

    const ExperimentConfig& config() const { return config_; }

    /// As it was opened or last saved here: unsaved edits are the differences from it.
    const ExperimentConfig& savedConfig() const { return saved_; }

    /// Takes an edit of the form as one step to undo, however many settings differ; `text` names it if given.
    /// How edits merge into one step, EditSettings tells.
    void edit(const ExperimentConfig& next, const QString& text = {});

    /// An edit that comes later than this after the one before it is a step of its own.
    void setTypingPause(std::chrono::milliseconds pause) { typingPause_ = pause; }

    QUndoStack* undoStack() { return &undo_; }

    bool isUntitled() const { return untitled_; }

    bool isReadOnly() const { return session_ && session_->read_only(); }

    QString viewingReason() const { return viewingReason_; }

    /// Who writes the project that is only viewed, as when it was opened; empty: nobody does (a folder that
    /// may not be written).
    QString holder() const { return holder_; }

    /// Opens the project that is viewed once more, to write it; unsaved edits stay, as one step to undo. An
    /// error when it cannot be written still; then nothing has changed.
    Result<void> openForEditing();
    /// What another process saved since, where nothing of it is edited here.
    void takeSavedConfig();

    bool hasUnsavedEdits() const { return !undo_.isClean(); }

    /// Unsaved edits, or runs in a project that has no name yet.
    bool isModified() const;
    /// "spirals-T4"; "Untitled".
    QString title() const;
    QString folder() const;

    /// Told by the window when a run was added: an untitled project with runs asks before it goes.
    void noteRunsExist();

  signals:
    void configChanged(const limbeck::ExperimentConfig& config);
    /// Another project is open now.
    void replaced();
    /// About to let go of the session: drop every pointer to it.
    void aboutToReplace();
    void modifiedChanged(bool modified);
    void titleChanged();
    /// From a thread of the session: poll() has something.
    void woken();

  private:
    void take(std::unique_ptr<Session> session, bool untitled);
    void closeCurrent();
    void apply(const ExperimentConfig& config);
    std::function<void()> wake();

    std::shared_ptr<EngineHost> host_;
    Scratch scratch_;
    std::unique_ptr<Session> session_;
    ExperimentConfig config_, saved_;
    QUndoStack undo_;
    QString viewingReason_, holder_;
    std::chrono::milliseconds typingPause_{2000};
    bool untitled_ = true;
    bool hasRuns_ = false;
};

} // namespace limbeck
