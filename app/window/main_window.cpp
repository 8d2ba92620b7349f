// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/main_window.h"

#include <QAction>
#include <QCloseEvent>
#include <QFileInfo>
#include <QKeyEvent>
#include <QMenuBar>
#include <QMimeData>
#include <QScreen>
#include <QSplitter>
#include <QStatusBar>
#include <QTimer>
#include <QToolBar>
#include <QVBoxLayout>

#include "app/bridge/viewing_watch.h"
#include "app/document/paths.h"
#include "app/pages/training_page.h"
#include "app/recovery/recovery_writer.h"
#include "app/window/archive_actions.h"
#include "app/window/device_chooser.h"
#include "app/window/file_actions.h"
#include "app/window/help.h"
#include "app/window/network_windows.h"
#include "app/window/recovery_offers.h"
#include "app/window/run_actions.h"
#include "app/window/saving_bar.h"
#include "app/window/viewing_bar.h"
#include "backend/project/archive.h"
#include "backend/types/catalogue.h"
#include "widgets/bar/message_bar.h"
#include "widgets/bar/progress_strip.h"
#include "widgets/cards/network_card.h"
#include "widgets/forms/experiment_form.h"
#include "widgets/plots/training_plot.h"

namespace limbeck {

MainWindow::MainWindow(std::shared_ptr<EngineHost> host, Scratch scratch, Settings settings, QWidget* parent)
    : QMainWindow(parent)
    , settings_(settings)
    , log_(LogFile::standardPath())
    , host_(host)
    , document_(std::make_unique<Document>(host, std::move(scratch)))
    , recovery_(std::make_unique<RecoveryWriter>(*document_, RecoveryFolder(settings_.recoveryFolder())))
    , bridge_(std::make_unique<SessionBridge>(*document_))
    , watch_(std::make_unique<ViewingWatch>(*document_))
    , costs_(std::make_unique<CostProbe>(host)) {
    setObjectName("mainWindow");
    setMinimumSize(1024, 640);
    setAcceptDrops(true);
    actions_ = Actions::make(*this, document_->undoStack()->createUndoAction(this, tr("&Undo")),
                             document_->undoStack()->createRedoAction(this, tr("&Redo")));
    buildCentre();
    // First of those that hear the feed: the others ask the page what became of a run.
    wireDocument();
    files_ = new FileActions(*this, *document_, actions_, *messages_, settings_);
    archives_ = new ArchiveActions(*this, *document_, *files_, actions_, *messages_, settings_);
    offers_ = new RecoveryOffers(*this, *document_, *recovery_, *files_, *messages_);
    new ViewingBar(*this, *document_, *watch_, *messages_);
    auto* saving = new SavingBar(*this, *document_, *files_, *messages_, *progress_);
    connect(bridge_.get(), &SessionBridge::fed, saving, &SavingBar::feed);
    runs_ = new RunActions(*this, *document_, *bridge_, actions_, *form_, *page_, *messages_, *progress_);
    wireForm();
    wireView();
    restoreLayout();
}

MainWindow::~MainWindow() {
    // The page and the actions hold pointers into the session; let go of them first.
    delete archives_; // waits for what is being written
    page_->setSession(nullptr);
    bridge_.reset();
    watch_.reset();
    recovery_.reset(); // a clean exit: nothing is left to recover
    document_->disconnect();
    document_->undoStack()->disconnect();
}

void MainWindow::buildCentre() {
    form_ = new ExperimentForm(this);
    page_ = new TrainingPage(this);
    messages_ = new MessageBar(this);
    progress_ = new ProgressStrip(this);
    devices_ = new DeviceChooser(host_, this);

    auto* spacer = new QWidget(this);
    spacer->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    actions_.toolBar->addWidget(spacer);
    actions_.toolBar->addWidget(devices_);

    split_ = new QSplitter(Qt::Horizontal, this);
    split_->addWidget(form_);
    split_->addWidget(page_);
    split_->setStretchFactor(0, 0);
    split_->setStretchFactor(1, 1);
    split_->setChildrenCollapsible(false);

    auto* centre = new QWidget(this);
    auto* layout = new QVBoxLayout(centre);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(messages_);
    layout->addWidget(split_, 1);
    setCentralWidget(centre);

    statusBar()->addPermanentWidget(progress_, 1);
    statusBar()->setSizeGripEnabled(false);
}

void MainWindow::wireDocument() {
    connect(document_.get(), &Document::aboutToReplace, this, [this] { page_->setSession(nullptr); });
    connect(document_.get(), &Document::replaced, this, [this] {
        page_->setSession(document_->session());
        refreshTitle();
    });
    connect(document_.get(), &Document::configChanged, this, [this](const ExperimentConfig& config) {
        form_->setConfig(config);
        devices_->setDevice(QString::fromStdString(config.training.device));
        if (shownBefore_) costs_->ask(config, path_of_text(document_->folder()));
    });
    connect(document_.get(), &Document::modifiedChanged, this, &MainWindow::refreshTitle);
    connect(document_.get(), &Document::titleChanged, this, &MainWindow::refreshTitle);
    connect(recovery_.get(), &RecoveryWriter::failed, this, [this](const Error& error) {
        messages_->post(
            {Severity::warning, QString::fromStdString(error.message), {}, {}, {}, "recovery-failed"});
    });
    connect(recovery_.get(), &RecoveryWriter::settled, this,
            [this] { messages_->dismiss("recovery-failed"); });
    connect(bridge_.get(), &SessionBridge::fed, page_, &TrainingPage::feed);
    connect(bridge_.get(), &SessionBridge::frame, page_, &TrainingPage::draw);
    for (TrainingPlot* plot : {&page_->lossPlot(), &page_->agreementPlot()}) {
        bridge_->clock().addCostSource([plot] { return plot->takeFrameCost(); });
    }
}

void MainWindow::wireForm() {
    connect(form_, &ExperimentForm::configEdited, this,
            [this](const ExperimentConfig& config) { document_->edit(config); });
    connect(devices_, &DeviceChooser::deviceEdited, this, [this](const QString& id) {
        ExperimentConfig config = document_->config();
        config.training.device = id.toStdString();
        document_->edit(config);
    });
    connect(devices_, &DeviceChooser::failed, this, [this](const Error& error) {
        messages_->post({Severity::error,
                         QString::fromStdString(error.message),
                         QString::fromStdString(error.detail),
                         {},
                         {},
                         "engine"});
    });
    connect(runs_, &RunActions::runningChanged, devices_, &DeviceChooser::setLocked);
    connect(costs_.get(), &CostProbe::answered, this, &MainWindow::refreshCards);
    new NetworkWindows(*form_, *costs_, this); // after refreshCards: it reads the cards
    connect(page_, &TrainingPage::summariesChanged, this, &MainWindow::refreshAccuracies);
    connect(page_, &TrainingPage::chosenRunChanged, this, &MainWindow::refreshAccuracies);
}

void MainWindow::wireView() {
    connect(actions_.quit, &QAction::triggered, this, &QWidget::close);
    connect(actions_.fullScreen, &QAction::toggled, this,
            [this](bool full) { setWindowState(windowState().setFlag(Qt::WindowFullScreen, full)); });
    connect(actions_.fitPlots, &QAction::triggered, this, [this] {
        page_->lossPlot().fit();
        page_->agreementPlot().fit();
        page_->draw();
    });
    const auto zoom = [this](double factor) {
        const auto range = page_->lossPlot().xRange();
        const double centre = (range.lower + range.upper) / 2;
        const double half = (range.upper - range.lower) / 2 * factor;
        page_->lossPlot().setXRange(centre - half, centre + half);
        page_->draw();
    };
    connect(actions_.zoomIn, &QAction::triggered, this, [zoom] { zoom(0.5); });
    connect(actions_.zoomOut, &QAction::triggered, this, [zoom] { zoom(2.0); });
    connect(actions_.exportPlot, &QAction::triggered, this, [this] {
        // The plot that has the focus, else the agreement: it is what a report shows.
        const bool loss = page_->lossPlot().isAncestorOf(focusWidget());
        (loss ? page_->lossPlot() : page_->agreementPlot()).exportPictureAs();
    });
    for (TrainingPlot* plot : {&page_->lossPlot(), &page_->agreementPlot()}) {
        connect(plot, &TrainingPlot::exportFailed, this, [this](const QString& reason) {
            messages_->post({Severity::error, reason, {}, {}, {}, "export"});
        });
        connect(plot, &TrainingPlot::exported, this, [this](const QString& path) {
            messages_->post({Severity::information, tr("Wrote %1").arg(path), {}, {}, {}, "export"});
        });
    }
    connect(actions_.help, &QAction::triggered, this, [this] { show_first_steps(*this); });
    connect(actions_.log, &QAction::triggered, this, [this] { show_log(*this, log_); });
    connect(messages_, &MessageBar::posted, this, [this](const Message& message) {
        const char* kind = message.severity == Severity::error     ? "error"
                           : message.severity == Severity::warning ? "warning"
                                                                   : "note";
        log_.write(kind, message.detail.isEmpty() ? message.text : message.text + "\n" + message.detail);
    });
    connect(actions_.about, &QAction::triggered, this, [this] { show_about(*this); });
}

bool MainWindow::openProject(const QString& path) {
    return files_->openPath(path);
}

bool MainWindow::newFromSample(const QString& id) {
    const SampleExperiment* sample = find_sample(id.toStdString());
    return files_->newProject(sample ? sample->config : ExperimentConfig{});
}

void MainWindow::refreshTitle() {
    setWindowTitle(
        tr("%1[*]%2").arg(document_->title(), document_->isReadOnly() ? tr(" (viewing only)") : QString()));
    setWindowModified(document_->isModified());
    setWindowFilePath({});
}

void MainWindow::refreshCards(const CostProbe::Answer& answer) {
    const auto fill = [](NetworkCard* card, const Result<NetworkCost>& cost) {
        NetworkFacts facts;
        facts.validation_accuracy = card->facts().validation_accuracy;
        facts.test_accuracy = card->facts().test_accuracy;
        if (cost) {
            facts.parameters = cost->parameters;
            facts.bytes = cost->bytes;
            facts.flops = cost->flops;
            if (cost->latency_ms > 0) facts.latency_ms = cost->latency_ms;
        } else {
            facts.why_unknown = QString::fromStdString(cost.error().message);
        }
        card->setFacts(facts);
    };
    fill(form_->teacherCard(), answer.teacher);
    fill(form_->studentCard(), answer.student);

    if (answer.data) form_->setDataShape(answer.data->input.shape, answer.data->classes);

    std::vector<Problem> problems;
    const auto complain = [&problems](const Error& error, const char* key) {
        if (error.kind != ErrorKind::configuration && error.kind != ErrorKind::data &&
            error.kind != ErrorKind::usage) {
            return;
        }
        problems.push_back({error.field.empty() ? key : error.field, error.message});
    };
    if (!answer.data) {
        complain(answer.data.error(), "data.dataset");
    } else {
        if (!answer.teacher) complain(answer.teacher.error(), "teacher.model");
        if (!answer.student) complain(answer.student.error(), "student.model");
        // In a chain others than these two meet; the runner looks at each pair before it trains anything.
        const std::string& scheme = form_->config().distillation.scheme;
        for (const TermNeeds& needs : answer.needs)
            if (!needs.problem.empty() && (scheme == "plain" || scheme == "mixup"))
                problems.push_back({"distillation.terms", needs.problem});
    }
    form_->setProblems(std::move(problems));
}

void MainWindow::refreshAccuracies() {
    const RunRecord* chosen = page_->record(page_->chosenRun());
    NetworkFacts teacher = form_->teacherCard()->facts();
    NetworkFacts student = form_->studentCard()->facts();
    teacher.validation_accuracy = teacher.test_accuracy = {};
    student.validation_accuracy = student.test_accuracy = {};
    if (chosen && chosen->role != Role::assistant) { // those have no card of their own
        const RunSummary summary = page_->summary(chosen->id);
        NetworkFacts& own = chosen->role == Role::teacher ? teacher : student;
        own.validation_accuracy = summary.last_accuracy;
        own.test_accuracy = summary.test_accuracy;
        if (chosen->role != Role::teacher) {
            teacher.validation_accuracy = summary.teacher_accuracy;
            teacher.test_accuracy = summary.test_teacher_accuracy;
        }
    }
    if (!teacher.validation_accuracy) {
        if (const RunRecord* run = page_->newestMeasured(Role::teacher)) {
            teacher.validation_accuracy = page_->summary(run->id).last_accuracy;
            teacher.test_accuracy = page_->summary(run->id).test_accuracy;
        }
    }
    form_->teacherCard()->setFacts(teacher);
    form_->studentCard()->setFacts(student);
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!files_->confirmLeave()) {
        event->ignore();
        return;
    }
    saveLayout();
    event->accept();
}

