// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/runs_view.h"

#include <QContextMenuEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QSortFilterProxyModel>

#include "widgets/runs/runs_model.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

/// Sorts by the models's sort_role; what is not known goes last in either direction.
class SortedRuns : public QSortFilterProxyModel {
  public:
    explicit SortedRuns(QObject* parent) : QSortFilterProxyModel(parent) {
        setSortRole(RunsModel::sort_role);
        setSortCaseSensitivity(Qt::CaseInsensitive);
        setDynamicSortFilter(true);
    }

  protected:
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override {
        const bool knows_left = left.data(sortRole()).isValid(),
                   knows_right = right.data(sortRole()).isValid();
        if (knows_left != knows_right) return (sortOrder() == Qt::AscendingOrder) == knows_left;
        return QSortFilterProxyModel::lessThan(left, right);
    }
};

} // namespace

RunsView::RunsView(QWidget* parent)
    : QTreeView(parent)
    , sorted_(new SortedRuns(this))
    , empty_text_(tr("Press Start (Ctrl+R) to train; each run is listed here")) {
    setRootIsDecorated(false);
    setUniformRowHeights(true);
    setAllColumnsShowFocus(true);
    setAlternatingRowColors(true);
    setSelectionMode(SingleSelection);
    setSelectionBehavior(SelectRows);
    setEditTriggers(EditKeyPressed);
    setTextElideMode(Qt::ElideRight);
    setAccessibleName(tr("Runs"));
}

void RunsView::setRunsModel(RunsModel* model) {
    runs_ = model;
    sorted_->setSourceModel(model);
    setModel(sorted_);
    setSortingEnabled(true);
    // Newest first until somebody asks for another order.
    header()->setSortIndicatorClearable(true);
    sortByColumn(-1, Qt::AscendingOrder);
    header()->setStretchLastSection(false);
    header()->setSectionsMovable(false);
    header()->setHighlightSections(false);
    header()->setMinimumSectionSize(48);
    const QFontMetrics metrics(style::tabular(font()));
    const int margin = 4 * style::grid;
    resizeColumnToContents(RunsModel::name_column);
    header()->resizeSection(RunsModel::name_column, metrics.averageCharWidth() * 30);
    header()->setSectionResizeMode(RunsModel::settings_column, QHeaderView::Stretch);
    for (int column = RunsModel::last_accuracy_column; column < RunsModel::column_count; ++column) {
        const QString widest =
            column == RunsModel::progress_column ? tr("interrupted 100/100") : QStringLiteral("100.0");
        const int head = header()->sectionSizeHint(column);
        header()->resizeSection(column, std::max(head, metrics.horizontalAdvance(widest) + margin / 2));
    }
    connect(model, &RunsModel::shownChanged, this, &RunsView::shownChanged);
    connect(model, &RunsModel::renameRequested, this, &RunsView::renameRequested);
    const auto redraw = [this] { viewport()->update(); };
    connect(model, &QAbstractItemModel::rowsInserted, this, redraw);
    connect(model, &QAbstractItemModel::rowsRemoved, this, redraw);
}

void RunsView::resizeEvent(QResizeEvent* event) {
    QTreeView::resizeEvent(event);
    const int rest = header()->length() - header()->sectionSize(RunsModel::settings_column);
    if (runs_ && rest >= viewport()->width()) {
        // A stretched column keeps its width when nothing is left for it; the numbers matter more.
        header()->resizeSection(RunsModel::settings_column, header()->minimumSectionSize());
    }
}

std::optional<RunId> RunsView::chosenRun() const {
    const RunId run = runOf(currentIndex());
    return run ? std::optional(run) : std::nullopt;
}

void RunsView::choose(RunId run) {
    if (!runs_) return;
    const QModelIndex at = sorted_->mapFromSource(runs_->indexOf(run));
    if (!at.isValid()) return;
    setCurrentIndex(at);
    scrollTo(at);
}

