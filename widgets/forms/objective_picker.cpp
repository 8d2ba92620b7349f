// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/objective_picker.h"

#include <QDialogButtonBox>
#include <QEvent>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSplitter>
#include <QTextBrowser>
#include <QVBoxLayout>

#include <algorithm>

#include "widgets/forms/form_texts.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

constexpr int id_role = Qt::UserRole, words_role = Qt::UserRole + 1;

bool isHeading(const QListWidgetItem& item) {
    return item.data(id_role).toString().isEmpty();
}

/// What typing looks through.
QString words(const ObjectiveEntry& entry) {
    QString all;
    for (const std::string_view part : {entry.id, entry.title, entry.description, entry.when, entry.paper})
        all += form::text(part) + QLatin1Char(' ');
    return all;
}

} // namespace

ObjectivePicker::ObjectivePicker(Scope scope, const QString& title, const QString& accept, QWidget* parent)
    : QDialog(parent)
    , search_(new QLineEdit(this))
    , list_(new QListWidget(this))
    , details_(new QTextBrowser(this)) {
    setWindowTitle(title);
    search_->setPlaceholderText(tr("Type to filter: a name, a paper, a word"));
    search_->setAccessibleName(tr("Filter the objectives"));
    search_->setClearButtonEnabled(true);
    search_->installEventFilter(this);
    list_->setAccessibleName(tr("Objectives"));
    list_->setUniformItemSizes(false);
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    details_->setAccessibleName(tr("About the objective"));
    details_->setOpenLinks(false);
    details_->document()->setDocumentMargin(style::grid);

    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    accept_ = buttons->addButton(accept, QDialogButtonBox::AcceptRole);
    accept_->setDefault(true);
    auto* splitter = new QSplitter(this);
    splitter->addWidget(list_);
    splitter->addWidget(details_);
    splitter->setStretchFactor(0, 2);
    splitter->setStretchFactor(1, 5);
    splitter->setChildrenCollapsible(false);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(style::grid, style::grid, style::grid, style::grid);
    layout->setSpacing(style::grid);
    layout->addWidget(search_);
    layout->addWidget(splitter, 1);
    layout->addWidget(buttons);
    fill(scope);
    splitter->setSizes({list_->fontMetrics().averageCharWidth() * 38, 520});
    resize(860, 600);

    connect(search_, &QLineEdit::textChanged, this, &ObjectivePicker::filter);
    connect(list_, &QListWidget::currentItemChanged, this, &ObjectivePicker::showCurrent);
    connect(list_, &QListWidget::itemActivated, this, &ObjectivePicker::choose);
    connect(buttons, &QDialogButtonBox::accepted, this, &ObjectivePicker::choose);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    filter();
    search_->setFocus();
}

void ObjectivePicker::fill(Scope scope) {
    const QSize room(0, list_->fontMetrics().lineSpacing() + style::grid - 2);
    for (const ObjectiveGroup group : {ObjectiveGroup::answers, ObjectiveGroup::features}) {
        if (scope == Scope::answers && group != ObjectiveGroup::answers) continue;
        auto* heading = new QListWidgetItem(form::groupTitle(group), list_);
        heading->setFlags(Qt::NoItemFlags);
        QFont bold = heading->font();
        bold.setBold(true);
        heading->setFont(bold);
        heading->setSizeHint(room);
        for (const ObjectiveEntry& entry : objective_catalogue()) {
            if (entry.group != group) continue;
            auto* item = new QListWidgetItem(form::text(entry.title), list_);
            item->setSizeHint(room);
            item->setData(id_role, form::text(entry.id));
            item->setData(words_role, words(entry));
            item->setToolTip(QStringLiteral("<p>%1</p>").arg(form::text(entry.description).toHtmlEscaped()));
        }
    }
}

/// How well an entry's own name answers what was typed: "hint" is the objective of that id before it is a
/// part of an author's name.
int ObjectivePicker::nearness(const QListWidgetItem& item, const QString& typed) {
    if (typed.isEmpty()) return 0;
    const QString id = item.data(id_role).toString();
    if (id.compare(typed, Qt::CaseInsensitive) == 0) return 3;
    if (id.startsWith(typed, Qt::CaseInsensitive)) return 2;
    return item.text().contains(typed, Qt::CaseInsensitive) ? 1 : 0;
}

