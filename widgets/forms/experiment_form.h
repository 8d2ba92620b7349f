// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/types/config.h"
#include "backend/types/fields.h"
#include "widgets/forms/objective_texts.h"

class QLabel;
class QPushButton;
class QScrollArea;
class QTimer;

class QVBoxLayout;

namespace limbeck {

class CollapsibleSection;
class FieldEditor;
class FormulaView;
class NetworkCard;
class NetworkEditor;
class StatusLine;
class TermsEditor;

/// The left dock: one experiment as sections Data, Teacher, Student, Distillation, Training, made
/// from fields(). Shows and edits an ExperimentConfig and knows nothing of runs or documents.
///
/// While one types, the configuration follows each keystroke that can be read; a text that cannot
/// be read (or a value that check() refuses) turns its field red, and the reason stands in the line
/// at the bottom, which is always there.
class ExperimentForm : public QWidget {
    Q_OBJECT

  public:
    explicit ExperimentForm(QWidget* parent = nullptr);
    ~ExperimentForm() override;

    /// Shows another configuration; emits nothing but validityChanged. Giving back what config()
    /// says changes nothing, so a half-typed number survives the echo of its own edit.
    void setConfig(const ExperimentConfig& config);

    const ExperimentConfig& config() const { return config_; }

    /// Locks all but the live fields and says so.
    void setRunning(bool running);

    bool isRunning() const { return running_; }

    /// Problems from outside (what only the data or the engine can know), shown besides those of
    /// check() until the field they name is edited or they are set anew.
    void setProblems(std::vector<Problem> problems);

    /// What each of config().distillation.terms needs for the networks at hand, in their order; shown in the
    /// terms' own lines until set anew.
    void setTermNeeds(const std::vector<TermNeedsText>& needs);

    /// The same for an objective that is looked at in the picker just now (see objectiveLookedAt).
    void setCandidateNeeds(const QString& id, const TermNeedsText& needs);

    /// What the data are found to be: shape of a sample and number of classes, for the shapes within a stack.
    /// Forgotten when other data are chosen; until told, the catalogue's shape is taken where it has one.
    void setDataShape(const std::vector<std::int64_t>& shape, std::int64_t classes);

    bool isValid() const { return shown_problems_.empty(); }

    /// What keeps the experiment from starting, in the order of the form; empty if nothing does.
    QString firstReason() const;

    /// Scrolls to the field, opens its section and gives it the focus; false for an unknown key.
    bool focusField(const QString& key);

    /// In the sections of the networks; filled by the window.
    NetworkCard* teacherCard() const { return teacher_card_; }

    NetworkCard* studentCard() const { return student_card_; }

    /// What the formula line says.
    QString formulaText() const;

    /// What the line at the bottom says.
    QString statusText() const;

    QSize sizeHint() const override;

  signals:
    /// The configuration after each edit by hand (typing, dragging), not after setConfig.
    void configEdited(const limbeck::ExperimentConfig& config);
    /// A live field got a new valid value while a run is on: when a slider is let go, on Enter or
    /// when the focus leaves, or when typing rests; never for each pixel of a drag.
    void liveEdited(const QString& key, double value);
    /// Emitted when either changes. `firstReason` names the field and what would be right.
    void validityChanged(bool valid, const QString& firstReason);

    /// The picker is open and shows this objective: setCandidateNeeds() may tell what it needs.
    void objectiveLookedAt(const QString& id);

  private:
    struct Row {
        const Field* field;
        FieldEditor* editor;
        QLabel* label;
        CollapsibleSection* section;
        CollapsibleSection* outer; ///< the section that `section` is nested in, or null
    };

    void buildSections();
    void buildStatus();
    CollapsibleSection* sectionOf(const Field& field, CollapsibleSection** outer);
    void addRow(const Field& field);
    void addDistillationExtras();
    void alignLabels();
    void orderTabs();
    void keepWidth();

    void edited(const Row& row);
    void adopt(const ExperimentConfig& before);
    void readDistillation();
    void applyRecipe(const DistillationConfig& distillation);
    void flushLive();
    bool isWrong(std::string_view key) const;

    void refresh();
    void refreshData();
    void refreshStandings();
    void refreshSummaries();
    void refreshValidity();
    void showReasons();

    ExperimentConfig config_;
    bool running_ = false;
    bool loading_ = false;
    std::vector<Problem> outside_problems_, shown_problems_;
    std::optional<QString> told_reason_;
    std::map<std::string, double> pending_live_, told_live_;
    std::vector<Row> rows_;
    std::vector<NetworkEditor*> networks_;
    DatasetSpec told_dataset_; ///< which the two below were told of
    std::vector<std::int64_t> told_shape_;
    std::int64_t told_classes_ = 0;

    QScrollArea* scroll_ = nullptr;
    QVBoxLayout* stack_ = nullptr;
    CollapsibleSection* data_ = nullptr;
    CollapsibleSection* teacher_ = nullptr;
    CollapsibleSection* teacher_training_ = nullptr;
    CollapsibleSection* student_ = nullptr;
    CollapsibleSection* distillation_ = nullptr;
    CollapsibleSection* training_ = nullptr;
    TermsEditor* terms_ = nullptr;
    FormulaView* formula_ = nullptr;
    QPushButton* recipes_ = nullptr;
    NetworkCard* teacher_card_ = nullptr;
    NetworkCard* student_card_ = nullptr;
    StatusLine* status_ = nullptr;
    QTimer* live_timer_ = nullptr;
};

} // namespace limbeck
