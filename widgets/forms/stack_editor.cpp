// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/stack_editor.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

#include "widgets/forms/form_texts.h"
#include "widgets/forms/invalid_mark.h"
#include "widgets/forms/layer_controls.h"
#include "widgets/forms/stack_model.h"
#include "widgets/forms/stack_templates.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace limbeck {

namespace {

constexpr int rows_seen = 7, message_lines = 3;
constexpr std::size_t most_layers = 200; // as many as parse_stack() reads

} // namespace

StackEditor::StackEditor(QWidget* parent)
    : QWidget(parent)
    , text_(new QLineEdit(this))
    , text_mark_(new InvalidMark(text_))
    , model_(new StackModel(this))
    , table_(new QTableView(this)) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(style::grid / 2);
    text_->setMaxLength(4096);
    text_->setAccessibleName(tr("Layers"));
    text_->setToolTip(tr(
        "<p>The layers from the input on, joined by commas: convK-C or convK-CsS (convolution K×K to C "
        "channels, stride S), bn, relu, gelu, poolK, avgK, gap (average over the picture), dropP, flatten, "
        "fcN (linear to N values); the last is the classifier, fc.</p>"));
    layout->addWidget(text_);
    buildTable();
    layout->addWidget(table_);
    buildButtons();
    controls_ = new LayerControls(this);
    layout->addWidget(controls_);
    message_ = new QLabel(this);
    message_->setWordWrap(true);
    message_->setTextFormat(Qt::PlainText);
    message_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    message_->setFixedHeight(message_lines * message_->fontMetrics().lineSpacing() + 2);
    layout->addWidget(message_);
    connect(text_, &QLineEdit::textEdited, this, &StackEditor::textEdited);
    connect(text_, &QLineEdit::editingFinished, this, &StackEditor::committed);
    connect(controls_, &LayerControls::edited, this, &StackEditor::controlsEdited);
    connect(controls_, &LayerControls::committed, this, &StackEditor::committed);
    setText(firstText({}));
}

void StackEditor::buildTable() {
    table_->setModel(model_);
    table_->setFont(style::tabular(font()));
    table_->setAccessibleName(tr("Layers as a table"));
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->setTabKeyNavigation(false);
    table_->setWordWrap(false);
    table_->setShowGrid(false);
    table_->setAlternatingRowColors(true);
    table_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    table_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn); // or the columns would jump
    const QFontMetrics metrics(table_->font());
    const int row = metrics.height() + 4;
    table_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table_->verticalHeader()->setMinimumSectionSize(row);
    table_->verticalHeader()->setDefaultSectionSize(row);
    QHeaderView* head = table_->horizontalHeader();
    head->setHighlightSections(false);
    head->setSectionResizeMode(StackModel::layer_column, QHeaderView::Stretch);
    const auto width = [&](std::initializer_list<QString> texts) {
        int widest = 0;
        for (const QString& text : texts)
            widest = std::max(widest, metrics.horizontalAdvance(text));
        return widest + 2 * style::grid;
    };
    head->setSectionResizeMode(StackModel::output_column, QHeaderView::Fixed);
    head->resizeSection(StackModel::output_column,
                        width({QStringLiteral("512×32×32"), StackModel::tr("✕ does not fit")}));
    head->setSectionResizeMode(StackModel::parameters_column, QHeaderView::Fixed);
    head->resizeSection(StackModel::parameters_column,
                        width({QStringLiteral("1,000,000"), StackModel::tr("Parameters")}));
    table_->setFixedHeight(head->sizeHint().height() + rows_seen * row + 2 * table_->frameWidth());
    table_->installEventFilter(this);
    connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& now) { rowChosen(now.row()); });
}

QToolButton* StackEditor::button(const QString& text, const QString& name, const QString& tip,
                                 void (StackEditor::*slot)()) {
    auto* made = new QToolButton(this);
    made->setText(text);
    made->setAutoRaise(true);
    made->setFocusPolicy(Qt::StrongFocus);
    made->setAccessibleName(name);
    made->setToolTip(QStringLiteral("<p>%1</p>").arg(tip));
    connect(made, &QToolButton::clicked, this, slot);
    return made;
}

