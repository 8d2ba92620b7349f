// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/fields.h"

#include <algorithm>
#include <limits>

#include "backend/types/check_specs.h"
#include "backend/types/field_table.h"
#include "backend/types/nearest.h"
#include "backend/types/numbers.h"

namespace limbeck {

namespace {

std::string_view last_part(std::string_view key) {
    const std::size_t dot = key.rfind('.');
    return dot == std::string_view::npos ? key : key.substr(dot + 1);
}

Result<FieldValue> parse_value(const Field& field, std::string_view text) {
    const auto wrong = [&](const std::string& right) {
        return failure(ErrorKind::configuration, "found " + in_quotes(text) + "; " + right + " is right.");
    };
    const std::string range = "from " + number_text(field.minimum) + " to " + number_text(field.maximum);
    switch (field.kind) {
    case FieldKind::boolean:
        if (const auto value = parse_boolean(text)) return FieldValue(*value);
        return wrong("true or false");
    case FieldKind::integer:
        if (const auto value = parse_integer(text)) return FieldValue(*value);
        return wrong("a whole number " + range);
    case FieldKind::real:
        if (const auto value = parse_real(text)) return FieldValue(*value);
        return wrong("a number " + range);
    case FieldKind::choice:
    case FieldKind::dataset:
    case FieldKind::network:
    case FieldKind::networks:
    case FieldKind::terms:
    case FieldKind::options:
        break;
    }
    return FieldValue(std::string(text));
}

} // namespace

std::span<const Field> fields() {
    static const std::vector<Field> table = make_field_table();
    return table;
}

const Field* find_field(std::string_view key) {
    const auto all = fields();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Field& field) { return field.key == key; });
    return found == all.end() ? nullptr : &*found;
}

std::string_view nearest_key(std::string_view key) {
    // Somebody who leaves out the section, or takes another one, means the name after the last dot:
    // a right name in a wrong section is nearer than another name in the right one.
    std::string_view best;
    std::size_t best_distance = std::numeric_limits<std::size_t>::max();
    for (const Field& field : fields()) {
        const std::size_t whole = 2 * edit_distance(key, field.key);
        const std::size_t by_name = 2 * edit_distance(last_part(key), last_part(field.key)) + 1 +
                                    (field.key.starts_with("teacher.training.") ? 1 : 0);
        const std::size_t distance = std::min(whole, by_name);
        if (distance < best_distance) best = field.key, best_distance = distance;
    }
    return best;
}

Result<void> set_field(ExperimentConfig& config, std::string_view key, std::string_view text) {
    const Field* field = find_field(key);
    if (!field)
        return failure(ErrorKind::configuration, "There is no setting " + in_quotes(key) +
                                                     "; the nearest is " + std::string(nearest_key(key)) +
                                                     ".");
    const auto named = [&](const Error& error) {
        return failure(ErrorKind::configuration, std::string(key) + ": " + error.message, std::string(key),
                       error.detail);
    };
    const auto value = parse_value(*field, text);
    if (!value) return named(value.error());
    ExperimentConfig changed = config;
    if (auto set = field->set(changed, *value); !set) return named(set.error());
    if (const std::string reason = field_problem(*field, changed); !reason.empty())
        return failure(ErrorKind::configuration, std::string(key) + ": " + reason, std::string(key));
    config = std::move(changed);
    return {};
}

std::string field_text(const ExperimentConfig& config, std::string_view key) {
    const Field* field = find_field(key);
    if (!field) return {};
    const FieldValue value = field->get(config);
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
    if (const auto* real = std::get_if<double>(&value)) return number_text(*real);
    return std::get<std::string>(value);
}

std::vector<Difference> differences(const ExperimentConfig& from, const ExperimentConfig& to) {
    std::vector<Difference> found;
    for (const Field& field : fields())
        if (field.get(from) != field.get(to))
            found.push_back({std::string(field.key), field_text(from, field.key), field_text(to, field.key)});
    return found;
}

} // namespace limbeck
