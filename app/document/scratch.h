// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

/// Where untitled projects live until they are given a name.
namespace limbeck {

class Scratch {
  public:
    /// `root` is made when first needed.
    explicit Scratch(QString root);

    /// $XDG_DATA_HOME/limbeck/untitled.
    static QString standardRoot();

    /// A fresh path for an untitled project; nothing is made there.
    QString newFolder() const;
    bool contains(const QString& folder) const;
    /// Removes an untitled project; refuses anything outside of the root.
    bool remove(const QString& folder) const;
    /// Untitled projects of programs that ended without saving or discarding them, newest first.
    /// Those that a running program holds are left out.
    QStringList leftovers() const;

  private:
    QString root_;
};

} // namespace limbeck
