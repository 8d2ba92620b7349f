// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QTreeView>

#include <optional>

#include "backend/types/run.h"

class QMenu;
class QSortFilterProxyModel;

namespace limbeck {

class RunsModel;

/// The runs list. Choosing a row says which run; what a menu entry means is up to the window.
/// Space checks the current row, F2 renames, Delete asks for removal.
class RunsView : public QTreeView {
    Q_OBJECT

  public:
    explicit RunsView(QWidget* parent = nullptr);

    /// The model is not owned. Call once.
    void setRunsModel(RunsModel* model);

    std::optional<RunId> chosenRun() const;
    /// Selects and scrolls to a run; emits chosen() if it was another one.
    void choose(RunId run);

    /// While a run is on nothing can be repeated or resumed.
    void setRunning(bool running) { running_ = running; }

    /// A project that is only viewed offers nothing that writes.
    void setReadOnly(bool read_only);

    /// Shown while there are no runs.
    void setEmptyText(const QString& text);

    /// The context menu of a run; the caller owns it. Public so that the window can put the same
    /// entries into its Run menu.
    QMenu* makeMenu(RunId run, QWidget* parent);

  signals:
    void chosen(limbeck::RunId run);
    void shownChanged(limbeck::RunId run, bool shown);
    void renameRequested(limbeck::RunId run, const QString& name);
    void repeatRequested(limbeck::RunId run);
    void resumeRequested(limbeck::RunId run);
    void removeRequested(limbeck::RunId run);
    void settingsRequested(limbeck::RunId run); ///< "Use Settings in Form"

  protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

  private:
    RunId runOf(const QModelIndex& view_index) const;

    RunsModel* runs_ = nullptr;
    QSortFilterProxyModel* sorted_ = nullptr;
    QString empty_text_;
    bool running_ = false;
    bool read_only_ = false;
};

} // namespace limbeck
