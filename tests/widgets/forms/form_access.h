// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>
#include <QtTest>

#include "widgets/forms/experiment_form.h"

/// Finds the controls of a form as a person does, by what they are called.
namespace limbeck::test {

/// The visible (or, failing that, any) control of type `Control` whose accessible name this is. Where two
/// sections have a field of the same name, `nth` counts from the top.
template <class Control>
Control* control(QWidget& form, const QString& name, int nth = 0) {
    for (Control* found : form.findChildren<Control*>())
        if (found->accessibleName() == name && nth-- == 0) return found;
    return nullptr;
}

/// Shows the form, large enough that nothing need be scrolled.
inline void showWhole(QWidget& form) {
    form.resize(360, 2000);
    form.show();
    QVERIFY(QTest::qWaitForWindowExposed(&form));
    form.activateWindow();
}

/// Selects what is in a control and types over it.
inline void typeOver(QWidget* widget, const QString& text) {
    widget->setFocus();
    QTest::keyClick(widget, Qt::Key_A, Qt::ControlModifier);
    if (text.isEmpty())
        QTest::keyClick(widget, Qt::Key_Delete);
    else
        QTest::keyClicks(widget, text);
}

} // namespace limbeck::test
