// SPDX-License-Identifier: GPL-3.0-or-later
// Training steps of Limbeck's engine for bench/python/compare.py: writes what both sides of a comparison
// train from, and trains on demand. bench/README.md says how it is used.
#include <cstdlib>
#include <iostream>
#include <map>

#include "backend/runner/session.h"
#include "backend/types/numbers.h"
#include "bench/steps/serve.h"
#include "bench/steps/work.h"

namespace limbeck::bench {

namespace {

constexpr const char* usage =
    "bench_steps pairs\n"
    "bench_steps export --pair NAME --out FOLDER [--batch 64] [--steps 200] [--device cpu|cuda:N]\n"
    "bench_steps serve --work FOLDER [--precision float32|bfloat16] [--cache off|float32|half|auto]\n"
    "                  [--device cpu|cuda:N] [--augment on|off] [--graph on|off]\n";

using Options = std::map<std::string, std::string>;

tl::unexpected<Error> wrong_use(const std::string& message) {
    return failure(ErrorKind::usage, message + "\n" + usage);
}

/// "--name value" each; `options` holds the names with their defaults, an empty one must be given.
Result<Options> parse(int count, char** words, Options options) {
    for (int i = 0; i < count; i += 2) {
        const auto option = options.find(words[i]);
        if (option == options.end() || i + 1 == count)
            return wrong_use("\"" + std::string(words[i]) + "\" is no option here, or has no value.");
        option->second = words[i + 1];
    }
    for (const auto& [name, value] : options)
        if (value.empty()) return wrong_use(name + " must be given.");
    return options;
}

Result<void> export_work(int count, char** words) {
    const auto options =
        parse(count, words,
              {{"--pair", ""}, {"--out", ""}, {"--batch", "64"}, {"--steps", "200"}, {"--device", "cpu"}});
    if (!options) return tl::unexpected(options.error());
    const auto batch = parse_integer(options->at("--batch")), steps = parse_integer(options->at("--steps"));
    if (!batch || !steps || *steps < 1) return wrong_use("--batch and --steps are whole numbers from 1 on.");
    const auto pair = find_pair(options->at("--pair"));
    if (!pair) return tl::unexpected(pair.error());
    const auto engine = engine_loader()();
    if (!engine) return tl::unexpected(engine.error());
    const auto work = make_work(**engine, *pair, *batch, options->at("--device"));
    if (!work) return tl::unexpected(work.error());
    return write_work(*work, *steps, options->at("--out"));
}

Result<void> serve_work(int count, char** words) {
    const auto options = parse(count, words,
                               {{"--work", ""},
                                {"--precision", "float32"},
                                {"--cache", "off"},
                                {"--device", "cpu"},
                                {"--augment", "off"},
                                {"--graph", "on"}});
    if (!options) return tl::unexpected(options.error());
    const auto augment = parse_boolean(options->at("--augment"));
    const auto graph = parse_boolean(options->at("--graph"));
    if (!augment || !graph) return wrong_use("--augment and --graph are on or off.");
    // Read where a job is prepared, long after this.
    if (!*graph) setenv("LIMBECK_GRAPH", "off", /*overwrite=*/1);
    const auto engine = engine_loader()();
    if (!engine) return tl::unexpected(engine.error());
    return serve(**engine, {options->at("--work"), options->at("--precision"), options->at("--cache"),
                            options->at("--device"), *augment});
}

Result<void> run(int count, char** words) {
    const std::string command = count > 1 ? words[1] : "";
    if (command == "export") return export_work(count - 2, words + 2);
    if (command == "serve") return serve_work(count - 2, words + 2);
    if (command != "pairs") return wrong_use("There is no command \"" + command + "\".");
    for (const Pair& pair : all_pairs())
        std::cout << pair.name << '\n';
    return {};
}

} // namespace

} // namespace limbeck::bench

int main(int count, char** words) {
    limbeck::prepare_process();
    const auto done = limbeck::bench::run(count, words);
    if (done) return 0;
    std::cerr << done.error().message << '\n';
    return done.error().kind == limbeck::ErrorKind::usage ? 2 : 1;
}
