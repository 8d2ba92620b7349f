// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/run.h"

#include <array>
#include <utility>

namespace limbeck {

namespace {

using namespace std::string_view_literals;

constexpr std::array roles{
    std::pair{Role::teacher, "teacher"sv},
    std::pair{Role::baseline, "baseline"sv},
    std::pair{Role::assistant, "assistant"sv},
    std::pair{Role::student, "student"sv},
};

constexpr std::array states{
    std::pair{RunState::queued, "queued"sv},           std::pair{RunState::running, "running"sv},
    std::pair{RunState::paused, "paused"sv},           std::pair{RunState::finished, "finished"sv},
    std::pair{RunState::stopped, "stopped"sv},         std::pair{RunState::failed, "failed"sv},
    std::pair{RunState::interrupted, "interrupted"sv},
};

template <class Table, class Value>
std::string_view text_of(const Table& table, Value value) {
    for (const auto& [candidate, text] : table)
        if (candidate == value) return text;
    return "unknown";
}

template <class Value, class Table>
std::optional<Value> value_of(const Table& table, std::string_view text) {
    for (const auto& [value, candidate] : table)
        if (candidate == text) return value;
    return std::nullopt;
}

} // namespace

std::string_view to_string(Role role) {
    return text_of(roles, role);
}

std::optional<Role> parse_role(std::string_view text) {
    return value_of<Role>(roles, text);
}

bool is_taught(Role role) {
    return role == Role::assistant || role == Role::student;
}

std::string_view to_string(RunState state) {
    return text_of(states, state);
}

std::optional<RunState> parse_run_state(std::string_view text) {
    return value_of<RunState>(states, text);
}

bool is_unfinished(RunState state) {
    return state == RunState::queued || state == RunState::stopped || state == RunState::failed ||
           state == RunState::interrupted;
}

} // namespace limbeck
