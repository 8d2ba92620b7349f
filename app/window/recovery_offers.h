// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QThreadPool>
#include <optional>
#include <vector>

#include "app/recovery/recovery_folder.h"

namespace limbeck {

class Document;
class FileActions;
class MessageBar;
class RecoveryWriter;

/// What programs that ended without a word left behind: edits that were not saved, and experiments that never
/// got a name. Each is offered in the message bar, to restore or to discard; closing the offer keeps it for
/// the next start.
class RecoveryOffers : public QObject {
    Q_OBJECT

  public:
    RecoveryOffers(QWidget& window, Document& document, RecoveryWriter& writer, FileActions& files,
                   MessageBar& messages);

    /// Looks on a thread of its own, then offers what it found.
    void look();

  signals:
    /// Everything that was found is in the message bar.
    void looked(int found);

  private:
    struct Left {
        QString folder; ///< the project's
        QDateTime when;
        bool untitled = false, hasRuns = false;
        bool present = true;                 ///< the project is where it was
        std::optional<ExperimentConfig> now; ///< what it holds by now, where that can be read
        std::optional<RecoveryFolder::Left> edits;
    };

    struct Found {
        std::vector<Left> left;
        QStringList damaged;
    };

    static Found gather(const RecoveryFolder& folder, const class Scratch& scratch);
    void offer(const Left& left);
    void restore(const Left& left);
    void discard(const Left& left);
    void remove(const Left& left);
    QString told(const Left& left) const;

    QWidget& window_;
    Document& document_;
    RecoveryWriter& writer_;
    FileActions& files_;
    MessageBar& messages_;
    QThreadPool pool_;
};

} // namespace limbeck
