// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/paths.h"

#include <QStringConverter>
#include <algorithm>

namespace limbeck {
namespace {

constexpr ushort first_stray = 0xDC80, last_stray = 0xDCFF;

bool is_stray(QChar c) {
    return c.unicode() >= first_stray && c.unicode() <= last_stray;
}

/// The length of the whole UTF-8 character at the head of `bytes`; 0 where there is none.
qsizetype character_length(QByteArrayView bytes) {
    for (qsizetype length = 1; length <= std::min<qsizetype>(4, bytes.size()); ++length) {
        QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
        const QString text = decoder(bytes.first(length));
        if (!decoder.hasError() && !text.isEmpty()) return length;
    }
    return 0;
}

} // namespace

QString text_of_path(const std::filesystem::path& path) {
    const std::string& bytes = path.native();
    QStringDecoder whole(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString decoded = whole(QByteArrayView(bytes));
    if (!whole.hasError()) return decoded;
    QString text;
    for (QByteArrayView rest(bytes); !rest.isEmpty();) {
        const qsizetype length = character_length(rest);
        if (length > 0)
            text += QString::fromUtf8(rest.first(length));
        else
            text += QChar(static_cast<ushort>(0xDC00 + static_cast<uchar>(rest.front())));
        rest = rest.sliced(std::max<qsizetype>(length, 1));
    }
    return text;
}

std::filesystem::path path_of_text(const QString& text) {
    std::string bytes;
    for (qsizetype at = 0; at < text.size();) {
        // The second half of a pair is no stray byte.
        if (is_stray(text[at]) && (at == 0 || !text[at - 1].isHighSurrogate())) {
            bytes += static_cast<char>(text[at++].unicode() - 0xDC00);
            continue;
        }
        qsizetype end = at + 1;
        while (end < text.size() && !(is_stray(text[end]) && !text[end - 1].isHighSurrogate()))
            ++end;
        bytes += text.sliced(at, end - at).toStdString();
        at = end;
    }
    return bytes;
}

QString shown_path(const QString& text) {
    QString shown = text;
    for (qsizetype at = 0; at < shown.size(); ++at) {
        if (is_stray(shown[at]) && (at == 0 || !shown[at - 1].isHighSurrogate()))
            shown[at] = QChar::ReplacementCharacter;
    }
    return shown;
}

QString shown_name(const QString& text) {
    const std::filesystem::path path = path_of_text(text).lexically_normal();
    return shown_path(text_of_path(path.has_filename() ? path.filename() : path.parent_path().filename()));
}

QString absolute_path(const QString& text) {
    std::error_code none;
    auto path = std::filesystem::absolute(path_of_text(text), none).lexically_normal();
    if (!path.has_filename() && path.has_parent_path()) path = path.parent_path(); // "folder/"
    return text_of_path(path);
}

} // namespace limbeck
