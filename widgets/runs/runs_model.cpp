// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/runs/runs_model.h"

#include <QFont>
#include <QGuiApplication>
#include <QPalette>

#include <algorithm>
#include <array>

#include "widgets/runs/run_icons.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

QString share(const std::optional<double>& value) {
    return value ? format::percentNumber(*value) : QStringLiteral("—");
}

QVariant sortable(const std::optional<double>& value) {
    return value ? QVariant(*value) : QVariant();
}

bool isOn(RunState state) {
    return state == RunState::running || state == RunState::paused;
}

} // namespace

RunsModel::RunsModel(QObject* parent) : QAbstractTableModel(parent) {}

void RunsModel::setRuns(const std::vector<RunRow>& rows) {
    std::set<RunId> wanted;
    for (const RunRow& row : rows)
        wanted.insert(row.record.id);
    // The settings that differ are looked for among all runs: once, not after each.
    bool differ = false;
    for (std::size_t i = rows_.size(); i-- > 0;)
        if (!wanted.contains(rows_[i].record.id)) differ = drop(rows_[i].record.id) || differ;
    for (const RunRow& row : rows)
        differ = put(row) || differ;
    if (differ) refreshSettings();
}

void RunsModel::updateRun(const RunRow& row) {
    if (put(row)) refreshSettings();
}

bool RunsModel::put(const RunRow& row) {
    const int at = rowOf(row.record.id);
    if (at < 0) {
        insertSorted(row);
        return true;
    }
    RunRow& held = rows_[static_cast<std::size_t>(at)];
    const bool other_settings =
        held.record.config != row.record.config || held.record.role != row.record.role;
    replace(at, row);
    return other_settings;
}

void RunsModel::updateSummary(RunId run, const RunSummary& summary) {
    const int at = rowOf(run);
    if (at < 0) return;
    RunRow row = rows_[static_cast<std::size_t>(at)];
    row.summary = summary;
    replace(at, std::move(row));
}

void RunsModel::replace(int at, RunRow row) {
    RunRow& held = rows_[static_cast<std::size_t>(at)];
    // A run that is on says something every frame, mostly what the list does not show: a cell that is told of
    // is measured and painted anew, with all of its row.
    std::array<bool, column_count> differ{};
    for (int column = 0; column < column_count; ++column)
        differ[static_cast<std::size_t>(column)] = display(held, column) != display(row, column) ||
                                                   sortValue(held, column) != sortValue(row, column) ||
                                                   tooltip(held, column) != tooltip(row, column);
    differ[name_column] |= held.record.state != row.record.state || held.record.role != row.record.role;
    held = std::move(row);
    const auto first = std::find(differ.begin(), differ.end(), true);
    if (first == differ.end()) return;
    const auto last = std::find(differ.rbegin(), differ.rend(), true);
    emit dataChanged(index(at, static_cast<int>(first - differ.begin())),
                     index(at, static_cast<int>(differ.rend() - last) - 1));
}

void RunsModel::removeRun(RunId run) {
    if (drop(run)) refreshSettings();
}

bool RunsModel::drop(RunId run) {
    const int at = rowOf(run);
    if (at < 0) return false;
    const bool was_shown = shown_.contains(run);
    beginRemoveRows({}, at, at);
    rows_.erase(rows_.begin() + at);
    shown_.erase(run);
    settings_.erase(run);
    endRemoveRows();
    if (was_shown) emit shownChanged(run, false);
    return true;
}

const RunRow* RunsModel::row(RunId run) const {
    const int at = rowOf(run);
    return at < 0 ? nullptr : &rows_[static_cast<std::size_t>(at)];
}

QModelIndex RunsModel::indexOf(RunId run, int column) const {
    const int at = rowOf(run);
    return at < 0 ? QModelIndex() : index(at, column);
}

RunId RunsModel::runAt(const QModelIndex& at) const {
    return at.isValid() && at.row() < rowCount() ? rows_[static_cast<std::size_t>(at.row())].record.id : 0;
}

