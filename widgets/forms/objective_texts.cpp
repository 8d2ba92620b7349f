// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/forms/objective_texts.h"

#include <QCoreApplication>
#include <QPalette>

#include "widgets/forms/form_texts.h"
#include "widgets/style/format.h"
#include "widgets/style/palette.h"

namespace limbeck::form {

namespace {

QString translated(const char* words) {
    return QCoreApplication::translate("ObjectivePicker", words);
}

const char* tapsPlace(DefaultTaps taps) {
    switch (taps) {
    case DefaultTaps::none:
        break;
    case DefaultTaps::second_stage:
        return QT_TRANSLATE_NOOP("ObjectivePicker", "the second stage");
    case DefaultTaps::stages:
        return QT_TRANSLATE_NOOP("ObjectivePicker", "each stage");
    case DefaultTaps::last_stage:
        return QT_TRANSLATE_NOOP("ObjectivePicker", "the last stage");
    case DefaultTaps::pooled:
        return QT_TRANSLATE_NOOP("ObjectivePicker", "the pooled features");
    case DefaultTaps::stem_to_last_stage:
        return QT_TRANSLATE_NOOP("ObjectivePicker", "the stem and each stage");
    case DefaultTaps::stages_and_pooled:
        return QT_TRANSLATE_NOOP("ObjectivePicker", "each stage and the pooled features");
    }
    return "";
}

const OptionEntry* ownOption(const ObjectiveEntry& entry, std::string_view key) {
    for (const OptionEntry& option : entry.options)
        if (option.key == key) return &option;
    return nullptr;
}

QString epochs(const OptionEntry& option) {
    return option.value == 1 ? translated(QT_TRANSLATE_NOOP("ObjectivePicker", "1 epoch"))
                             : translated(QT_TRANSLATE_NOOP("ObjectivePicker", "%1 epochs"))
                                   .arg(format::setting(option.value));
}

/// A quiet heading; what is no running text follows it by itself.
QString heading(const QString& title, const QColor& muted) {
    return QStringLiteral("<p style='margin-top:10px; margin-bottom:0'><span style='color:%1'>%2</span></p>")
        .arg(muted.name(), title.toHtmlEscaped());
}

QString section(const QString& title, const QString& body, const QColor& muted) {
    return QStringLiteral("<p style='margin-top:10px; margin-bottom:0'><span style='color:%1'>%2</span><br>"
                          "%3</p>")
        .arg(muted.name(), title.toHtmlEscaped(), body);
}

/// The catalogue's own markup, in a serif face and larger, on a tinted ground of its own.
QString typeset(const ObjectiveEntry& entry, const QPalette& palette) {
    return QStringLiteral(
               "<table width='100%' cellpadding='10' cellspacing='0' style='margin-top:6px'><tr>"
               "<td bgcolor='%1'><span style=\"font-family:'STIX Two Text','Latin Modern Roman','Cambria',"
               "'DejaVu Serif',serif; font-size:large\">%2</span></td></tr></table>")
        .arg(palette.color(QPalette::AlternateBase).name(), text(entry.definition));
}

QString optionsTable(const ObjectiveEntry& entry) {
    QString rows;
    for (const OptionEntry& option : entry.options) {
        const QString value = !option.is_switch   ? format::setting(option.value)
                              : option.value != 0 ? translated(QT_TRANSLATE_NOOP("ObjectivePicker", "on"))
                                                  : translated(QT_TRANSLATE_NOOP("ObjectivePicker", "off"));
        rows +=
            QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td align='right'>%2&nbsp;&nbsp;</td><td>%3</td></tr>")
                .arg(text(option.label).toHtmlEscaped(), value, text(option.description).toHtmlEscaped());
    }
    return rows.isEmpty() ? rows
                          : QStringLiteral("<table cellspacing='0' cellpadding='1'>%1</table>").arg(rows);
}

QString needsHtml(const ObjectiveEntry& entry, const TermNeedsText& needs, const QPalette& palette) {
    QString rows;
    for (const auto& [name, words] : needsOf(entry))
        rows += QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td>%2</td></tr>")
                    .arg(name.toHtmlEscaped(), words.toHtmlEscaped());
    if (!needs.text.isEmpty()) {
        const QColor colour = needs.problem ? style::readable(style::errorColour(palette), palette, 4.5)
                                            : palette.color(QPalette::Text);
        rows += QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td><span style='color:%2'>%3</span></td></tr>")
                    .arg(translated(QT_TRANSLATE_NOOP("ObjectivePicker", "With these networks")),
                         colour.name(), needs.text.toHtmlEscaped());
    }
    if (rows.isEmpty())
        return QStringLiteral("<p style='margin-top:0'>%1</p>")
            .arg(translated(QT_TRANSLATE_NOOP("ObjectivePicker", "Nothing but both answers.")));
    return QStringLiteral("<table cellspacing='0' cellpadding='1'>%1</table>").arg(rows);
}

} // namespace

QString groupTitle(ObjectiveGroup group) {
    return translated(group == ObjectiveGroup::answers
                          ? QT_TRANSLATE_NOOP("ObjectivePicker", "From the answers")
                          : QT_TRANSLATE_NOOP("ObjectivePicker", "From the features"));
}

QString defaultTaps(const ObjectiveEntry& entry) {
    if (entry.taps == DefaultTaps::none) return {};
    QString words = translated(tapsPlace(entry.taps));
    if (entry.preactivations)
        words += translated(QT_TRANSLATE_NOOP("ObjectivePicker", ", before the activation"));
    else if (entry.teacher_preactivations)
        words += translated(QT_TRANSLATE_NOOP("ObjectivePicker", " (the teacher's before the activation)"));
    return words;
}

std::vector<std::pair<QString, QString>> needsOf(const ObjectiveEntry& entry) {
    std::vector<std::pair<QString, QString>> needs;
    const auto add = [&](const char* name, const QString& words) {
        needs.emplace_back(translated(name), words);
    };
    if (entry.needs_labels)
        add(QT_TRANSLATE_NOOP("ObjectivePicker", "Labels"),
            translated(QT_TRANSLATE_NOOP("ObjectivePicker", "the term itself looks at them")));
    if (const QString taps = defaultTaps(entry); !taps.isEmpty())
        add(QT_TRANSLATE_NOOP("ObjectivePicker", "Features"), taps);
    if (entry.adapter == AdapterNeed::always)
        add(QT_TRANSLATE_NOOP("ObjectivePicker", "Adapter"),
            translated(QT_TRANSLATE_NOOP(
                "ObjectivePicker", "layers that learn along and are left out of the student afterwards")));
    if (entry.adapter == AdapterNeed::optional)
        add(QT_TRANSLATE_NOOP("ObjectivePicker", "Adapter"),
            translated(QT_TRANSLATE_NOOP("ObjectivePicker",
                                         "optional layers that learn along, where the shapes ask for them")));
    if (entry.batch_dependent)
        add(QT_TRANSLATE_NOOP("ObjectivePicker", "Batch"),
            translated(
                QT_TRANSLATE_NOOP("ObjectivePicker", "two samples at least; larger ones show it more")));
    if (const OptionEntry* option = ownOption(entry, initial_epochs_option))
        add(QT_TRANSLATE_NOOP("ObjectivePicker", "Initial stage"), epochs(*option));
    if (const OptionEntry* option = ownOption(entry, warmup_epochs_option))
        add(QT_TRANSLATE_NOOP("ObjectivePicker", "Warm-up"), epochs(*option));
    return needs;
}

QString defaultsOf(const ObjectiveEntry& entry) {
    const bool answers = entry.group == ObjectiveGroup::answers;
    QString words = translated(answers ? QT_TRANSLATE_NOOP("ObjectivePicker", "labels %1 · teacher %2")
                                       : QT_TRANSLATE_NOOP("ObjectivePicker", "labels %1 · this term %2"))
                        .arg(format::setting(entry.hard_weight), format::setting(entry.weight));
    if (entry.uses_temperature) words += QStringLiteral(" · T %1").arg(format::setting(entry.temperature));
    if (entry.uses_t_squared)
        words +=
            translated(entry.t_squared ? QT_TRANSLATE_NOOP("ObjectivePicker", " · multiplied by T²")
                                       : QT_TRANSLATE_NOOP("ObjectivePicker", " · not multiplied by T²"));
    return words;
}

QString objectiveHtml(const ObjectiveEntry& entry, const TermNeedsText& needs, const QPalette& palette) {
    const QColor muted = style::mutedText(palette);
    const auto title = [](const char* words) { return translated(words); };
    QString html = QStringLiteral("<h3 style='margin-bottom:2px'>%1</h3><p style='margin-top:0'>%2</p>")
                       .arg(text(entry.title).toHtmlEscaped(), text(entry.description).toHtmlEscaped());
    html += typeset(entry, palette);
    if (!entry.when.empty())
        html += section(title(QT_TRANSLATE_NOOP("ObjectivePicker", "When")), text(entry.when).toHtmlEscaped(),
                        muted);
    html += section(title(QT_TRANSLATE_NOOP("ObjectivePicker", "Starts with")),
                    defaultsOf(entry).toHtmlEscaped(), muted);
    if (const QString options = optionsTable(entry); !options.isEmpty())
        html += heading(title(QT_TRANSLATE_NOOP("ObjectivePicker", "Options")), muted) + options;
    html += heading(title(QT_TRANSLATE_NOOP("ObjectivePicker", "Needs")), muted) +
            needsHtml(entry, needs, palette);
    if (!entry.paper.empty())
        html += section(title(QT_TRANSLATE_NOOP("ObjectivePicker", "Paper")),
                        text(entry.paper).toHtmlEscaped(), muted);
    return html + section(title(QT_TRANSLATE_NOOP("ObjectivePicker", "On the command line")),
                          QStringLiteral("<code>%1</code>").arg(text(entry.id).toHtmlEscaped()), muted);
}

std::vector<OptionEntry> optionsOf(const ObjectiveEntry& entry, bool with_temperature) {
    std::vector<OptionEntry> options;
    const auto shared = [&](const char* key, double value) {
        const OptionEntry* option = find_option(entry, key);
        if (!option) return;
        options.push_back(*option);
        options.back().value = value;
    };
    if (with_temperature) {
        shared("temperature", entry.temperature);
        shared("t_squared", entry.t_squared ? 1 : 0);
    }
    options.insert(options.end(), entry.options.begin(), entry.options.end());
    return options;
}

} // namespace limbeck::form