void MainWindow::keyPressEvent(QKeyEvent* event) {
    // Only what no focused control wanted comes here: a shortcut would take Space away from them.
    if (event->key() == Qt::Key_Space && !event->isAutoRepeat() && runs_->isRunning()) {
        runs_->togglePause();
        return;
    }
    QMainWindow::keyPressEvent(event);
}

namespace {

QString droppedProject(const QMimeData* data) {
    if (!data->hasUrls() || data->urls().size() != 1 || !data->urls().constFirst().isLocalFile()) {
        return {};
    }
    const QFileInfo info(data->urls().constFirst().toLocalFile());
    const QString name =
        QString::fromUtf8(project_file_name.data(), static_cast<qsizetype>(project_file_name.size()));
    const bool project = info.fileName() == name || QFileInfo::exists(info.filePath() + "/" + name) ||
                         looks_like_archive(path_of_text(info.filePath()));
    return project ? info.filePath() : QString();
}

} // namespace

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (!droppedProject(event->mimeData()).isEmpty()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
    const QString path = droppedProject(event->mimeData());
    if (path.isEmpty()) return;
    event->acceptProposedAction();
    // Opening may ask a question; the drag's source must not wait for the answer.
    QTimer::singleShot(0, this, [this, path] { openProject(path); });
}

