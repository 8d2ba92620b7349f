// SPDX-License-Identifier: GPL-3.0-or-later
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QMenu>

#include "widgets/plots/training_plot_impl.h"

namespace limbeck {
namespace {

void askForFile(TrainingPlot& plot, const QString& title, const QString& filter, const QString& suffix) {
    auto* dialog = new QFileDialog(&plot, title);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters(filter.split(QStringLiteral(";;")));
    dialog->setDefaultSuffix(suffix);
    dialog->selectFile(plot.title().toLower() + QLatin1Char('.') + suffix);
    QObject::connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& chosen) {
        const auto dot = chosen.indexOf(QStringLiteral("*."));
        if (dot >= 0) dialog->setDefaultSuffix(chosen.mid(dot + 2, 3));
    });
    QObject::connect(dialog, &QFileDialog::fileSelected, &plot, [&plot](const QString& path) {
        if (!plot.exportTo(path)) emit plot.exportFailed(plot.exportError());
    });
    dialog->open();
}

} // namespace

void TrainingPlot::exportPictureAs() {
    askForFile(*this, tr("Export the Picture of “%1”").arg(title()),
               tr("PNG picture (*.png);;SVG drawing (*.svg);;PDF document (*.pdf)"), QStringLiteral("png"));
}

void TrainingPlot::exportDataAs() {
    askForFile(*this, tr("Export the Data of “%1”").arg(title()), tr("Comma-separated values (*.csv)"),
               QStringLiteral("csv"));
}

void TrainingPlot::contextMenuEvent(QContextMenuEvent* event) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    QAction* fit_action = menu->addAction(tr("&Fit to Data"), this, &TrainingPlot::fit);
    fit_action->setEnabled(isZoomed());
    QAction* follow_action = menu->addAction(tr("F&ollow the Newest Step"));
    follow_action->setCheckable(true);
    follow_action->setChecked(follow());
    connect(follow_action, &QAction::toggled, this, &TrainingPlot::setFollow);
    QAction* log_action = menu->addAction(tr("&Logarithmic Axis"));
    log_action->setCheckable(true);
    log_action->setChecked(logScale());
    connect(log_action, &QAction::toggled, this, &TrainingPlot::setLogScale);
    QAction* all_action = menu->addAction(tr("Show &All Curves"), this, [this] {
        for (const QString& label : impl_->model.labels())
            setLabelVisible(label, true);
        for (const auto& each : std::vector(impl_->model.runs()))
            setRunVisible(each.first, true);
    });
    all_action->setEnabled(!impl_->model.hidden_labels.isEmpty() || !impl_->model.hidden_runs.isEmpty());
    menu->addSeparator();
    const bool data = impl_->model.hasPoints();
    menu->addAction(tr("&Copy Picture"), this, &TrainingPlot::copyPicture)->setEnabled(data);
    menu->addAction(tr("Export &Picture…"), this, &TrainingPlot::exportPictureAs)->setEnabled(data);
    menu->addAction(tr("Export &Data…"), this, &TrainingPlot::exportDataAs)->setEnabled(data);

    const bool by_key = event->reason() == QContextMenuEvent::Keyboard;
    const QWidget* canvas = impl_->sheet->widget();
    menu->popup(by_key ? canvas->mapToGlobal(impl_->sheet->area().center()) : event->globalPos());
    event->accept();
}

} // namespace limbeck
