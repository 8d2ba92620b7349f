// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QLayout>

namespace limbeck {

/// Items side by side, on further lines where the width ends.
class FlowLayout : public QLayout {
    Q_OBJECT

  public:
    FlowLayout(QWidget* parent, int horizontal_space, int vertical_space);
    ~FlowLayout() override;

    void addItem(QLayoutItem* item) override;

    int count() const override { return static_cast<int>(items_.size()); }

    QLayoutItem* itemAt(int index) const override;
    QLayoutItem* takeAt(int index) override;

    Qt::Orientations expandingDirections() const override { return {}; }

    bool hasHeightForWidth() const override { return true; }

    int heightForWidth(int width) const override { return arrange(QRect(0, 0, width, 0), false); }

    QSize minimumSize() const override;
    QSize sizeHint() const override;
    void setGeometry(const QRect& rect) override;

  private:
    /// The height that is needed; moves the items when `apply`.
    int arrange(const QRect& rect, bool apply) const;

    std::vector<std::unique_ptr<QLayoutItem>> items_;
    int horizontal_space_, vertical_space_;
};

} // namespace limbeck