void RunsModel::setShown(RunId run, bool shown) {
    const int at = rowOf(run);
    if (at < 0 || shown_.contains(run) == shown) return;
    if (shown)
        shown_.insert(run);
    else
        shown_.erase(run);
    emit dataChanged(index(at, name_column), index(at, name_column), {Qt::CheckStateRole});
    emit shownChanged(run, shown);
}

int RunsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int RunsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : column_count;
}

QVariant RunsModel::data(const QModelIndex& at, int role) const {
    if (!checkIndex(at, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    const RunRow& row = rows_[static_cast<std::size_t>(at.row())];
    switch (role) {
    case Qt::DisplayRole:
        return display(row, at.column());
    case Qt::EditRole:
        return at.column() == name_column ? QVariant(QString::fromStdString(row.record.name))
                                          : display(row, at.column());
    case Qt::DecorationRole:
        if (at.column() == name_column) return icon(row.record.role, row.record.state);
        return {};
    case Qt::CheckStateRole:
        if (at.column() == name_column) return shown_.contains(row.record.id) ? Qt::Checked : Qt::Unchecked;
        return {};
    case Qt::TextAlignmentRole:
        if (at.column() >= last_accuracy_column) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    case Qt::FontRole:
        if (at.column() >= last_accuracy_column) return style::tabular(QGuiApplication::font());
        return {};
    case Qt::ToolTipRole:
        return tooltip(row, at.column());
    case id_role:
        return static_cast<qint64>(row.record.id);
    case sort_role:
        return sortValue(row, at.column());
    default:
        return {};
    }
}

bool RunsModel::setData(const QModelIndex& at, const QVariant& value, int role) {
    if (!checkIndex(at, CheckIndexOption::IndexIsValid) || at.column() != name_column) return false;
    const RunId run = runAt(at);
    if (role == Qt::CheckStateRole) {
        setShown(run, value.toInt() == Qt::Checked);
        return true;
    }
    if (role != Qt::EditRole) return false;
    const QString name = value.toString().trimmed();
    // The project has the last word on a name; updateRun brings it here.
    if (name.isEmpty() || name == QString::fromStdString(row(run)->record.name)) return false;
    emit renameRequested(run, name);
    return true;
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= column_count) return {};

    struct Head {
        QString title, tooltip;
    };

    const auto head = [section]() -> Head {
        switch (section) {
        case name_column:
            return {tr("Run"), tr("Tick a run to lay its curves over the plots.")};
        case settings_column:
            return {tr("Settings that differ"), tr("Only what is not the same in all runs of the project.")};
        case last_accuracy_column:
            return {tr("Accuracy (%)"), tr("Validation accuracy of the last epoch.")};
        case best_accuracy_column:
            return {tr("best"), tr("Highest validation accuracy of any epoch.")};
        case last_agreement_column:
            return {tr("Agreement (%)"),
                    tr("Share of validation samples on which student and teacher answer alike, last epoch.")};
        case best_agreement_column:
            return {tr("best"), tr("Agreement at the epoch with the highest accuracy.")};
        case progress_column:
            return {tr("Epochs"), tr("Epochs done of those planned.")};
        default:
            return {tr("Time"), tr("Time spent in training and evaluation (m:ss).")};
        }
    }();
    if (role == Qt::DisplayRole) return head.title;
    if (role == Qt::ToolTipRole) return head.tooltip;
    if (role == Qt::TextAlignmentRole)
        return QVariant((section >= last_accuracy_column ? Qt::AlignRight : Qt::AlignLeft) |
                        Qt::AlignVCenter);
    return {};
}

Qt::ItemFlags RunsModel::flags(const QModelIndex& at) const {
    if (!at.isValid()) return Qt::NoItemFlags;
    Qt::ItemFlags flags = QAbstractTableModel::flags(at) | Qt::ItemNeverHasChildren;
    if (at.column() == name_column) flags |= Qt::ItemIsUserCheckable | Qt::ItemIsEditable;
    return flags;
}

int RunsModel::rowOf(RunId run) const {
    const auto at = std::lower_bound(rows_.begin(), rows_.end(), run,
                                     [](const RunRow& row, RunId id) { return row.record.id > id; });
    return at != rows_.end() && at->record.id == run ? static_cast<int>(at - rows_.begin()) : -1;
}

void RunsModel::insertSorted(const RunRow& row) {
    const auto at = std::lower_bound(rows_.begin(), rows_.end(), row.record.id,
                                     [](const RunRow& held, RunId id) { return held.record.id > id; });
    const int position = static_cast<int>(at - rows_.begin());
    beginInsertRows({}, position, position);
    rows_.insert(at, row);
    endInsertRows();
}

void RunsModel::refreshSettings() {
    std::map<RunId, QString> now = differing_settings(rows_);
    std::swap(settings_, now);
    for (int i = 0; i < rowCount(); ++i) {
        const RunId run = rows_[static_cast<std::size_t>(i)].record.id;
        const auto before = now.find(run);
        if (before == now.end() || before->second != settings_[run])
            emit dataChanged(index(i, settings_column), index(i, settings_column));
    }
}

const QIcon& RunsModel::icon(Role role, RunState state) const {
    const QPalette palette = QGuiApplication::palette();
    if (icons_for_ != palette.cacheKey()) icons_.clear();
    icons_for_ = palette.cacheKey();
    auto at = icons_.find({role, state});
    if (at == icons_.end()) at = icons_.emplace(std::pair(role, state), runIcon(role, state, palette)).first;
    return at->second;
}

QVariant RunsModel::display(const RunRow& row, int column) const {
    const RunRecord& record = row.record;
    switch (column) {
    case name_column:
        return QString::fromStdString(record.name);
    case settings_column: {
        const auto found = settings_.find(record.id);
        return found == settings_.end() ? QString() : found->second;
    }
    case last_accuracy_column:
        return share(row.summary.last_accuracy);
    case best_accuracy_column:
        return share(row.summary.best_accuracy);
    case last_agreement_column:
        return share(row.summary.last_agreement);
    case best_agreement_column:
        return share(row.summary.best_agreement);
    case progress_column: {
        const QString counted = QStringLiteral("%1/%2").arg(record.epoch).arg(record.total_epochs);
        if (record.state == RunState::finished || record.state == RunState::queued)
            return stateText(record.state);
        return record.state == RunState::running
                   ? counted
                   : QStringLiteral("%1 %2").arg(stateText(record.state), counted);
    }
    case time_column:
        return record.seconds > 0 || isOn(record.state) ? format::duration(record.seconds)
                                                        : QStringLiteral("—");
    default:
        return {};
    }
}

QVariant RunsModel::sortValue(const RunRow& row, int column) const {
    switch (column) {
    case last_accuracy_column:
        return sortable(row.summary.last_accuracy);
    case best_accuracy_column:
        return sortable(row.summary.best_accuracy);
    case last_agreement_column:
        return sortable(row.summary.last_agreement);
    case best_agreement_column:
        return sortable(row.summary.best_agreement);
    case progress_column:
        return static_cast<qint64>(row.record.epoch);
    case time_column:
        return row.record.seconds;
    default:
        return display(row, column);
    }
}

QString RunsModel::tooltip(const RunRow& row, int column) const {
    const RunRecord& record = row.record;
    if (column == settings_column) return display(row, column).toString();
    if (column == best_accuracy_column && row.summary.best_accuracy)
        return tr("Best at epoch %1").arg(row.summary.best_epoch) +
               (row.summary.best_test_accuracy
                    ? tr("; %1 on the test part").arg(format::percent(*row.summary.best_test_accuracy))
                    : QString());
    if (column == last_accuracy_column && row.summary.test_accuracy)
        return tr("%1 on the test part").arg(format::percent(*row.summary.test_accuracy));
    if (column == last_agreement_column && row.summary.test_agreement)
        return tr("%1 on the test part").arg(format::percent(*row.summary.test_agreement));
    if (column != name_column && column != progress_column) return {};
    QString text = QStringLiteral("%1, %2").arg(roleText(record.role), stateText(record.state));
    if (!record.device.empty()) text += tr(", on %1").arg(QString::fromStdString(record.device));
    if (!record.error.empty()) text += QLatin1Char('\n') + QString::fromStdString(record.error);
    return text;
}

} // namespace limbeck