void StackEditor::buildButtons() {
    add_ = button(QStringLiteral("+"), tr("Add a layer"),
                  tr("Adds a layer after the one that is chosen (Insert)."), &StackEditor::add);
    duplicate_ = button(QStringLiteral("×2"), tr("Double the layer"),
                        tr("Doubles the chosen layer (Ctrl+D)."), &StackEditor::duplicate);
    remove_ = button(QStringLiteral("✕"), tr("Remove the layer"), tr("Removes the chosen layer (Delete)."),
                     &StackEditor::remove);
    up_ = button(QStringLiteral("↑"), tr("Move the layer up"),
                 tr("Moves the chosen layer towards the input (Alt+Up)."), &StackEditor::moveUp);
    down_ = button(QStringLiteral("↓"), tr("Move the layer down"),
                   tr("Moves the chosen layer towards the classifier (Alt+Down)."), &StackEditor::moveDown);
    templates_ = new QPushButton(this);
    addTemplates(templates_);
    auto* row = new QHBoxLayout;
    row->setSpacing(2);
    for (QToolButton* each : {add_, duplicate_, remove_, up_, down_})
        row->addWidget(each);
    row->addStretch();
    row->addWidget(templates_);
    static_cast<QVBoxLayout*>(layout())->addLayout(row);
}

void StackEditor::addTemplates(QPushButton* button) {
    button->setText(tr("Templates"));
    button->setAutoDefault(false);
    button->setToolTip(tr("<p>Layers to begin with, in the place of those that are here.</p>"));
    auto* menu = new QMenu(button);
    menu->setToolTipsVisible(true);
    for (const StackTemplate& each : stack_templates()) {
        QAction* action = menu->addAction(form::text(each.title));
        action->setToolTip(QStringLiteral("<p>%1</p><p><small>%2</small></p>")
                               .arg(form::text(each.description).toHtmlEscaped(), form::text(each.layers)));
        connect(action, &QAction::triggered, this, [this, &each] {
            layers_ = parse_stack(each.layers).value_or(std::vector<StackLayer>{});
            changed(0);
        });
        connect(menu, &QMenu::aboutToShow, action,
                [this, action, &each] { action->setEnabled(!each.needs_picture || input_.size() != 1); });
    }
    button->setMenu(menu);
}

std::string StackEditor::firstText(const std::vector<std::int64_t>& input) {
    for (const StackTemplate& each : stack_templates())
        if (each.needs_picture == (input.size() != 1)) return std::string(each.layers);
    return "fc";
}

StackEditor::~StackEditor() {
    // Who loses the focus while this is destroyed still says "committed", to an editor that is no more.
    text_->disconnect(this);
    controls_->disconnect(this);
}

void StackEditor::setText(const std::string& text) {
    if (const auto now = this->text(); now && *now == text) return;
    showText(text);
    auto layers = parse_stack(text);
    text_problem_ = layers ? QString() : QString::fromStdString(layers.error().message);
    if (layers) layers_ = std::move(*layers);
    refreshRows();
    choose(0);
}

/// From its beginning, where the input is.
void StackEditor::showText(const std::string& text) {
    text_->setText(QString::fromStdString(text));
    text_->home(false);
}

Result<std::string> StackEditor::text() const {
    const QString problem = !text_problem_.isEmpty() || !controls_ ? text_problem_ : controls_->problem();
    if (!problem.isEmpty()) return failure(ErrorKind::configuration, problem.toStdString());
    return to_string(layers_);
}

void StackEditor::setData(const std::vector<std::int64_t>& input, std::int64_t classes) {
    if (input == input_ && classes == classes_) return;
    input_ = input;
    classes_ = classes;
    refreshRows();
}

void StackEditor::setReason(const QString& reason) {
    reason_ = reason;
    refreshMessage();
}

QWidget* StackEditor::target() const {
    if (!text_problem_.isEmpty()) return text_;
    if (!controls_->problem().isEmpty()) return controls_->target();
    return misfit().isEmpty() ? static_cast<QWidget*>(text_) : table_;
}

std::size_t StackEditor::current() const {
    const int row = table_->currentIndex().row();
    return row < 0 ? 0 : static_cast<std::size_t>(row);
}

