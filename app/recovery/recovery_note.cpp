// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/recovery/recovery_note.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStringList>
#include <algorithm>

#include "app/document/edit_settings.h"
#include "app/document/paths.h"
#include "backend/types/fields.h"
#include "widgets/forms/form_texts.h"

namespace limbeck {
namespace {

constexpr QByteArrayView head = "limbeck-recovery 1 ";

QString tr(const char* text) {
    return QCoreApplication::translate("Recovery", text);
}

QByteArray checksum(const QByteArray& body) {
    return QCryptographicHash::hash(body, QCryptographicHash::Sha256).toHex();
}

tl::unexpected<Error> damaged(const std::string& what) {
    return failure(ErrorKind::document, "The file with unsaved edits cannot be read: " + what);
}

QString value(const Field* field, const std::string& text) {
    constexpr qsizetype longest = 40;
    // A 0 that stands for something is called what the form calls it.
    const bool zero = field && !field->zero.empty() && text == "0";
    const QString whole = text.empty() ? tr("none")
                          : zero       ? form::text(field->zero)
                                       : QString::fromStdString(text);
    return whole.size() <= longest ? whole : whole.first(longest - 1) + QChar(0x2026);
}

} // namespace

QByteArray RecoveryNote::encoded() const {
    const std::string path = path_of_text(project).native();
    // Configurations go as the texts that projects hold: their numbers are exact.
    const QJsonObject object{
        {"project", QString::fromLatin1(QByteArray::fromStdString(path).toPercentEncoding("/ "))},
        {"untitled", untitled},
        {"written", written.toUTC().toString(Qt::ISODateWithMs)},
        {"saved", QString::fromStdString(to_json(saved))},
        {"edited", QString::fromStdString(to_json(edited))}};
    const QByteArray body = QJsonDocument(object).toJson(QJsonDocument::Indented);
    return head.toByteArray() + checksum(body) + '\n' + body;
}

Result<RecoveryNote> RecoveryNote::decode(const QByteArray& bytes) {
    const qsizetype end = bytes.indexOf('\n');
    if (!bytes.startsWith(head) || end < 0) return damaged("it does not begin as such a file does.");
    const QByteArray body = bytes.sliced(end + 1);
    if (bytes.sliced(head.size(), end - head.size()) != checksum(body))
        return damaged("its content is not as it was written.");
    const QJsonObject object = QJsonDocument::fromJson(body).object();
    RecoveryNote note;
    const QByteArray path = QByteArray::fromPercentEncoding(object["project"].toString().toLatin1());
    note.project = text_of_path(path.toStdString());
    note.untitled = object["untitled"].toBool();
    note.written = QDateTime::fromString(object["written"].toString(), Qt::ISODateWithMs).toLocalTime();
    if (note.project.isEmpty() || !note.written.isValid()) return damaged("it names no project or no time.");
    auto saved = config_from_json(object["saved"].toString().toStdString());
    auto edited = config_from_json(object["edited"].toString().toStdString());
    if (!saved) return damaged(saved.error().message);
    if (!edited) return damaged(edited.error().message);
    note.saved = std::move(*saved);
    note.edited = std::move(*edited);
    return note;
}

QString worded(const Difference& change) {
    const Field* field = find_field(change.key);
    return QStringLiteral("%1 %2 → %3")
        .arg(name_of_edit({change.key}), value(field, change.from), value(field, change.to));
}

QString worded(const std::vector<Difference>& changes, bool all) {
    constexpr std::size_t most = 3;
    const std::size_t shown = all || changes.size() <= most + 1 ? changes.size() : most;
    QStringList parts;
    for (std::size_t i = 0; i < shown; ++i)
        parts << worded(changes[i]);
    const QString text = parts.join(all ? "\n" : ", ");
    return shown == changes.size() ? text : tr("%1 and %2 more").arg(text).arg(changes.size() - shown);
}

} // namespace limbeck
