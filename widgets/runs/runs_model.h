// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QIcon>
#include <QString>

#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backend/types/run.h"

namespace limbeck {

/// One line of the runs list.
struct RunRow {
    RunRecord record;
    RunSummary summary;
};

/// The runs of a project as a table of values, newest first. Changes come row by row, never as a
/// reset, so that selection and sorting stay.
class RunsModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Column {
        name_column, ///< check box: overlaid on the plots; icon: role and state; editable: renames
        settings_column,
        last_accuracy_column,
        best_accuracy_column,
        last_agreement_column,
        best_agreement_column,
        progress_column,
        time_column,
        column_count
    };

    enum ItemRole {
        id_role = Qt::UserRole + 1, ///< qint64, the RunId
        sort_role,                  ///< what a column is sorted by; invalid: unknown, goes last
    };

    explicit RunsModel(QObject* parent = nullptr);

    /// Makes the table hold these runs: adds, removes and changes only the rows that differ.
    void setRuns(const std::vector<RunRow>& rows);
    /// Adds the run or changes its row.
    void updateRun(const RunRow& row);
    void updateSummary(RunId run, const RunSummary& summary);
    void removeRun(RunId run);

    const RunRow* row(RunId run) const;
    QModelIndex indexOf(RunId run, int column = 0) const;
    RunId runAt(const QModelIndex& index) const; ///< 0 where there is none

    /// Runs whose curves lie on the plots.
    const std::set<RunId>& shown() const { return shown_; }

    void setShown(RunId run, bool shown);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

  signals:
    void shownChanged(limbeck::RunId run, bool shown);
    /// The person typed another name; the model changes when updateRun brings it back.
    void renameRequested(limbeck::RunId run, const QString& name);

  private:
    int rowOf(RunId run) const;
    void insertSorted(const RunRow& row);
    bool put(const RunRow& row); ///< true: the settings that differ may be others now
    void replace(int at, RunRow row);
    bool drop(RunId run);
    void refreshSettings();
    const QIcon& icon(Role role, RunState state) const;
    QVariant display(const RunRow& row, int column) const;
    QVariant sortValue(const RunRow& row, int column) const;
    QString tooltip(const RunRow& row, int column) const;

    std::vector<RunRow> rows_; ///< by id, descending
    std::set<RunId> shown_;
    std::map<RunId, QString> settings_;
    mutable std::map<std::pair<Role, RunState>, QIcon> icons_; ///< drawing one takes longer than a row
    mutable qint64 icons_for_ = 0;                             ///< the palette's key
};

/// For each run, the settings in which it differs from the others of the list, in short:
/// "T 4 · labels 0.1 · seed 1". Settings that do not bear on a role (the temperature of a teacher)
/// are left out.
std::map<RunId, QString> differing_settings(std::span<const RunRow> rows);

} // namespace limbeck
