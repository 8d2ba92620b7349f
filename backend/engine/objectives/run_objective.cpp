// SPDX-License-Identifier: GPL-3.0-or-later
// One objective on tensors from a file, so that anyone can hold it against their own.
#include <charconv>

#include <torch/torch.h>

#include "backend/engine/guard.h"
#include "backend/engine/objectives/objective.h"
#include "backend/engine/tensors.h"

namespace limbeck {

namespace {

tl::unexpected<Error> wrong(std::string message) {
    return failure(ErrorKind::usage, std::move(message));
}

Result<double> parse_option(const std::string& key, const std::string& text) {
    if (text == "true") return 1;
    if (text == "false") return 0;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return wrong("The option " + key + " is a number, true or false; found \"" + text + "\".");
    return value;
}

Result<TermSettings> parse_options(const Term& term, const std::map<std::string, std::string>& options) {
    std::map<std::string, double> values;
    for (const auto& [key, text] : options) {
        const auto value = parse_option(key, text);
        if (!value) return tl::unexpected<Error>(value.error());
        values[key] = *value;
    }
    return term_settings(term, values);
}

Result<torch::Tensor> read(std::string_view id, const TensorMap& inputs, const std::string& name) {
    const auto found = inputs.tensors.find(name);
    if (found == inputs.tensors.end())
        return wrong("The objective " + std::string(id) + " needs \"" + name + "\"; the file has none.");
    auto tensor = to_tensor(found->second);
    if (!tensor) tensor.error().message = "\"" + name + "\": " + tensor.error().message;
    return tensor;
}

Result<TermInputs> read_inputs(const Term& term, const TensorMap& inputs) {
    TermInputs in;
    const auto student = read(term.id, inputs, "student_logits");
    if (!student) return tl::unexpected<Error>(student.error());
    const auto teacher = read(term.id, inputs, "teacher_logits");
    if (!teacher) return tl::unexpected<Error>(teacher.error());
    if (student->dim() != 2 || student->numel() == 0 || !student->is_floating_point())
        return wrong("\"student_logits\" must be real numbers [B, C]; it is " + shape_text(student->sizes()) +
                     " of " + to_string(student->scalar_type()) + ".");
    if (teacher->sizes() != student->sizes() || !teacher->is_floating_point())
        return wrong("\"teacher_logits\" must be real numbers of the student's shape " +
                     shape_text(student->sizes()) + "; it is " + shape_text(teacher->sizes()) + " of " +
                     to_string(teacher->scalar_type()) + ".");
    in.student_logits = student->clone().requires_grad_();
    in.teacher_logits = teacher->to(student->scalar_type());
    if (!term.needs_labels && !inputs.tensors.contains("labels")) return in;

    const auto labels = read(term.id, inputs, "labels");
    if (!labels) return tl::unexpected<Error>(labels.error());
    const std::int64_t batch = student->size(0), classes = student->size(1);
    if (labels->dim() != 1 || labels->size(0) != batch || labels->scalar_type() != torch::kInt64)
        return wrong("\"labels\" must be int64 [" + std::to_string(batch) + "]; it is " +
                     shape_text(labels->sizes()) + " of " + to_string(labels->scalar_type()) + ".");
    if (labels->min().item<std::int64_t>() < 0 || labels->max().item<std::int64_t>() >= classes)
        return wrong("\"labels\" must lie in 0 to " + std::to_string(classes - 1) + "; found " +
                     std::to_string(labels->min().item<std::int64_t>()) + " to " +
                     std::to_string(labels->max().item<std::int64_t>()) + ".");
    in.labels = *labels;
    return in;
}

} // namespace

Result<TensorMap> run_objective(std::string_view id, const TensorMap& inputs,
                                const std::map<std::string, std::string>& options) {
    return guarded("computing " + std::string(id), [&]() -> Result<TensorMap> {
        const Term* term = find_term(id);
        if (!term) {
            std::string known;
            for (const std::string& name : objective_ids())
                known += (known.empty() ? "" : ", ") + name;
            return wrong("There is no objective \"" + std::string(id) + "\"; known are " + known + ".");
        }
        const auto settings = parse_options(*term, options);
        if (!settings) return tl::unexpected<Error>(settings.error());
        const auto in = read_inputs(*term, inputs);
        if (!in) return tl::unexpected<Error>(in.error());

        const torch::Tensor value = term->value(*in, *settings);
        const torch::Tensor gradient = torch::autograd::grad({value}, {in->student_logits}).at(0);
        auto value_data = to_data(value.reshape({1}));
        auto gradient_data = to_data(gradient);
        if (!value_data) return tl::unexpected<Error>(std::move(value_data.error()));
        if (!gradient_data) return tl::unexpected<Error>(std::move(gradient_data.error()));
        TensorMap outputs;
        outputs.metadata["objective"] = std::string(id);
        outputs.tensors["value"] = std::move(*value_data);
        outputs.tensors["grad.student_logits"] = std::move(*gradient_data);
        return outputs;
    });
}

} // namespace limbeck
