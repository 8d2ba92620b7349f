// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/collapsible_section.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

#include "widgets/forms/muted_label.h"
#include "widgets/forms/rule.h"
#include "widgets/style/palette.h"

namespace limbeck {

CollapsibleSection::CollapsibleSection(const QString& title, bool nested, QWidget* parent)
    : QWidget(parent)
    , header_(new QToolButton(this))
    , summary_(new MutedLabel(this))
    , line_(new Rule(this))
    , mark_(new QLabel(this))
    , content_(new QWidget(this))
    , grid_(new QGridLayout(content_)) {
    header_->setText(title);
    header_->setAutoRaise(true);
    header_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    header_->setFocusPolicy(Qt::StrongFocus);
    header_->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    if (!nested) {
        QFont bold = header_->font();
        bold.setBold(true);
        header_->setFont(bold);
    }

    summary_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    summary_->setMinimumWidth(0);
    summary_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);

    line_->hide();
    const int icon = style()->pixelMetric(QStyle::PM_SmallIconSize, nullptr, this);
    mark_->setFixedSize(icon, icon);

    auto* head = new QHBoxLayout;
    head->setContentsMargins(0, 0, 0, 0);
    head->setSpacing(style::grid / 2);
    head->addWidget(header_);
    head->addWidget(summary_, 1);
    head->addWidget(line_, 1);
    head->addWidget(mark_);

    grid_->setContentsMargins(nested ? 0 : style::grid, style::grid / 2, 0, style::grid);
    grid_->setHorizontalSpacing(style::grid);
    grid_->setVerticalSpacing(6);
    grid_->setColumnStretch(1, 1);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(content_);

    connect(header_, &QToolButton::clicked, this, [this] { setOpen(!open_); });
    header_->setArrowType(Qt::RightArrow);
    content_->hide();
    setOpen(!nested);
}

QWidget* CollapsibleSection::header() const {
    return header_;
}

bool CollapsibleSection::isOpen() const {
    return open_;
}

void CollapsibleSection::setOpen(bool open) {
    if (open == open_) return;
    open_ = open;
    header_->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
    content_->setVisible(open);
    summary_->setVisible(!open);
    line_->setVisible(open);
    emit openChanged(open);
}

void CollapsibleSection::setSummary(const QString& summary) {
    summary_->setText(summary);
}

void CollapsibleSection::setReason(const QString& reason) {
    if (reason.isEmpty() == !isMarked() && mark_->toolTip() == reason) return;
    const QIcon icon = QIcon::fromTheme(QStringLiteral("dialog-warning"),
                                        style()->standardIcon(QStyle::SP_MessageBoxWarning));
    mark_->setPixmap(reason.isEmpty() ? QPixmap() : icon.pixmap(mark_->size(), devicePixelRatioF()));
    mark_->setToolTip(reason);
    mark_->setAccessibleName(reason);
}

bool CollapsibleSection::isMarked() const {
    return !mark_->pixmap(Qt::ReturnByValue).isNull();
}

void CollapsibleSection::addRow(QWidget* label, QWidget* editor) {
    const int row = grid_->rowCount();
    grid_->addWidget(label, row, 0, Qt::AlignLeft | Qt::AlignVCenter);
    grid_->addWidget(editor, row, 1);
}

void CollapsibleSection::addWide(QWidget* widget) {
    grid_->addWidget(widget, grid_->rowCount(), 0, 1, 2);
}

} // namespace limbeck
