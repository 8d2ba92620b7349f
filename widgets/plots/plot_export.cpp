// SPDX-License-Identifier: GPL-3.0-or-later
#include <charconv>
#include <cmath>
#include <limits>

#include <QBuffer>
#include <QClipboard>
#include <QFileInfo>
#include <QGuiApplication>
#include <QImage>
#include <QPageSize>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>

#include <qcustomplot.h>

#include "widgets/plots/training_plot_impl.h"

namespace limbeck {
namespace {

constexpr int sample_width = 26, legend_gap = 16, edge = 12;

/// Title and legend at the top of a picture; returns the height that they take.
int paintHead(QPainter& painter, const QString& title, const PlotModel& model, const QPalette& palette,
              const QFont& font, int width) {
    const QColor text = palette.color(QPalette::Active, QPalette::Text);
    QFont bold = font;
    bold.setBold(true);
    const QFontMetrics metrics(font, painter.device());
    const int line = metrics.height() + 4;
    int y = 6;
    painter.setFont(bold);
    painter.setPen(text);
    painter.drawText(QRect(edge, y, width - 2 * edge, line), Qt::AlignLeft | Qt::AlignVCenter, title);
    y += line;

    int x = edge;
    const auto entry = [&](const QString& name, const CurveLook& look) {
        const int needed = sample_width + 6 + metrics.horizontalAdvance(name);
        if (x > edge && x + needed > width - edge) {
            x = edge;
            y += line;
        }
        paintSample(painter, QRectF(x, y, sample_width, line), look,
                    palette.color(QPalette::Active, QPalette::Base));
        painter.setFont(font);
        painter.setPen(text);
        painter.drawText(QRect(x + sample_width + 6, y, needed, line), Qt::AlignLeft | Qt::AlignVCenter,
                         name);
        x += needed + legend_gap;
    };
    for (const QString& label : model.labels())
        if (!model.hidden_labels.contains(label)) entry(label, lookOfLabel(label, model, palette));
    if (model.runs().size() > 1)
        for (const auto& [run, name] : model.runs())
            if (!model.hidden_runs.contains(run)) entry(name, lookOfRun(run, model, palette));
    return y + line;
}

void appendNumber(QByteArray& out, double value) {
    char buffer[40];
    // Steps as whole numbers: the shortest form of a million is "1e+06".
    const bool whole = value == std::floor(value) && std::abs(value) < 1e15;
    const auto end = whole ? std::to_chars(buffer, buffer + sizeof buffer, static_cast<long long>(value)).ptr
                           : std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    out.append(buffer, end - buffer);
}

QByteArray quoted(QString text) {
    if (text.contains(QLatin1Char(',')) || text.contains(QLatin1Char('"')) ||
        text.contains(QLatin1Char('\n')))
        text = QLatin1Char('"') + text.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
    return text.toUtf8();
}

QByteArray columnName(const Series& series, const PlotModel& model) {
    QStringList parts;
    if (const QString run = model.runName(series.spec.run); !run.isEmpty() && model.runs().size() > 1)
        parts << run;
    parts << series.spec.label;
    if (!series.spec.detail.isEmpty()) parts << series.spec.detail;
    return quoted(parts.join(QStringLiteral(" · ")));
}

bool writeFile(const QString& path, const QByteArray& content, QString& reason) {
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size() || !file.commit()) {
        reason = file.errorString();
        return false;
    }
    return true;
}

} // namespace

QByteArray TrainingPlot::csv() const {
    struct Column {
        const Series* series;
        std::size_t next = 0;
    };

    std::vector<Column> columns;
    QByteArray out = "step";
    for (const auto& each : impl_->model.series()) {
        if (each->store.empty() || !impl_->model.isVisible(*each)) continue;
        columns.push_back({each.get()});
        const QByteArray name = columnName(*each, impl_->model);
        out += ',' + name;
        if (each->store.hasSpread()) out += ',' + name + " minimum," + name + " maximum";
    }
    out += '\n';
    for (;;) {
        double step = std::numeric_limits<double>::infinity();
        for (const Column& column : columns)
            if (column.next < column.series->store.size())
                step = std::min(step, column.series->store.point(column.next).x);
        if (std::isinf(step)) break;
        appendNumber(out, step);
        for (Column& column : columns) {
            const SeriesStore& store = column.series->store;
            const bool here = column.next < store.size() && store.point(column.next).x == step;
            out += ',';
            if (here) appendNumber(out, store.point(column.next).y);
            if (store.hasSpread()) {
                out += ',';
                if (here) appendNumber(out, store.minimum(column.next));
                out += ',';
                if (here) appendNumber(out, store.maximum(column.next));
            }
            if (here) ++column.next;
        }
        out += '\n';
    }
    return out;
}