void RunsView::setReadOnly(bool read_only) {
    read_only_ = read_only;
    setEditTriggers(read_only ? NoEditTriggers : EditKeyPressed);
}

void RunsView::setEmptyText(const QString& text) {
    empty_text_ = text;
    viewport()->update();
}

QMenu* RunsView::makeMenu(RunId run, QWidget* parent) {
    auto* menu = new QMenu(parent);
    const RunRow* row = runs_ ? runs_->row(run) : nullptr;
    if (!row) return menu;
    const RunState state = row->record.state;
    const bool on = state == RunState::running || state == RunState::paused;
    const auto add = [&](const QString& text, bool enabled, auto work) {
        QAction* action = menu->addAction(text);
        action->setEnabled(enabled);
        connect(action, &QAction::triggered, this, work);
        return action;
    };
    QAction* shown =
        add(tr("&Show on Plots"), true, [this, run] { runs_->setShown(run, !runs_->shown().contains(run)); });
    shown->setCheckable(true);
    shown->setChecked(runs_->shown().contains(run));
    add(tr("&Use Settings in Form"), true, [this, run] { emit settingsRequested(run); });
    menu->addSeparator();
    add(tr("Re&sume"), !running_ && !read_only_ && is_unfinished(state),
        [this, run] { emit resumeRequested(run); });
    add(tr("Re&peat"), !running_ && !read_only_, [this, run] { emit repeatRequested(run); });
    menu->addSeparator();
    add(tr("Re&name"), !read_only_, [this, run] {
        choose(run);
        edit(currentIndex().siblingAtColumn(RunsModel::name_column));
    })->setShortcut(Qt::Key_F2);
    add(tr("&Remove…"), !read_only_ && !on, [this, run] {
        emit removeRequested(run);
    })->setShortcut(Qt::Key_Delete);
    return menu;
}

void RunsView::paintEvent(QPaintEvent* event) {
    QTreeView::paintEvent(event);
    if (model() && model()->rowCount() > 0) return;
    QPainter painter(viewport());
    painter.setPen(style::mutedText(palette()));
    painter.drawText(viewport()->rect().adjusted(16, 8, -16, -8), Qt::AlignCenter | Qt::TextWordWrap,
                     empty_text_);
}

void RunsView::keyPressEvent(QKeyEvent* event) {
    const RunId run = runOf(currentIndex());
    const bool plain = event->modifiers() == Qt::NoModifier && state() != EditingState;
    if (run && plain && event->key() == Qt::Key_Space) {
        runs_->setShown(run, !runs_->shown().contains(run));
        return;
    }
    if (run && plain && event->key() == Qt::Key_F2 && !read_only_) {
        edit(currentIndex().siblingAtColumn(RunsModel::name_column));
        return;
    }
    if (run && plain && event->key() == Qt::Key_Delete && !read_only_) {
        const RunState now = runs_->row(run)->record.state;
        if (now != RunState::running && now != RunState::paused) emit removeRequested(run);
        return;
    }
    QTreeView::keyPressEvent(event);
}

void RunsView::contextMenuEvent(QContextMenuEvent* event) {
    const bool by_key = event->reason() == QContextMenuEvent::Keyboard;
    const QModelIndex at = by_key ? currentIndex() : indexAt(viewport()->mapFromGlobal(event->globalPos()));
    const RunId run = runOf(at);
    if (!run) return;
    QMenu* menu = makeMenu(run, this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->popup(by_key ? viewport()->mapToGlobal(visualRect(at).center()) : event->globalPos());
}

void RunsView::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    QTreeView::currentChanged(current, previous);
    const RunId run = runOf(current);
    if (run && run != runOf(previous)) emit chosen(run);
}

RunId RunsView::runOf(const QModelIndex& view_index) const {
    return runs_ && view_index.isValid() ? runs_->runAt(sorted_->mapToSource(view_index)) : 0;
}

} // namespace limbeck
