// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>

#include "backend/runner/session.h"

class QComboBox;

namespace limbeck {

/// The toolbar's list of devices. Lists "Automatic" and the processor before LibTorch is loaded;
/// what LibTorch sees is asked for in the background. A device that cannot be used stays in the
/// list, greyed out, with the reason as its tooltip.
class DeviceChooser : public QWidget {
    Q_OBJECT

  public:
    explicit DeviceChooser(std::shared_ptr<EngineHost> host, QWidget* parent = nullptr);

    /// Asks LibTorch (loads it); call after the window's first paint.
    void discover();
    /// "auto", "cpu", "cuda:0".
    void setDevice(const QString& id);
    QString device() const;
    void setLocked(bool locked);

  signals:
    void deviceEdited(const QString& id);
    /// LibTorch could not be loaded, or the device list could not be had.
    void failed(const limbeck::Error& error);

  private:
    void fill(const std::vector<DeviceInfo>& devices);

    std::shared_ptr<EngineHost> host_;
    QComboBox* list_ = nullptr;
};

} // namespace limbeck
