// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/option_control.h"

#include <QCheckBox>
#include <QHBoxLayout>

#include "widgets/forms/form_texts.h"
#include "widgets/forms/invalid_mark.h"
#include "widgets/forms/number_spin.h"
#include "widgets/style/format.h"

namespace limbeck {

OptionControl::OptionControl(QWidget* parent)
    : QWidget(parent)
    , spin_(new NumberSpin(NumberSpin::Kind::real, 0, 1, this))
    , box_(new QCheckBox(this))
    , mark_(new InvalidMark(spin_)) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(spin_, 1);
    layout->addWidget(box_, 1);
    box_->hide();
    connect(spin_, &NumberSpin::edited, this, &OptionControl::edited);
    connect(spin_, &NumberSpin::committed, this, &OptionControl::committed);
    connect(box_, &QCheckBox::clicked, this, [this] {
        emit edited();
        emit committed();
    });
}

void OptionControl::setOption(const OptionEntry& option, const QString& name) {
    option_ = option;
    spin_->setVisible(!option.is_switch);
    box_->setVisible(option.is_switch);
    // Only the one that is seen is called so.
    spin_->setAccessibleName(option.is_switch ? QString() : name);
    box_->setAccessibleName(option.is_switch ? name : QString());
    spin_->setRange(option.is_whole ? NumberSpin::Kind::whole : NumberSpin::Kind::real, option.minimum,
                    option.maximum);
    refreshMark();
}

void OptionControl::setValue(double value) {
    if (option_.is_switch)
        box_->setChecked(value != 0);
    else
        spin_->setReal(value);
    refreshMark();
}

std::optional<double> OptionControl::value() const {
    if (option_.is_switch) return box_->isChecked() ? 1 : 0;
    if (!option_.is_whole) return spin_->real();
    const auto whole = spin_->whole();
    return whole ? std::optional<double>(static_cast<double>(*whole)) : std::nullopt;
}

QString OptionControl::problem() const {
    if (option_.is_switch) return {};
    const auto now = value();
    if (now && *now >= option_.minimum && *now <= option_.maximum) return {};
    return spin_->wrong();
}

void OptionControl::refreshMark() {
    const QString wrong = problem();
    mark_->set(!wrong.isEmpty());
    const QString value = !option_.is_switch   ? format::setting(option_.value)
                          : option_.value != 0 ? tr("on")
                                               : tr("off");
    const QString words = QStringLiteral("<p>%1</p><p><small>%2 · %3</small></p>")
                              .arg(form::text(option_.description).toHtmlEscaped(),
                                   form::text(option_.key).toHtmlEscaped(), tr("default %1").arg(value));
    const QString tip =
        wrong.isEmpty() ? words : QStringLiteral("<p><b>%1</b></p>").arg(wrong.toHtmlEscaped()) + words;
    spin_->setToolTip(tip);
    box_->setToolTip(tip);
}

QWidget* OptionControl::target() const {
    return option_.is_switch ? static_cast<QWidget*>(box_) : spin_;
}

} // namespace limbeck
