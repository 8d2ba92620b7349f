// SPDX-License-Identifier: GPL-3.0-or-later
// Looking objectives up and taking one, without the mouse.
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QTextBrowser>
#include <QtTest>

#include "backend/types/catalogue.h"
#include "tests/widgets/forms/form_access.h"
#include "widgets/forms/form_texts.h"
#include "widgets/forms/objective_picker.h"

using namespace limbeck;
using namespace limbeck::test;

namespace {

struct Opened {
    explicit Opened(ObjectivePicker::Scope scope = ObjectivePicker::Scope::answers)
        : picker(scope, "Objective", "Choose") {
        picker.show();
        ready = QTest::qWaitForWindowExposed(&picker);
        picker.activateWindow();
        search = control<QLineEdit>(picker, "Filter the objectives");
        list = control<QListWidget>(picker, "Objectives");
        details = control<QTextBrowser>(picker, "About the objective");
    }

    QStringList seen() const {
        QStringList titles;
        for (int row = 0; row < list->count(); ++row)
            if (!list->item(row)->isHidden()) titles.append(list->item(row)->text());
        return titles;
    }

    ObjectivePicker picker;
    bool ready = false;
    QLineEdit* search;
    QListWidget* list;
    QTextBrowser* details;
};

} // namespace

class ObjectivePickerTest : public QObject {
    Q_OBJECT

  private slots:

    void lists_every_objective_under_its_group() {
        Opened all(ObjectivePicker::Scope::all);
        QStringList expected;
        for (const ObjectiveGroup group : {ObjectiveGroup::answers, ObjectiveGroup::features}) {
            QStringList titles;
            for (const ObjectiveEntry& entry : objective_catalogue())
                if (entry.group == group) titles.append(form::text(entry.title));
            if (!titles.isEmpty()) expected += QStringList{form::groupTitle(group)} + titles;
        }
        QCOMPARE(all.seen(), expected);
        Opened answers;
        for (const ObjectiveEntry& entry : objective_catalogue())
            QCOMPARE(answers.seen().contains(form::text(entry.title)),
                     entry.group == ObjectiveGroup::answers);
    }

    void typing_filters_and_enter_takes_what_is_left() {
        Opened opened;
        QVERIFY(opened.ready);
        QSignalSpy chosen(&opened.picker, &ObjectivePicker::chosen);
        // No click first: one may type at once.
        QTRY_VERIFY(opened.search->hasFocus());
        QTest::keyClicks(opened.search, "caruana MSE-log");
        QCOMPARE(opened.seen(), QStringList({"From the answers", "Logit regression"}));
        QVERIFY(opened.details->toPlainText().contains("arXiv:1312.6184"));
        QTest::keyClick(opened.search, Qt::Key_Return);
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(chosen.first().first().toString(), QString("mse-logits"));
        QVERIFY(!opened.picker.isVisible());
    }

    void a_name_that_was_typed_comes_before_papers_that_hold_it() {
        Opened opened(ObjectivePicker::Scope::all);
        QTRY_VERIFY(opened.search->hasFocus());
        QTest::keyClicks(opened.search, "hint"); // Hinton wrote others
        QVERIFY(opened.seen().contains("Knowledge distillation"));
        QCOMPARE(opened.picker.current(), QString("hint"));
        opened.search->clear();
        QTest::keyClicks(opened.search, "sp");
        QCOMPARE(opened.picker.current(), QString("sp"));
    }

    void arrows_walk_through_what_is_seen_and_stop_at_the_ends() {
        Opened opened;
        QCOMPARE(opened.picker.current(), QString("kd"));
        QTest::keyClick(opened.search, Qt::Key_Up);
        QCOMPARE(opened.picker.current(), QString("kd"));
        QTest::keyClick(opened.search, Qt::Key_Down);
        QCOMPARE(opened.picker.current(), QString("soft-ce"));
        QTest::keyClick(opened.search, Qt::Key_PageDown);
        QTest::keyClick(opened.search, Qt::Key_PageDown);
        const QString last = opened.picker.current();
        QTest::keyClick(opened.search, Qt::Key_Down);
        QCOMPARE(opened.picker.current(), last);
        QCOMPARE(opened.seen().last(), opened.list->currentItem()->text());
    }

    void says_so_and_takes_nothing_where_nothing_fits() {
        Opened opened;
        QSignalSpy chosen(&opened.picker, &ObjectivePicker::chosen);
        QTest::keyClicks(opened.search, "no such thing");
        QVERIFY(opened.seen().isEmpty());
        QVERIFY(opened.picker.current().isEmpty());
        QVERIFY(opened.details->toPlainText().contains("no such thing"));
        QTest::keyClick(opened.search, Qt::Key_Return);
        QCOMPARE(chosen.count(), 0);
        QVERIFY(opened.picker.isVisible());
        QTest::keyClick(opened.search, Qt::Key_Escape);
        QVERIFY(!opened.picker.isVisible());
    }

    void tells_sentence_formula_paper_and_defaults_of_each() {
        Opened opened(ObjectivePicker::Scope::all);
        for (const ObjectiveEntry& entry : objective_catalogue()) {
            opened.picker.select(form::text(entry.id));
            QCOMPARE(opened.picker.current(), form::text(entry.id));
            const QString shown = opened.details->toPlainText();
            QVERIFY2(shown.contains(form::text(entry.description)), entry.id.data());
            QVERIFY2(shown.contains(form::text(entry.paper)), entry.id.data());
            QVERIFY2(shown.contains(form::defaultsOf(entry)), entry.id.data());
            // The markup of the definition is understood, not shown.
            QVERIFY2(!shown.contains("<sub>") && !entry.definition.empty(), entry.id.data());
            for (const auto& [name, words] : form::needsOf(entry))
                QVERIFY2(shown.contains(words), entry.id.data());
        }
    }

    void shows_what_the_networks_need_only_beside_the_objective_that_was_asked_for() {
        Opened opened;
        QSignalSpy asked(&opened.picker, &ObjectivePicker::lookedAt);
        opened.picker.select("soft-ce");
        QCOMPARE(asked.count(), 1);
        opened.picker.setNeeds("kd", {"late answer", false});
        QVERIFY(!opened.details->toPlainText().contains("late answer"));
        opened.picker.setNeeds("soft-ce", {"adapter 12,480 parameters", false});
        QVERIFY(opened.details->toPlainText().contains("adapter 12,480 parameters"));
        opened.picker.select("kd");
        QVERIFY(!opened.details->toPlainText().contains("12,480"));
    }
};

QTEST_MAIN(ObjectivePickerTest)
#include "objective_picker_test.moc"
