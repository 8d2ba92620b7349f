// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/sqlite.h"

#include <cerrno>
#include <sqlite3.h>
#include <utility>

#include "backend/project/failure.h"
#include "backend/project/file_io.h"

namespace limbeck {
namespace {

constexpr const char* damaged_advice =
    "is damaged: parts of its file are not as SQLite wrote them. Open it for viewing, or let "
    "limbeck-cli check --repair save what reads whole.";

/// A header of which SQLite makes nothing and a file that ends too early count as damage: what is opened here
/// had a project's header.
bool tells_of_damage(int code, const std::string& words) {
    const int kind = code & 0xFF;
    return kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB || code == SQLITE_IOERR_SHORT_READ ||
           (kind == SQLITE_ERROR && (words.find("unsupported file format") != std::string::npos ||
                                     words.find("malformed") != std::string::npos));
}

} // namespace

// ---- Statement
// ------------------------------------------------------------------------------------------------

Statement::Statement(Database& database, std::string sql, sqlite3_stmt* statement)
    : database_(&database), sql_(std::move(sql)), statement_(statement) {}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_)
    , sql_(std::move(other.sql_))
    , statement_(std::exchange(other.statement_, nullptr)) {}

Statement::~Statement() {
    if (!statement_) return;
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    database_->idle_.emplace(std::move(sql_), statement_);
}

Statement& Statement::bind(int index, const Value& value) {
    int code = SQLITE_OK;
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        code = sqlite3_bind_int64(statement_, index, *integer);
    } else if (const auto* real = std::get_if<double>(&value)) {
        code = sqlite3_bind_double(statement_, index, *real);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        code =
            sqlite3_bind_text64(statement_, index, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    } else if (const auto* blob = std::get_if<Blob>(&value)) {
        // A null pointer would bind NULL instead of no bytes.
        code = blob->empty()
                   ? sqlite3_bind_zeroblob(statement_, index, 0)
                   : sqlite3_bind_blob64(statement_, index, blob->data(), blob->size(), SQLITE_TRANSIENT);
    } else {
        code = sqlite3_bind_null(statement_, index);
    }
    if (code != SQLITE_OK) database_->fail_with(code);
    return *this;
}

Statement& Statement::bind_all(const Row& values) {
    int index = 0;
    for (const Value& value : values)
        bind(++index, value);
    return *this;
}

bool Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) database_->fail_with(sqlite3_extended_errcode(database_->handle_));
    return false;
}

void Statement::run() {
    while (step()) {
    }
}

Value Statement::column(int index) const {
    switch (sqlite3_column_type(statement_, index)) {
    case SQLITE_INTEGER:
        return static_cast<std::int64_t>(sqlite3_column_int64(statement_, index));
    case SQLITE_FLOAT:
        return sqlite3_column_double(statement_, index);
    case SQLITE_TEXT:
        return text(index);
    case SQLITE_BLOB: {
        const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement_, index));
        const int size = sqlite3_column_bytes(statement_, index);
        if (!bytes && size > 0) throw std::bad_alloc();
        return bytes ? Blob(bytes, bytes + size) : Blob();
    }
    default:
        return std::monostate{};
    }
}

std::int64_t Statement::integer(int index) const {
    return sqlite3_column_int64(statement_, index);
}

std::string Statement::text(int index) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, index));
    const int size = sqlite3_column_bytes(statement_, index);
    if (!bytes) {
        // SQLite gives no text for NULL, and none when it has no memory for it.
        if (sqlite3_column_type(statement_, index) != SQLITE_NULL) throw std::bad_alloc();
        return {};
    }
    return std::string(bytes, static_cast<std::size_t>(size));
}

int Statement::columns() const {
    return sqlite3_column_count(statement_);
}

// ---- Database
// -------------------------------------------------------------------------------------------------

Database::Database(const std::filesystem::path& file, Mode mode, std::string name, bool alone)
    : name_(std::move(name)) {
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= mode == Mode::view ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (mode == Mode::create) flags |= SQLITE_OPEN_CREATE;
    // An absolute path: SQLite then takes it byte by byte and never as a "file:" URI or ":memory:".
    const std::filesystem::path absolute = std::filesystem::absolute(file);
    const int code = sqlite3_open_v2(absolute.c_str(), &handle_, flags, nullptr);
    try {
        if (code != SQLITE_OK) fail_with(code);
        if (alone) execute("PRAGMA locking_mode=EXCLUSIVE"); // before anything is read
        harden();
        // A viewer of a project left by a dead writer must not write that one's log into the file.
        if (mode == Mode::view) checkpoint_on_close(false);
    } catch (...) {
        close();
        throw;
    }
}

Database::~Database() {
    close();
}

void Database::close() {
    for (const auto& [sql, statement] : idle_)
        sqlite3_finalize(statement);
    idle_.clear();
    sqlite3_close_v2(handle_);
    handle_ = nullptr;
}