/// Shows a layer in the controls, whatever stood there.
void StackEditor::choose(std::size_t row) {
    if (layers_.empty()) return;
    row = std::min(row, layers_.size() - 1);
    controls_->show(layers_[row]);
    table_->setCurrentIndex(model_->index(static_cast<int>(row), 0));
    refreshButtons();
    refreshMessage();
}

void StackEditor::rowChosen(int row) {
    if (row < 0 || static_cast<std::size_t>(row) >= layers_.size()) return;
    const bool left_wrong = !controls_->problem().isEmpty();
    controls_->show(layers_[static_cast<std::size_t>(row)]);
    refreshButtons();
    refreshMessage();
    if (left_wrong) emit edited(); // the number that could not be used is gone
}

/// After a change by button, key or menu.
void StackEditor::changed(std::size_t row) {
    text_problem_.clear();
    showText(to_string(layers_));
    controls_->show(layers_[std::min(row, layers_.size() - 1)]);
    refreshRows();
    choose(row);
    emit edited();
    emit committed();
}

void StackEditor::textEdited() {
    auto layers = parse_stack(text_->text().toStdString());
    text_problem_ = layers ? QString() : QString::fromStdString(layers.error().message);
    if (layers) {
        layers_ = std::move(*layers);
        controls_->show(layers_[std::min(current(), layers_.size() - 1)]);
    }
    refreshRows();
    emit edited();
}

void StackEditor::controlsEdited() {
    if (const auto layer = controls_->layer(); layer && current() < layers_.size()) {
        layers_[current()] = *layer;
        showText(to_string(layers_));
        refreshRows();
    }
    refreshMessage();
    emit edited();
}

void StackEditor::add() {
    if (layers_.empty() || layers_.size() >= most_layers) return;
    // Never after the classifier.
    const std::size_t at = std::min(current() + 1, layers_.size() - 1);
    const std::vector<std::int64_t>& meets = at == 0 ? input_ : model_->rows()[at - 1].shape;
    StackLayer layer;
    if (meets.size() == 1) {
        layer.kind = StackLayer::Kind::linear;
        layer.width = 128;
    } else {
        layer.kind = StackLayer::Kind::convolution;
        layer.side = 3;
        layer.width = 32;
    }
    layers_.insert(layers_.begin() + static_cast<std::ptrdiff_t>(at), layer);
    changed(at);
}

void StackEditor::duplicate() {
    const std::size_t at = current();
    if (at + 1 >= layers_.size() || layers_.size() >= most_layers) return;
    const StackLayer layer = layers_[at];
    layers_.insert(layers_.begin() + static_cast<std::ptrdiff_t>(at), layer);
    changed(at + 1);
}

void StackEditor::remove() {
    const std::size_t at = current();
    if (at + 1 >= layers_.size()) return;
    layers_.erase(layers_.begin() + static_cast<std::ptrdiff_t>(at));
    changed(at);
}

void StackEditor::moveUp() {
    move(-1);
}

void StackEditor::moveDown() {
    move(1);
}

void StackEditor::move(int by) {
    const auto at = static_cast<std::ptrdiff_t>(current());
    const auto last = static_cast<std::ptrdiff_t>(layers_.size()) - 1;
    if (at >= last || at + by < 0 || at + by >= last) return;
    std::swap(layers_[static_cast<std::size_t>(at)], layers_[static_cast<std::size_t>(at + by)]);
    changed(static_cast<std::size_t>(at + by));
}

bool StackEditor::handleKey(int key, Qt::KeyboardModifiers modifiers, bool act) {
    modifiers &= ~Qt::KeypadModifier;
    void (StackEditor::*slot)() = nullptr;
    if (modifiers == Qt::NoModifier && key == Qt::Key_Insert) slot = &StackEditor::add;
    if (modifiers == Qt::NoModifier && key == Qt::Key_Delete) slot = &StackEditor::remove;
    if (modifiers == Qt::ControlModifier && key == Qt::Key_D) slot = &StackEditor::duplicate;
    if (modifiers == Qt::AltModifier && key == Qt::Key_Up) slot = &StackEditor::moveUp;
    if (modifiers == Qt::AltModifier && key == Qt::Key_Down) slot = &StackEditor::moveDown;
    const bool enter = modifiers == Qt::NoModifier && (key == Qt::Key_Return || key == Qt::Key_Enter);
    if (act && slot) (this->*slot)();
    if (act && enter) controls_->target()->setFocus(Qt::OtherFocusReason);
    return slot || enter;
}

