// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/device_chooser.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPointer>
#include <QStandardItemModel>
#include <thread>

namespace limbeck {

DeviceChooser::DeviceChooser(std::shared_ptr<EngineHost> host, QWidget* parent)
    : QWidget(parent), host_(std::move(host)), list_(new QComboBox(this)) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 0, 8, 0);
    auto* label = new QLabel(tr("&Device"), this);
    label->setBuddy(list_);
    layout->addWidget(label);
    layout->addWidget(list_);
    list_->setObjectName("deviceChooser");
    list_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    list_->setToolTip(tr("Where training runs. Automatic takes the first GPU that LibTorch sees, "
                         "else the processor."));
    const auto cores = static_cast<int>(std::thread::hardware_concurrency());
    fill({DeviceInfo{"cpu", tr("CPU · %n core(s)", nullptr, cores).toStdString(), 0, true, {}}});
    connect(list_, &QComboBox::activated, this, [this] { emit deviceEdited(device()); });
}

void DeviceChooser::discover() {
    QPointer<DeviceChooser> self(this);
    request_devices(*host_, [self](Result<std::vector<DeviceInfo>> devices) {
        QMetaObject::invokeMethod(
            qApp,
            [self, devices = std::move(devices)] {
                if (!self) return;
                if (devices) {
                    self->fill(*devices);
                } else {
                    emit self->failed(devices.error());
                }
            },
            Qt::QueuedConnection);
    });
}

void DeviceChooser::fill(const std::vector<DeviceInfo>& devices) {
    const QString kept = list_->count() ? device() : QStringLiteral("auto");
    list_->clear();
    list_->addItem(tr("Automatic"), QStringLiteral("auto"));
    auto* model = qobject_cast<QStandardItemModel*>(list_->model());
    for (const DeviceInfo& device : devices) {
        list_->addItem(QString::fromStdString(device.name), QString::fromStdString(device.id));
        const int row = list_->count() - 1;
        if (device.available) continue;
        model->item(row)->setEnabled(false);
        list_->setItemText(row, tr("%1 — not available").arg(QString::fromStdString(device.name)));
        list_->setItemData(row, QString::fromStdString(device.reason), Qt::ToolTipRole);
    }
    setDevice(kept);
}

void DeviceChooser::setDevice(const QString& id) {
    int row = list_->findData(id);
    if (row < 0) {
        // A project from a machine with other devices keeps its choice; starting says what is wrong.
        list_->addItem(tr("%1 — not seen yet").arg(id), id);
        row = list_->count() - 1;
    }
    list_->setCurrentIndex(row);
}

QString DeviceChooser::device() const {
    return list_->currentData().toString();
}

void DeviceChooser::setLocked(bool locked) {
    list_->setEnabled(!locked);
}

} // namespace limbeck
