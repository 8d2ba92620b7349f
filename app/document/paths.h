// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <filesystem>

/// A path on Linux is any bytes; a text of Qt is Unicode. Bytes that are no UTF-8 travel through texts as
/// lone surrogates (U+DC80 + byte - 0x80, as in Python), so that nothing is lost on the way to a file and
/// back.
namespace limbeck {

QString text_of_path(const std::filesystem::path& path);
std::filesystem::path path_of_text(const QString& text);
/// For people to read: what is no UTF-8 becomes U+FFFD.
QString shown_path(const QString& text);
/// The last part of a path, for people to read.
QString shown_name(const QString& text);
/// Normal and absolute; nothing is asked of the disk but the working folder.
QString absolute_path(const QString& text);

} // namespace limbeck
