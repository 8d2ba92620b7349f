// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backend/project/damage_notes.h"
#include "backend/project/value.h"

struct sqlite3;
struct sqlite3_stmt;

/// A small RAII class over SQLite's C API. Errors are thrown as Failure with the project's name and words for
/// what a person can do about it.
namespace limbeck {

class Database;

/// A prepared statement on loan from its database's cache; goes back there, reset, with the object.
class Statement {
  public:
    ~Statement();
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;

    Statement& bind(int index, const Value& value); ///< counted from 1
    Statement& bind_all(const Row& values);
    bool step(); ///< true: there is a row
    void run();  ///< for statements that give no rows
    Value column(int index) const;
    std::int64_t integer(int index) const;
    std::string text(int index) const;
    int columns() const;

  private:
    friend class Database;
    Statement(Database& database, std::string sql, sqlite3_stmt* statement);
    Database* database_;
    std::string sql_;
    sqlite3_stmt* statement_;
};

/// One connection. Extensions, views, triggers and memory maps are off; SQLite's defensive mode is on.
class Database {
  public:
    enum class Mode { create, write, view };
    /// `name` is how errors call the project. `alone`: nobody else may open the file until locking_mode is
    /// set to NORMAL (a log left on a network is then read without the memory that its machines do not
    /// share).
    Database(const std::filesystem::path& file, Mode mode, std::string name, bool alone = false);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void execute(const std::string& sql);
    Statement prepare(std::string sql);
    std::int64_t integer(const std::string& sql); ///< the first column of the first row
    std::string text(const std::string& sql);     ///< all rows' first columns, a line each

    bool in_transaction() const;
    void set_busy_timeout(int milliseconds);
    /// Whether the last one to close writes the log into the file; as by default, but not for viewers.
    void checkpoint_on_close(bool on);

    sqlite3* handle() const { return handle_; }

    const std::string& name() const { return name_; }

    [[noreturn]] void fail_with(int code) const;

    /// What was found not to be as it was written, at the opening.
    DamageNotes damage;

  private:
    friend class Statement;
    void harden();
    void close();

    sqlite3* handle_ = nullptr;
    std::string name_;
    std::multimap<std::string, sqlite3_stmt*> idle_;
};

/// What SQLite's result code means for a person, and what to do.
std::string sqlite_advice(int extended_code);

/// All reads until the end of the scope see one state, also while another process writes.
class ReadScope {
  public:
    explicit ReadScope(Database& database);
    ~ReadScope();
    ReadScope(const ReadScope&) = delete;
    ReadScope& operator=(const ReadScope&) = delete;

  private:
    Database* database_; ///< null inside of a transaction, which is one state already
};

/// A transaction, or a savepoint within one: undone unless committed.
class WriteScope {
  public:
    explicit WriteScope(Database& database);
    ~WriteScope();
    WriteScope(const WriteScope&) = delete;
    WriteScope& operator=(const WriteScope&) = delete;
    void commit();

  private:
    Database& database_;
    bool nested_;
    bool open_ = true;
};

} // namespace limbeck
