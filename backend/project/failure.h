// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "backend/types/error.h"

/// Inside this room errors travel as an exception, since nearly every line of the store can fail; attempt()
/// turns them into values at the room's border, so that none crosses it.
namespace limbeck {

class Failure : public std::exception {
  public:
    explicit Failure(Error error) : error_(std::move(error)) {}

    const Error& error() const { return error_; }

    const char* what() const noexcept override { return error_.message.c_str(); }

  private:
    Error error_;
};

[[noreturn]] inline void fail(ErrorKind kind, std::string message, std::string detail = {}) {
    throw Failure(Error{kind, std::move(message), {}, std::move(detail)});
}

/// SQLite found that the file's pages are not as it wrote them.
class DamagedFile : public Failure {
  public:
    using Failure::Failure;
};

/// Runs `work` and gives what it returns, or the error that it threw. `doing` begins the message of errors
/// that are not ours ("reading weights").
template <class Work>
auto attempt(const char* doing, Work&& work) -> Result<std::invoke_result_t<Work>> {
    try {
        if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
            work();
            return {};
        } else {
            return work();
        }
    } catch (const Failure& failure_thrown) {
        return tl::unexpected<Error>(failure_thrown.error());
    } catch (const std::filesystem::filesystem_error& problem) {
        return failure(ErrorKind::document,
                       std::string("A file could not be reached while ") + doing + ": \"" +
                           problem.path1().string() + "\": " + problem.code().message() + ".",
                       {}, problem.what());
    } catch (const std::bad_alloc&) {
        return failure(ErrorKind::memory, std::string("Out of memory while ") + doing +
                                              ". Close other programs or use a smaller network.");
    } catch (const std::exception& other) {
        return failure(ErrorKind::internal,
                       std::string("Something unforeseen went wrong while ") + doing + ".", {}, other.what());
    }
}

/// The value, or its error thrown on within the room.
template <class T>
T value_or_throw(Result<T> result) {
    if (!result) throw Failure(std::move(result.error()));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

} // namespace limbeck