namespace {

struct Picture {
    const QString& title;
    const QString& x_label;
    const QString& y_label;
    const PlotModel& model;
    CurveSheet& live;
    PlotUnit unit;
    QFont font;
};

/// The same curves and ranges on a sheet of its own, so that the one on the screen is left alone.
void paintPicture(QCPPainter& painter, const Picture& picture, QSize size, double density) {
    const QPalette palette = style::lightPalette();
    painter.fillRect(QRect(QPoint(0, 0), size), palette.color(QPalette::Active, QPalette::Base));
    const int head = paintHead(painter, picture.title, picture.model, palette, picture.font, size.width());
    CurveSheet sheet(picture.unit, nullptr);
    sheet.setColours(palette, picture.font);
    sheet.setLabels(picture.x_label, picture.y_label);
    sheet.setEmpty(!picture.model.hasPoints());
    sheet.setLog(picture.live.log());
    sheet.setX(picture.live.x());
    sheet.setY(picture.live.y());
    sheet.plot().setViewport(QRect(0, 0, size.width(), size.height() - head));
    sheet.plot().replot(); // lays out, so that ticks and labels know their room
    sheet.prepare();
    QObject::connect(&sheet.plot(), &QCustomPlot::afterLayout, &sheet.plot(),
                     [&] { sheet.update(picture.model, density, true); });
    painter.save();
    painter.translate(0, head);
    sheet.plot().toPainter(&painter, size.width(), size.height() - head);
    painter.restore();
}

} // namespace

QImage TrainingPlot::picture(double scale) const {
    impl_->fitAxes();
    const QSize size = impl_->sheet->widget()->size().expandedTo(QSize(640, 320)) + QSize(0, 48);
    QImage image(size * scale, QImage::Format_RGB32);
    image.setDevicePixelRatio(scale);
    QCPPainter painter(&image);
    paintPicture(
        painter,
        {impl_->title, impl_->x_label, impl_->y_label, impl_->model, *impl_->sheet, impl_->unit, font()},
        size, scale);
    return image;
}

bool TrainingPlot::exportTo(const QString& path) {
    const QString suffix = QFileInfo(path).suffix().toLower();
    impl_->export_error.clear();
    impl_->fitAxes();
    const Picture what{impl_->title,  impl_->x_label, impl_->y_label, impl_->model,
                       *impl_->sheet, impl_->unit,    font()};
    const QSize size = impl_->sheet->widget()->size().expandedTo(QSize(640, 320)) + QSize(0, 48);
    QByteArray content;
    QBuffer buffer(&content);
    buffer.open(QIODevice::WriteOnly);
    constexpr int dpi = 96; // fonts as large beside the lines as on the screen
    if (suffix == QLatin1String("csv")) {
        content = csv();
    } else if (suffix == QLatin1String("png")) {
        picture(2.0).save(&buffer, "PNG");
    } else if (suffix == QLatin1String("svg")) {
        QSvgGenerator generator;
        generator.setOutputDevice(&buffer);
        generator.setResolution(dpi);
        generator.setSize(size);
        generator.setViewBox(QRect(QPoint(0, 0), size));
        generator.setTitle(impl_->title);
        QCPPainter painter(&generator);
        painter.setMode(QCPPainter::pmVectorized);
        paintPicture(painter, what, size, 1);
    } else if (suffix == QLatin1String("pdf")) {
        QPdfWriter writer(&buffer);
        writer.setResolution(dpi);
        writer.setPageSize(
            QPageSize(QSizeF(size) * 72.0 / dpi, QPageSize::Point, QString(), QPageSize::ExactMatch));
        writer.setPageMargins(QMarginsF());
        writer.setTitle(impl_->title);
        writer.setCreator(QStringLiteral("Limbeck"));
        QCPPainter painter(&writer);
        painter.setMode(QCPPainter::pmVectorized);
        paintPicture(painter, what, size, 1);
    } else {
        impl_->export_error =
            tr("Cannot export “%1”: the ending “%2” is not one of .png, .svg, .pdf (pictures) and "
               ".csv (data).")
                .arg(path, suffix);
        return false;
    }
    buffer.close();
    QString reason;
    if (!writeFile(path, content, reason)) {
        impl_->export_error =
            tr("Could not write “%1”: %2. Choose a folder that can be written to.").arg(path, reason);
        return false;
    }
    emit exported(path);
    return true;
}

QString TrainingPlot::exportError() const {
    return impl_->export_error;
}

void TrainingPlot::copyPicture() {
    QGuiApplication::clipboard()->setImage(picture(2.0));
}

} // namespace limbeck
