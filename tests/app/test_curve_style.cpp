// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QSignalSpy>
#include <QtTest>

#include <set>

#include "app/pages/curve_style.h"
#include "backend/types/catalogue.h"
#include "widgets/plots/training_plot.h"

using namespace limbeck;

namespace {

RunRecord student(const char* terms) {
    RunRecord run;
    run.id = 7;
    run.role = Role::student;
    run.config.distillation.terms = parse_terms(terms).value();
    run.total_steps = 240;
    run.total_epochs = 12;
    return run;
}

std::set<std::string> loss_series(const RunRecord& run, LossView view) {
    std::set<std::string> names;
    for (const Curve& curve : curves_of({run, 0, 0}, view))
        if (curve.plot == PlotKind::loss) names.insert(curve.series);
    return names;
}

} // namespace

class CurveStyleTest : public QObject {
    Q_OBJECT

  private slots:

    void shows_each_term_as_it_enters_the_total() {
        const auto names = loss_series(student("at;rkd;at"), LossView::weighted);
        for (const char* name :
             {"train/loss", "validation/loss", "train/hard_weighted", "train/soft_weighted",
              "train/at_weighted", "validation/rkd_weighted", "train/at_2_weighted"})
            QVERIFY2(names.count(name), name);
        QVERIFY(!names.count("train/at"));
    }

    void shows_terms_before_their_weights() {
        const auto names = loss_series(student("at"), LossView::raw);
        QCOMPARE(names, (std::set<std::string>{"train/hard", "validation/hard", "train/soft",
                                               "validation/soft", "train/at", "validation/at"}));
    }

    void shows_shares_in_percent() {
        const auto run = student("at");
        QCOMPARE(loss_series(run, LossView::share),
                 (std::set<std::string>{"train/hard_share", "train/soft_share", "train/at_share"}));
        for (const Curve& curve : curves_of({run, 0, 0}, LossView::share))
            if (curve.plot == PlotKind::loss) QCOMPARE(curve.scale, 100.0);
    }

    void gives_further_terms_looks_of_their_own() {
        std::set<int> meanings;
        for (const Curve& curve : curves_of({student("at;rkd;sp"), 0, 0}, LossView::share))
            if (curve.plot == PlotKind::loss) meanings.insert(static_cast<int>(curve.spec.meaning));
        QCOMPARE(meanings.size(), std::size_t{5});
    }

    void bands_tell_stages_and_warm_ups_in_steps() {
        auto run = student("fsp:initial_epochs=2");
        run.config.training.warmup_epochs = 1;
        const auto bands = bands_of(run);
        QCOMPARE(bands.size(), 2);
        QCOMPARE(bands[0].label, QString("initial stage"));
        QCOMPARE(bands[0].first, 0.0);
        QCOMPARE(bands[0].last, 40.0); // 20 steps an epoch
        QCOMPARE(bands[1].first, 40.0);
        QCOMPARE(bands[1].last, 60.0);
        run.role = Role::baseline;
        QCOMPARE(bands_of(run).size(), 1); // its learning rate warms up too
    }

    void the_plot_offers_its_quantities_and_tells_which_was_chosen() {
        TrainingPlot plot("Loss", "loss", PlotUnit::value);
        plot.setQuantities({"weighted", "raw", "share"}, "what");
        plot.show();
        QSignalSpy chosen(&plot, &TrainingPlot::quantityChanged);
        auto* combo = plot.findChild<QComboBox*>();
        QVERIFY(combo->isVisible());
        combo->setFocus();
        QTest::keyClick(combo, Qt::Key_Down);
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen[0][0].toInt(), 1);
        QCOMPARE(plot.quantity(), 1);
    }

    void the_plot_draws_bands_of_the_current_run_behind_its_curves() {
        TrainingPlot plot("Loss", "loss", PlotUnit::value);
        SeriesSpec spec;
        spec.label = "Total";
        spec.run = 7;
        plot.addSeries("a", spec);
        std::vector<MetricPoint> points;
        for (int i = 0; i <= 100; ++i)
            points.push_back({i, 1.0, 1.0F, 1.0F});
        plot.setPoints("a", points);
        plot.setCurrentRun(7);
        plot.resize(600, 300);
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        plot.refresh();
        const QImage without = plot.grab().toImage();
        plot.setPhaseBands(7, {{0, 50, "initial stage"}});
        plot.refresh();
        QCOMPARE(plot.phaseBands().size(), 1);
        QTRY_VERIFY(plot.grab().toImage() != without);
    }
};

QTEST_MAIN(CurveStyleTest)
#include "test_curve_style.moc"
