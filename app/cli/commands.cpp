// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"

#include <algorithm>

namespace limbeck::cli {

namespace {

constexpr Option json{"--json", "", "print one JSON object a line"};
constexpr Option set{"--set", "KEY=VALUE", "change a setting; may be repeated", true};
constexpr Option run_id{"--run", "ID", "number of the run, as show lists it"};

std::vector<Command> make_commands() {
    return {
        {"devices", {}, "List what LibTorch can train on", "", {json}, list_devices},
        {"datasets", {}, "List the data sets", "", {json}, list_datasets},
        {"models", {}, "List the networks", "", {json}, list_models},
        {"objectives",
         {},
         "List what a student can be trained to minimise",
         "",
         {{"--markdown", "", "print the whole catalogue as a page, as in docs/objectives.md"}, json},
         list_objectives},
        {"schemes", {}, "List who can learn from whom", "", {json}, list_schemes},
        {"samples", {}, "List the sample experiments", "", {json}, list_samples},
        {"new",
         {"PROJECT"},
         "Make a project",
         "PROJECT is a folder that does not exist yet or is empty. Settings that are not given keep their "
         "defaults, or "
         "those of the sample or file. Relative paths in --dataset, --teacher, --student and --set are "
         "relative to where "
         "you are; the project keeps them relative to itself.",
         {{"--sample", "NAME", "start from a sample experiment (see: limbeck-cli samples)"},
          {"--config", "FILE",
           "start from a configuration as show --config prints it; - reads the standard input"},
          {"--dataset", "SPEC",
           "glyphs, moons, spirals, circles, idx:FOLDER, cifar10:FOLDER, cifar100:FOLDER"},
          {"--teacher", "SPEC", "a network, e.g. resnet20 or resnet56:weights=FILE"},
          {"--student", "SPEC", "a network, e.g. mlp:hidden=64x64"},
          set,
          json},
         make_project},
        {"run",
         {"PROJECT"},
         "Train: the teacher if it has no weights yet, the student alone, the student",
         "distillation.scheme says which networks are trained and who teaches whom (see: limbeck-cli "
         "schemes). Ctrl-C stops after the current step and saves; resume goes on from there.",
         {{"--device", "DEVICE", "auto, cpu or cuda:N, for this run only"},
          {"--set", "KEY=VALUE", "change a setting for this run only; may be repeated", true},
          json},
         run_experiment},
        {"resume",
         {"PROJECT"},
         "Go on with a stopped, killed or failed run",
         "Without --run the last unfinished run. A finished run goes on only with a larger training.epochs.",
         {run_id, {"--set", "training.epochs=N", "train longer than was planned"}, json},
         resume_run},
        {"repeat",
         {"PROJECT"},
         "Train a run again with the same configuration and the same changes by hand",
         "On the CPU, with as many threads as it had, its numbers are the same to the bit.",
         {run_id, json},
         repeat_run},
        {"show",
         {"PROJECT"},
         "Show the configuration and the runs",
         "",
         {{"--config", "", "print the configuration alone, as new --config takes it"}, json},
         show_project},
        {"archive",
         {"PROJECT"},
         "Write a project into one file that can be sent",
         "The file is a zip. Also while the project is being trained: the archive holds it as it is now. "
         "Without "
         "weights its runs can be looked at but not resumed. Without data "
         "references the paths of data sets and weight files, which name folders of yours, are taken out of "
         "all "
         "configurations.",
         {{"-o", "FILE", "the archive to write, e.g. experiment.zip"},
          {"--without-weights", "", "leave the networks and the optimisers' states out"},
          {"--without-data-references", "", "leave the paths of data sets and weight files out"},
          json},
         archive_project},
        {"unpack",
         {"ARCHIVE"},
         "Make a project of an archive",
         "Every check sum is right before the folder is there; an archive that would write outside of it, or "
         "is not "
         "what it says, is refused.",
         {{"-o", "FOLDER", "a folder that does not exist yet or is empty"}, json},
         unpack_project},
        {"check",
         {"PROJECT"},
         "Check every byte of a project",
         "The CRC of each row, the size and SHA-256 of each file, and what was left behind. Exit code 1 if "
         "something "
         "is damaged. --repair builds a new database from all that reads whole, checks it and puts it in the "
         "place of "
         "the old one, which is kept under a dated name; no file is removed.",
         {{"--repair", "", "build a new database from what reads whole, and say what was lost"}, json},
         check_project},
        {"cache",
         {},
         "List the teachers' answers that are kept, or remove them",
         "Answers are kept for runs with the same teacher, data and views (setting teacher.cache), in "
         "${XDG_CACHE_HOME:-~/.cache}/limbeck/answers. They can be removed at any time: what is missing is "
         "asked for anew.",
         {{"--clear", "", "remove all that no run has open"}, json},
         kept_answers},
        {"export",
         {"PROJECT"},
         "Write a run's metrics or weights to a file",
         "csv holds all metrics, one point a line: series, step, mean, minimum, maximum. safetensors holds "
         "the weights "
         "with the network, input, classes and normalisation beside them.",
         {run_id,
          {"--format", "FORMAT", "csv or safetensors"},
          {"--weights", "WHICH",
           "last (default), best on validation or epoch-N, one that show lists as kept; safetensors only"},
          {"-o", "FILE", "the file to write; - is the standard output (csv only)"},
          json},
         export_run},
        {"objective",
         {"NAME"},
         "Value and gradients of an objective for given tensors",
         "Reads student_logits, teacher_logits, labels … and writes value and grad.*, in the precision of "
         "its input.",
         {{"--in", "FILE", "safetensors to read"},
          {"--out", "FILE", "safetensors to write"},
          {"--set", "OPTION=VALUE", "an option of the objective, e.g. temperature=2; may be repeated", true},
          json},
         evaluate_objective},
        {"forward",
         {"MODEL"},
         "Logits and features of a network for given inputs",
         "Reads input [B, …], writes logits, feature.N and preactivation.N, in evaluation mode.",
         {{"--weights", "FILE", "safetensors with the network's weights"},
          {"--in", "FILE", "safetensors to read"},
          {"--out", "FILE", "safetensors to write"},
          json},
         forward_network},
        {"weights",
         {"MODEL"},
         "Whether a file of weights fits a network, name by name",
         "Prints which tensors fit, which are missing, unexpected or of another shape; exit code 1 if not "
         "all fit. "
         "Input and classes are taken from the file where they are not given.",
         {{"--weights", "FILE", "safetensors to compare"},
          {"--input", "CxHxW", "what the network is fed with, e.g. 3x32x32"},
          {"--classes", "N", "number of classes"},
          json},
         compare_weights},
        {"cost",
         {"MODEL"},
         "What a network costs, layer by layer",
         "Parameters, bytes, multiply-adds and activations for one sample.",
         {{"--input", "CxHxW", "what the network is fed with, e.g. 3x32x32, or the length of a vector"},
          {"--classes", "N", "number of classes"},
          json},
         cost_by_layer},
    };
}

} // namespace

std::span<const Command> commands() {
    static const std::vector<Command> table = make_commands();
    return table;
}

const Command* find_command(std::string_view name) {
    const auto all = commands();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Command& each) { return each.name == name; });
    return found == all.end() ? nullptr : &*found;
}

int exit_code_of(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::usage:
    case ErrorKind::configuration:
        return exit_code::wrong_use;
    case ErrorKind::cancelled:
        return exit_code::cancelled;
    default:
        return exit_code::failed;
    }
}

} // namespace limbeck::cli