bool StackEditor::eventFilter(QObject* watched, QEvent* event) {
    const bool press = event->type() == QEvent::KeyPress;
    // What the table wants must not reach the window's shortcuts first.
    if (watched == table_ && (press || event->type() == QEvent::ShortcutOverride)) {
        const auto* pressed = static_cast<QKeyEvent*>(event);
        if (handleKey(pressed->key(), pressed->modifiers(), press)) {
            event->accept();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void StackEditor::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() != QEvent::PaletteChange) return;
    model_->setPalette(palette());
    refreshMessage();
}

void StackEditor::refreshRows() {
    model_->setPalette(palette());
    model_->setRows(stack_rows(layers_, input_, classes_));
    refreshButtons();
    refreshMessage();
}

void StackEditor::refreshButtons() {
    const bool readable = text_problem_.isEmpty() && !layers_.empty();
    const std::size_t at = current();
    const bool movable = readable && at + 1 < layers_.size();
    table_->setEnabled(readable);
    controls_->setEnabled(readable);
    add_->setEnabled(readable && layers_.size() < most_layers);
    duplicate_->setEnabled(movable && layers_.size() < most_layers);
    remove_->setEnabled(movable);
    up_->setEnabled(movable && at > 0);
    down_->setEnabled(movable && at + 2 < layers_.size());
}

/// The chosen layer's, or else the first layer's that does not fit, or why all of them together do not.
QString StackEditor::misfit() const {
    const std::vector<StackRow>& rows = model_->rows();
    std::size_t at = current();
    if (at >= rows.size() || rows[at].reason.isEmpty())
        at =
            static_cast<std::size_t>(std::find_if(rows.begin(), rows.end(),
                                                  [](const StackRow& row) { return !row.reason.isEmpty(); }) -
                                     rows.begin());
    if (at < rows.size())
        return tr("Layer %1, %2: %3")
            .arg(at + 1)
            .arg(QString::fromStdString(to_string(rows[at].layer)), rows[at].reason);
    if (input_.empty()) return {};
    const auto flow = flow_shapes(layers_, input_, std::max<std::int64_t>(classes_, 1));
    return flow ? QString() : QString::fromStdString(flow.error().message);
}

QString StackEditor::sum() const {
    if (input_.empty()) return tr("Shapes and parameters appear here as soon as the data are known.");
    std::int64_t all = 0;
    for (const StackRow& row : model_->rows())
        all += std::max<std::int64_t>(row.parameters, 0);
    return classes_ > 0 ? tr("%1 parameters").arg(format::thousands(all))
                        : tr("%1 parameters and those of the classifier").arg(format::thousands(all));
}

void StackEditor::refreshMessage() {
    const auto unread = text();
    const QString own = unread ? misfit() : QString::fromStdString(unread.error().message);
    text_mark_->set(!text_problem_.isEmpty() || (own.isEmpty() && !reason_.isEmpty()));
    const QString wrong = own.isEmpty() ? reason_ : own;
    say(!wrong.isEmpty(), wrong.isEmpty() ? sum() : wrong);
}

void StackEditor::say(bool wrong, const QString& text) {
    message_text_ = text.left(1).toUpper() + text.mid(1);
    message_->setToolTip(QStringLiteral("<p>%1</p>").arg(message_text_.toHtmlEscaped()));
    QPalette own = palette();
    own.setColor(QPalette::WindowText,
                 wrong ? style::readable(style::errorColour(own), own, 4.5) : style::mutedText(own));
    message_->setPalette(own);
    fitMessage();
}

/// As much as there are lines for; each but the last loses the end of a word that does not fit.
void StackEditor::fitMessage() {
    const QFontMetrics metrics = message_->fontMetrics();
    const int lost = metrics.averageCharWidth() * 10;
    const int room = message_lines * message_->width() - (message_lines - 1) * lost;
    message_->setText(metrics.elidedText(message_text_, Qt::ElideRight, room));
}

void StackEditor::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    layout()->activate();
    fitMessage();
}

} // namespace limbeck
