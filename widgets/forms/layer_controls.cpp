// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/layer_controls.h"

#include <QComboBox>
#include <QGridLayout>
#include <QLabel>

#include <vector>

#include "widgets/forms/invalid_mark.h"
#include "widgets/forms/number_spin.h"
#include "widgets/forms/quiet_wheel.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

using Kind = StackLayer::Kind;

// As far as parse_stack() reads.
constexpr double largest_side = 64, widest = 65536;

/// A number of a layer, and where it is kept.
struct Number {
    QString label;
    double most = 0;
    std::int64_t StackLayer::*whole = nullptr; ///< null: the probability
};

std::vector<Number> numbers_of(Kind kind) {
    const auto tr = [](const char* text) { return LayerControls::tr(text); };
    switch (kind) {
    case Kind::convolution:
        return {{tr("Size"), largest_side, &StackLayer::side},
                {tr("Channels"), widest, &StackLayer::width},
                {tr("Stride"), largest_side, &StackLayer::stride}};
    case Kind::max_pool:
    case Kind::average_pool:
        return {{tr("Size"), largest_side, &StackLayer::side}};
    case Kind::linear:
        return {{tr("Width"), widest, &StackLayer::width}};
    case Kind::dropout:
        return {{tr("Probability"), 1, nullptr}};
    default:
        return {};
    }
}

/// A layer of that kind as one would start with.
StackLayer usual(Kind kind) {
    StackLayer layer;
    layer.kind = kind;
    if (kind == Kind::convolution) layer.side = 3, layer.width = 32;
    if (kind == Kind::max_pool || kind == Kind::average_pool) layer.side = layer.stride = 2;
    if (kind == Kind::linear) layer.width = 128;
    if (kind == Kind::dropout) layer.probability = 0.5;
    return layer;
}

bool is_classifier(const StackLayer& layer) {
    return layer.kind == Kind::linear && layer.width == 0;
}

} // namespace

LayerControls::LayerControls(QWidget* parent) : QWidget(parent), kind_(new QuietWheel<QComboBox>(this)) {
    const std::pair<Kind, QString> kinds[]{{Kind::convolution, tr("Convolution")},
                                           {Kind::batch_norm, tr("Batch norm")},
                                           {Kind::relu, tr("ReLU")},
                                           {Kind::gelu, tr("GELU")},
                                           {Kind::max_pool, tr("Max pooling")},
                                           {Kind::average_pool, tr("Average pooling")},
                                           {Kind::global_pool, tr("Average over the picture")},
                                           {Kind::dropout, tr("Dropout")},
                                           {Kind::flatten, tr("Flatten")},
                                           {Kind::linear, tr("Linear")}};
    for (const auto& [kind, title] : kinds)
        kind_->addItem(title, static_cast<int>(kind));
    kind_->setAccessibleName(tr("Kind of the layer"));
    kind_->setMinimumContentsLength(8);
    kind_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(style::grid);
    grid->setVerticalSpacing(2);
    grid->addWidget(kind_, 0, 0, 1, 3);
    for (std::size_t i = 0; i < spins_.size(); ++i) {
        labels_[i] = new QLabel(this);
        spins_[i] = new NumberSpin(NumberSpin::Kind::whole, 1, widest, this);
        marks_[i] = new InvalidMark(spins_[i]);
        labels_[i]->setBuddy(spins_[i]);
        for (QWidget* widget : {static_cast<QWidget*>(labels_[i]), static_cast<QWidget*>(spins_[i])}) {
            QSizePolicy policy = widget->sizePolicy();
            policy.setRetainSizeWhenHidden(true);
            widget->setSizePolicy(policy);
        }
        grid->addWidget(labels_[i], 1, static_cast<int>(i));
        grid->addWidget(spins_[i], 2, static_cast<int>(i));
        grid->setColumnStretch(static_cast<int>(i), 1);
        connect(spins_[i], &NumberSpin::edited, this, [this] {
            refreshMarks();
            emit edited();
        });
        connect(spins_[i], &NumberSpin::committed, this, &LayerControls::committed);
    }
    connect(kind_, &QComboBox::activated, this, [this] {
        chooseKind(static_cast<Kind>(kind_->currentData().toInt()));
        emit edited();
        emit committed();
    });
    arrange();
}

