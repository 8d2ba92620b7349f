// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/sqlite.h"

#include "backend/project/failure.h"
#include "tests/backend/project/support.h"

namespace limbeck {
namespace {

TEST(ProjectDatabase, TrustsNothingInAFileWhateverItIsOpenedFor) {
    const TemporaryFolder folder;
    value_of(Project::create(folder / "p", {}));
    for (const auto mode : {Database::Mode::write, Database::Mode::view}) {
        Database database(folder / "p/project.limbeck", mode, "p");
        EXPECT_EQ(database.integer("PRAGMA trusted_schema"), 0);
        EXPECT_EQ(database.integer("PRAGMA cell_size_check"), 1);
        EXPECT_EQ(database.integer("PRAGMA mmap_size"), 0);
        EXPECT_EQ(database.integer("PRAGMA synchronous"), 2);
        // Defensive: the schema cannot be written, not even on purpose.
        database.execute("PRAGMA writable_schema=ON");
        EXPECT_THROW(database.execute("DELETE FROM sqlite_schema"), Failure);
    }
}

TEST(ProjectDatabase, RunsNoViewAndNoTriggerOfAFile) {
    const TemporaryFolder folder;
    value_of(Project::create(folder / "p", {}));
    run_sql(folder / "p",
            "CREATE VIEW v AS SELECT * FROM run; CREATE TRIGGER t AFTER INSERT ON setting BEGIN DELETE FROM "
            "setting; END");
    Database database(folder / "p/project.limbeck", Database::Mode::write, "p");
    EXPECT_THROW(database.integer("SELECT count(*) FROM v"), Failure);
    database.execute("INSERT INTO setting VALUES ('a', 'b', 1)");
    EXPECT_EQ(database.integer("SELECT count(*) FROM setting"), 3) << "the trigger would have emptied it";
}

} // namespace
} // namespace limbeck