void Database::harden() {
    // A project may come from a stranger: nothing in the file is ever run.
    constexpr std::pair<int, int> settings[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},        {SQLITE_DBCONFIG_DQS_DDL, 0},
    };
    for (const auto& [setting, value] : settings)
        sqlite3_db_config(handle_, setting, value, nullptr);
    set_busy_timeout(5000);
    execute(
        "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA synchronous=FULL;"
        "PRAGMA temp_store=MEMORY; "
        // A log of half a megabyte, not of four: it takes room beside the file, also on a disk that is nearly
        // full.
        "PRAGMA wal_autocheckpoint=128");
}

void Database::execute(const std::string& sql) {
    const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail_with(code);
}

Statement Database::prepare(std::string sql) {
    if (auto idle = idle_.extract(sql)) return Statement(*this, std::move(idle.key()), idle.mapped());
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) fail_with(code);
    return Statement(*this, std::move(sql), statement);
}

std::int64_t Database::integer(const std::string& sql) {
    Statement statement = prepare(sql);
    return statement.step() ? statement.integer(0) : 0;
}

std::string Database::text(const std::string& sql) {
    std::string lines;
    for (Statement statement = prepare(sql); statement.step();)
        lines += (lines.empty() ? "" : "\n") + statement.text(0);
    return lines;
}

bool Database::in_transaction() const {
    return sqlite3_get_autocommit(handle_) == 0;
}

void Database::set_busy_timeout(int milliseconds) {
    sqlite3_busy_timeout(handle_, milliseconds);
}

void Database::checkpoint_on_close(bool on) {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 0 : 1, nullptr);
}

void Database::fail_with(int code) const {
    if ((code & 0xFF) == SQLITE_NOMEM) throw std::bad_alloc();
    std::string detail = std::string("SQLite: ") +
                         (handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code)) + " (code " +
                         std::to_string(code) + ")";
    const int error_number = handle_ ? sqlite3_system_errno(handle_) : 0;
    if (error_number != 0) detail += ", " + system_text(error_number);
    std::string advice = sqlite_advice(code);
    // To SQLite these are errors of the disk; a person can do something about them.
    if ((code & 0xFF) == SQLITE_IOERR && error_number == EDQUOT)
        advice = "could not be written: your share of the disk is used up. Make room and try again.";
    if ((code & 0xFF) == SQLITE_IOERR && error_number == EFBIG)
        advice = "could not be written: a limit on the size of files is reached. Raise it (ulimit -f) and "
                 "try again.";
    Error error{ErrorKind::document, "The project " + name_ + " " + advice, {}, detail};
    if (tells_of_damage(code, detail)) throw DamagedFile(std::move(error));
    throw Failure(std::move(error));
}

std::string sqlite_advice(int extended_code) {
    switch (extended_code & 0xFF) {
    case SQLITE_FULL:
        return "could not be written: the disk is full. Make room on it and try again.";
    case SQLITE_CORRUPT:
        return damaged_advice;
    case SQLITE_NOTADB:
        return "cannot be opened: project.limbeck is not a database of SQLite.";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "is busy: another program holds its file. Try again when that one has finished.";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return "cannot be written: it is read-only. Change its permissions, or save it under another name.";
    case SQLITE_CANTOPEN:
        return "cannot be opened: its file cannot be reached. Check that it is still there, that you may "
               "read it "
               "and that its path is shorter than 500 bytes.";
    case SQLITE_IOERR:
        return "could not be read or written: the disk reports an error.";
    default:
        return "could not be read or written.";
    }
}

// ---- scopes
// ---------------------------------------------------------------------------------------------------

ReadScope::ReadScope(Database& database) : database_(database.in_transaction() ? nullptr : &database) {
    if (database_) database_->prepare("BEGIN").run();
}

ReadScope::~ReadScope() {
    // Nothing was written, so how it ends makes no difference; SQLite may have ended it after an I/O error.
    if (database_ && database_->in_transaction())
        sqlite3_exec(database_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

WriteScope::WriteScope(Database& database) : database_(database), nested_(database.in_transaction()) {
    database_.prepare(nested_ ? "SAVEPOINT part" : "BEGIN IMMEDIATE").run();
}

WriteScope::~WriteScope() {
    // After a full disk or an I/O error SQLite has undone the whole transaction by itself.
    if (open_ && database_.in_transaction())
        sqlite3_exec(database_.handle(), nested_ ? "ROLLBACK TO part; RELEASE part" : "ROLLBACK", nullptr,
                     nullptr, nullptr);
}

void WriteScope::commit() {
    if (!database_.in_transaction())
        fail(ErrorKind::document, "The project " + database_.name() +
                                      " could not be written: an error before undid " +
                                      "all that was to be saved together.");
    database_.prepare(nested_ ? "RELEASE part" : "COMMIT").run();
    open_ = false;
}

} // namespace limbeck
