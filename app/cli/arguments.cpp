// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/arguments.h"

#include <algorithm>

#include "backend/types/nearest.h"

namespace limbeck::cli {

namespace {

tl::unexpected<Error> wrong(std::string message) {
    return failure(ErrorKind::usage, std::move(message));
}

std::string unknown_option(std::string_view name, std::span<const Option> options) {
    std::vector<std::string_view> names;
    for (const Option& option : options)
        names.push_back(option.name);
    names.push_back("--help");
    return "There is no option " + in_quotes(name) + "; the nearest is " +
           std::string(nearest_name(name, names)) + ".";
}

} // namespace

std::optional<std::string> Arguments::value(std::string_view option) const {
    const auto found = values_.find(option);
    if (found == values_.end() || found->second.empty()) return std::nullopt;
    return found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view option) const {
    const auto found = values_.find(option);
    return found == values_.end() ? std::vector<std::string>{} : found->second;
}

Result<Arguments> parse_arguments(std::span<const std::string> words, std::span<const Option> options,
                                  std::span<const std::string_view> positional) {
    Arguments arguments;
    bool options_ended = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (options_ended || word.size() < 2 || word[0] != '-') {
            arguments.positional.push_back(word);
            continue;
        }
        if (word == "--") {
            options_ended = true;
            continue;
        }
        const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
        const std::string name = word.substr(0, equals);
        if (name == "--help" || name == "-h") {
            arguments.values_["--help"];
            return arguments;
        }
        const auto option = std::find_if(options.begin(), options.end(),
                                         [&](const Option& each) { return each.name == name; });
        if (option == options.end()) return wrong(unknown_option(name, options));
        auto& values = arguments.values_[name];
        if (option->value.empty()) {
            if (equals != std::string::npos)
                return wrong("The option " + name + " takes no value; found " + in_quotes(word) + ".");
            continue;
        }
        if (!values.empty() && !option->repeated) return wrong("The option " + name + " is given twice.");
        if (equals != std::string::npos) {
            values.push_back(word.substr(equals + 1));
        } else if (i + 1 < words.size()) {
            values.push_back(words[++i]);
        } else {
            return wrong("The option " + name + " is followed by no value; " + name + " " +
                         std::string(option->value) + " is right.");
        }
    }
    if (arguments.positional.size() < positional.size())
        return wrong(std::string(positional[arguments.positional.size()]) + " is missing.");
    if (arguments.positional.size() > positional.size())
        return wrong("The argument " + in_quotes(arguments.positional[positional.size()]) +
                     " is one too many.");
    return arguments;
}

} // namespace limbeck::cli