/// Shows the entries in which every word that was typed occurs, and the headings of groups that have some.
/// The one whose name is nearest to what was typed becomes the current one.
void ObjectivePicker::filter() {
    const QStringList wanted = search_->text().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    const QString whole = search_->text().trimmed();
    QListWidgetItem* heading = nullptr;
    QListWidgetItem* best = nullptr;
    for (int row = 0; row < list_->count(); ++row) {
        QListWidgetItem* item = list_->item(row);
        if (isHeading(*item)) {
            heading = item;
            heading->setHidden(true);
            continue;
        }
        const QString all = item->data(words_role).toString();
        const bool fits = std::all_of(wanted.begin(), wanted.end(), [&](const QString& word) {
            return all.contains(word, Qt::CaseInsensitive);
        });
        item->setHidden(!fits);
        if (!fits) continue;
        if (heading) heading->setHidden(false);
        if (!best || nearness(*item, whole) > nearness(*best, whole)) best = item;
    }
    QListWidgetItem* now = list_->currentItem();
    const bool stays = now && best && !now->isHidden() && nearness(*now, whole) == nearness(*best, whole);
    if (!stays) list_->setCurrentItem(best);
    if (list_->currentItem()) list_->scrollToItem(list_->currentItem());
    showCurrent();
}

/// The visible entry so many further on, or the last one in that direction.
void ObjectivePicker::step(int rows) {
    const int direction = rows < 0 ? -1 : 1;
    int best = list_->currentRow();
    for (int row = best + direction; row >= 0 && row < list_->count() && rows != 0; row += direction) {
        if (list_->item(row)->isHidden() || isHeading(*list_->item(row))) continue;
        best = row;
        rows -= direction;
    }
    list_->setCurrentRow(best);
    // The heading above the first one comes into sight with it.
    if (best == 1) list_->scrollToTop();
}

QString ObjectivePicker::current() const {
    const QListWidgetItem* item = list_->currentItem();
    return item && !item->isHidden() ? item->data(id_role).toString() : QString();
}

void ObjectivePicker::select(const QString& id) {
    for (int row = 0; row < list_->count(); ++row)
        if (!id.isEmpty() && list_->item(row)->data(id_role).toString() == id) list_->setCurrentRow(row);
}

void ObjectivePicker::setNeeds(const QString& id, const TermNeedsText& needs) {
    if (id != current()) return;
    needs_id_ = id;
    needs_ = needs;
    showCurrent();
}

void ObjectivePicker::showCurrent() {
    const QString id = current();
    accept_->setEnabled(!id.isEmpty());
    const ObjectiveEntry* entry = find_objective(id.toStdString());
    if (!entry) {
        details_->setHtml(QStringLiteral("<p>%1</p>")
                              .arg(tr("No objective has “%1” in its name, its description or its paper.")
                                       .arg(search_->text().toHtmlEscaped())));
        return;
    }
    const bool other = id != needs_id_;
    if (other) {
        needs_id_ = id;
        needs_ = {};
    }
    details_->setHtml(form::objectiveHtml(*entry, needs_, details_->palette()));
    if (other) emit lookedAt(id);
}

void ObjectivePicker::choose() {
    const QString id = current();
    if (id.isEmpty()) return;
    // The dialog goes first: who hears of the choice may want the focus.
    accept();
    emit chosen(id);
}

bool ObjectivePicker::eventFilter(QObject* watched, QEvent* event) {
    if (watched == search_ && event->type() == QEvent::KeyPress) {
        constexpr int page = 10;
        switch (static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Down:
            step(1);
            return true;
        case Qt::Key_Up:
            step(-1);
            return true;
        case Qt::Key_PageDown:
            step(page);
            return true;
        case Qt::Key_PageUp:
            step(-page);
            return true;
        default:
            break;
        }
    }
    return QDialog::eventFilter(watched, event);
}

void ObjectivePicker::showEvent(QShowEvent* event) {
    QDialog::showEvent(event);
    if (!list_->currentItem()) return;
    // The first one comes with its heading.
    if (list_->currentRow() <= 1)
        list_->scrollToTop();
    else
        list_->scrollToItem(list_->currentItem(), QAbstractItemView::PositionAtCenter);
}

void ObjectivePicker::changeEvent(QEvent* event) {
    QDialog::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && list_->count() > 0) showCurrent();
}

ObjectivePicker* openObjectivePicker(ObjectivePicker::Scope scope, const QString& current, QWidget* parent) {
    const bool term = scope == ObjectivePicker::Scope::all;
    auto* picker = new ObjectivePicker(
        scope, term ? ObjectivePicker::tr("Add a Term") : ObjectivePicker::tr("Objective"),
        term ? ObjectivePicker::tr("Add Term") : ObjectivePicker::tr("Choose"), parent);
    picker->setAttribute(Qt::WA_DeleteOnClose);
    picker->select(current);
    picker->open();
    return picker;
}

} // namespace limbeck