void LayerControls::chooseKind(Kind kind) {
    if (kind == shown_.kind) return;
    StackLayer next = usual(kind);
    // From one pooling to the other the size is meant to stay.
    if (next.side > 0 && shown_.side > 0) next.side = shown_.side;
    if (kind == Kind::max_pool || kind == Kind::average_pool) next.stride = next.side;
    show(next);
}

void LayerControls::show(const StackLayer& layer) {
    shown_ = layer;
    arrange();
    const std::vector<Number> numbers = numbers_of(layer.kind);
    for (std::size_t i = 0; i < numbers.size(); ++i)
        numbers[i].whole ? spins_[i]->setWhole(layer.*numbers[i].whole)
                         : spins_[i]->setReal(layer.probability);
    refreshMarks();
}

void LayerControls::arrange() {
    const bool fixed = is_classifier(shown_);
    kind_->setCurrentIndex(kind_->findData(static_cast<int>(shown_.kind)));
    kind_->setEnabled(!fixed);
    kind_->setToolTip(fixed ? tr("The classifier: the last layer, as wide as there are classes.")
                            : QString());
    const std::vector<Number> numbers = fixed ? std::vector<Number>{} : numbers_of(shown_.kind);
    for (std::size_t i = 0; i < spins_.size(); ++i) {
        const bool used = i < numbers.size();
        labels_[i]->setVisible(used);
        spins_[i]->setVisible(used);
        if (!used) continue;
        labels_[i]->setText(numbers[i].label);
        spins_[i]->setAccessibleName(tr("%1 of the layer").arg(numbers[i].label));
        if (numbers[i].whole)
            spins_[i]->setRange(NumberSpin::Kind::whole, 1, numbers[i].most);
        else
            spins_[i]->setRange(NumberSpin::Kind::real, 0, numbers[i].most);
    }
}

std::optional<StackLayer> LayerControls::layer() const {
    if (is_classifier(shown_)) return shown_;
    StackLayer layer = shown_;
    const std::vector<Number> numbers = numbers_of(layer.kind);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (!numbers[i].whole) {
            const auto real = spins_[i]->real();
            if (!real || !(*real > 0 && *real < 1)) return std::nullopt;
            layer.probability = *real;
            continue;
        }
        const auto whole = spins_[i]->whole();
        if (!whole || *whole < 1 || static_cast<double>(*whole) > numbers[i].most) return std::nullopt;
        layer.*numbers[i].whole = *whole;
    }
    if (layer.kind == Kind::max_pool || layer.kind == Kind::average_pool) layer.stride = layer.side;
    return layer;
}

QString LayerControls::problem() const {
    if (layer()) return {};
    for (std::size_t i = 0; i < spins_.size(); ++i) {
        if (marks_[i]->isHidden()) continue;
        const QString right =
            shown_.kind == Kind::dropout ? tr("a number between 0 and 1") : spins_[i]->expected();
        return tr("found “%1” as %2; %3 is right.")
            .arg(spins_[i]->text().trimmed(), labels_[i]->text().toLower(), right);
    }
    return {};
}

void LayerControls::refreshMarks() {
    const std::vector<Number> numbers =
        is_classifier(shown_) ? std::vector<Number>{} : numbers_of(shown_.kind);
    for (std::size_t i = 0; i < spins_.size(); ++i) {
        bool wrong = false;
        if (i < numbers.size()) {
            const auto value = numbers[i].whole && !spins_[i]->whole() ? std::nullopt : spins_[i]->real();
            wrong = !value ||
                    (numbers[i].whole ? *value < 1 || *value > numbers[i].most : !(*value > 0 && *value < 1));
        }
        marks_[i]->set(wrong);
    }
}

QWidget* LayerControls::target() const {
    for (std::size_t i = 0; i < spins_.size(); ++i)
        if (!marks_[i]->isHidden()) return spins_[i];
    return kind_;
}

} // namespace limbeck