void MainWindow::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    if (shownBefore_) return;
    shownBefore_ = true;
    // After the first paint: LibTorch is half a gigabyte to map.
    QTimer::singleShot(100, this, &MainWindow::showFirstTime);
}

void MainWindow::showFirstTime() {
    devices_->discover();
    costs_->ask(document_->config(), path_of_text(document_->folder()));
    offers_->look();
}

void MainWindow::restoreLayout() {
    if (!restoreGeometry(settings_.windowGeometry())) {
        // On a small screen the status bar must not start below its edge; the frame needs room too.
        const QSize room = screen()->availableSize() - QSize(8, 40);
        resize(QSize(1360, 820).boundedTo(room));
    }
    restoreState(settings_.windowState());
    if (!split_->restoreState(settings_.splitterState("form"))) split_->setSizes({340, 1020});
    page_->splitter().restoreState(settings_.splitterState("page"));
    page_->lossPlot().setQuantity(settings_.lossView());
}

void MainWindow::saveLayout() {
    settings_.setWindowGeometry(saveGeometry());
    settings_.setWindowState(saveState());
    settings_.setSplitterState("form", split_->saveState());
    settings_.setSplitterState("page", page_->splitter().saveState());
    settings_.setLossView(page_->lossPlot().quantity());
}

} // namespace limbeck
