// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMainWindow>
#include <memory>

#include "app/bridge/cost_probe.h"
#include "app/bridge/session_bridge.h"
#include "app/document/document.h"
#include "app/log/log_file.h"
#include "app/settings.h"
#include "app/window/actions.h"

class QSplitter;

namespace limbeck {

class ArchiveActions;
class DeviceChooser;
class ExperimentForm;
class FileActions;
class MessageBar;
class ProgressStrip;
class RecoveryOffers;
class RecoveryWriter;
class RunActions;
class TrainingPage;
class ViewingWatch;

/// The one window: the form at the left, plots and runs at the right, and nothing of its own but
/// the wiring. Files are FileActions' business, training is RunActions', curves are TrainingPage's.
class MainWindow : public QMainWindow {
    Q_OBJECT

  public:
    MainWindow(std::shared_ptr<EngineHost> host, Scratch scratch, Settings settings,
               QWidget* parent = nullptr);
    ~MainWindow() override;

    /// Opens a project (a folder or its file); says why in the message bar when it cannot.
    bool openProject(const QString& path);
    /// A new untitled project from the gallery.
    bool newFromSample(const QString& sample);

    Document& document() { return *document_; }

    const Actions& actions() const { return actions_; }

    ExperimentForm& form() { return *form_; }

    TrainingPage& page() { return *page_; }

    MessageBar& messages() { return *messages_; }

    FileActions& files() { return *files_; }

    RunActions& runs() { return *runs_; }

    RecoveryWriter& recovery() { return *recovery_; }

    RecoveryOffers& offers() { return *offers_; }

    SessionBridge& bridge() { return *bridge_; }

  protected:
    void closeEvent(QCloseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void showEvent(QShowEvent* event) override;

  private:
    void buildCentre();
    void wireDocument();
    void wireForm();
    void wireView();
    void restoreLayout();
    void saveLayout();
    void showFirstTime();
    void refreshTitle();
    void refreshCards(const CostProbe::Answer& answer);
    void refreshAccuracies();

    Settings settings_;
    LogFile log_;
    std::shared_ptr<EngineHost> host_;
    std::unique_ptr<Document> document_;
    std::unique_ptr<RecoveryWriter> recovery_;
    std::unique_ptr<SessionBridge> bridge_;
    std::unique_ptr<ViewingWatch> watch_;
    std::unique_ptr<CostProbe> costs_;
    Actions actions_{};

    ExperimentForm* form_ = nullptr;
    TrainingPage* page_ = nullptr;
    MessageBar* messages_ = nullptr;
    ProgressStrip* progress_ = nullptr;
    DeviceChooser* devices_ = nullptr;
    QSplitter* split_ = nullptr;
    FileActions* files_ = nullptr;
    RunActions* runs_ = nullptr;
    RecoveryOffers* offers_ = nullptr;
    ArchiveActions* archives_ = nullptr;
    bool shownBefore_ = false;
};

} // namespace limbeck
