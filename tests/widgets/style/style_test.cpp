// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>
#include <limits>

#include <QSet>
#include <QtTest>

#include "widgets/style/format.h"
#include "widgets/style/palette.h"

using namespace limbeck;

class StyleTest : public QObject {
    Q_OBJECT

  private slots:

    void numbers_read_as_the_window_writes_them() {
        QCOMPARE(format::percent(0.98861), QStringLiteral("98.9 %"));
        QCOMPARE(format::percentNumber(1), QStringLiteral("100.0"));
        QCOMPARE(format::loss(0.123449), QStringLiteral("0.1234"));
        QCOMPARE(format::loss(2.302585), QStringLiteral("2.303"));
        QCOMPARE(format::loss(1234.6), QStringLiteral("1,235"));
        QCOMPARE(format::loss(0), QStringLiteral("0.000"));
        QCOMPARE(format::loss(0.00001234), QStringLiteral("1.234e-05"));
        QCOMPARE(format::thousands(3412), QStringLiteral("3,412"));
        QCOMPARE(format::duration(24), QStringLiteral("0:24"));
        QCOMPARE(format::duration(3661), QStringLiteral("1:01:01"));
        QCOMPARE(format::parameters(272474), QStringLiteral("272 k"));
        QCOMPARE(format::parameters(13002), QStringLiteral("13 k"));
        QCOMPARE(format::parameters(650), QStringLiteral("650"));
        QCOMPARE(format::parameters(1730714), QStringLiteral("1.7 M"));
        QCOMPARE(format::flops(62'000'000), QStringLiteral("62 MFLOP"));
        QCOMPARE(format::flops(26'000), QStringLiteral("0.03 MFLOP"));
        QCOMPARE(format::bytes(53'120), QStringLiteral("53 kB"));
        QCOMPARE(format::latency(0.1239), QStringLiteral("0.124 ms"));
        QCOMPARE(format::latency(1204), QStringLiteral("1.20 s"));
        QCOMPARE(format::setting(4.0), QStringLiteral("4"));
    }

    void what_is_not_known_is_a_dash() {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        QCOMPARE(format::percent(nan), QStringLiteral("–"));
        QCOMPARE(format::loss(nan), QStringLiteral("–"));
        QCOMPARE(format::duration(-1), QStringLiteral("–"));
        QCOMPARE(format::latency(0), QStringLiteral("–"));
    }

    void meanings_differ_in_colour_and_stand_out_from_light_and_dark() {
        using style::Meaning;
        for (const QPalette& palette : {style::lightPalette(), style::darkPalette()}) {
            QSet<QRgb> colours;
            for (const auto meaning :
                 {Meaning::teacher, Meaning::assistant, Meaning::student, Meaning::student_alone,
                  Meaning::hard, Meaning::soft, Meaning::total}) {
                const QColor colour = style::colour(meaning, palette);
                colours.insert(colour.rgb());
                QVERIFY(style::contrast(colour, palette.color(QPalette::Base)) >=
                        (style::isDark(palette) ? 4.0 : 2.5));
            }
            QCOMPARE(colours.size(), 7);
            QVERIFY(style::contrast(style::mutedText(palette), palette.color(QPalette::Base)) >= 4.5);
        }
    }

    void on_white_the_colours_are_okabe_and_itos() {
        QCOMPARE(style::colour(style::Meaning::teacher, style::lightPalette()), QColor("#0072B2"));
        // The sky blue is too faint on white as it is: the same hue, a shade darker.
        QVERIFY(std::abs(style::colour(style::Meaning::assistant, style::lightPalette()).hue() -
                         QColor("#56B4E9").hue()) <= 2);
        QCOMPARE(style::colour(style::Meaning::student, style::lightPalette()), QColor("#D55E00"));
        QCOMPARE(style::colour(style::Meaning::soft, style::lightPalette()), QColor("#CC79A7"));
    }

    void each_network_has_a_line_and_a_marker_of_its_own() {
        using style::Meaning;
        QSet<int> lines, markers;
        for (const auto meaning :
             {Meaning::teacher, Meaning::assistant, Meaning::student, Meaning::student_alone}) {
            lines.insert(static_cast<int>(style::lineStyle(meaning)));
            markers.insert(static_cast<int>(style::marker(meaning)));
        }
        QCOMPARE(lines.size(), 4);
        QCOMPARE(markers.size(), 4);
    }

    void the_terms_of_a_loss_have_markers_of_their_own() {
        QVERIFY(style::marker(style::Meaning::hard) != style::marker(style::Meaning::soft));
        QVERIFY(style::marker(style::Meaning::hard) != style::marker(style::Meaning::total));
    }

    void tabular_digits_have_one_width() {
        const QFontMetricsF metrics(style::tabular(QFont()));
        for (char digit = '1'; digit <= '9'; ++digit)
            QCOMPARE(metrics.horizontalAdvance(QLatin1Char(digit)),
                     metrics.horizontalAdvance(QLatin1Char('0')));
    }
};

QTEST_MAIN(StyleTest)
#include "style_test.moc"
