// SPDX-License-Identifier: GPL-3.0-or-later
// One objective on tensors from a file, so that anyone can hold it against their own.
#include <charconv>

#include <torch/torch.h>

#include "backend/engine/guard.h"
#include "backend/engine/objectives/objective.h"
#include "backend/engine/tensor_files.h"
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

Result<TermOptions> parse_options(const std::map<std::string, std::string>& options) {
    TermOptions values;
    for (const auto& [key, text] : options) {
        const auto value = parse_option(key, text);
        if (!value) return tl::unexpected<Error>(value.error());
        values[key] = *value;
    }
    return values;
}

Result<torch::Tensor> read(std::string_view id, const TensorMap& inputs, const std::string& name) {
    const auto found = inputs.tensors.find(name);
    if (found == inputs.tensors.end())
        return wrong("The objective " + std::string(id) + " needs \"" + name + "\"; the file has none.");
    auto tensor = to_tensor(found->second);
    if (!tensor) tensor.error().message = "\"" + name + "\": " + tensor.error().message;
    return tensor;
}

/// Everything that an objective may read, from tensors of a file.
class Inputs {
  public:
    Inputs(const ObjectiveEntry& entry, const TensorMap& file) : entry_(entry), file_(file) {}

    Result<void> read_all() {
        if (entry_.group == ObjectiveGroup::answers) {
            if (auto done = read_logits(); !done) return done;
        } else if (auto done = read_features(); !done) {
            return done;
        }
        if (entry_.batch_dependent && batch_ < 2)
            return wrong("The objective " + std::string(entry_.id) +
                         " compares samples with each other and needs "
                         "at least two samples; found " +
                         std::to_string(batch_) + ".");
        // The file is the whole data set: what remembers samples knows them by their rows.
        context.samples = batch_;
        terms.sample_ids = torch::arange(batch_, torch::kInt64);
        if (entry_.needs_labels || file_.tensors.contains("labels")) return read_labels();
        return {};
    }

    TermInputs terms;
    TermContext context;
    std::vector<std::pair<std::string, torch::Tensor>> leaves; ///< what gradients are asked for

  private:
    Result<void> read_logits() {
        const auto student = read(entry_.id, file_, "student_logits");
        if (!student) return tl::unexpected<Error>(student.error());
        const auto teacher = read(entry_.id, file_, "teacher_logits");
        if (!teacher) return tl::unexpected<Error>(teacher.error());
        if (student->dim() != 2 || student->numel() == 0 || !student->is_floating_point())
            return wrong("\"student_logits\" must be real numbers [B, C]; it is " +
                         shape_text(student->sizes()) + " of " + to_string(student->scalar_type()) + ".");
        if (teacher->sizes() != student->sizes() || !teacher->is_floating_point())
            return wrong("\"teacher_logits\" must be real numbers of the student's shape " +
                         shape_text(student->sizes()) + "; it is " + shape_text(teacher->sizes()) + " of " +
                         to_string(teacher->scalar_type()) + ".");
        terms.student_logits = leaf("student_logits", *student);
        terms.teacher_logits = teacher->to(student->scalar_type());
        context.classes = student->size(1);
        batch_ = student->size(0);
        return {};
    }

    Result<void> read_features() {
        for (int i = 0;; ++i) {
            const std::string number = std::to_string(i);
            if (i > 0 && !file_.tensors.contains("student_feature." + number)) break;
            const auto student = read(entry_.id, file_, "student_feature." + number);
            if (!student) return tl::unexpected<Error>(student.error());
            const auto teacher = read(entry_.id, file_, "teacher_feature." + number);
            if (!teacher) return tl::unexpected<Error>(teacher.error());
            for (const auto& [name, tensor] :
                 {std::pair{"student_feature.", &*student}, {"teacher_feature.", &*teacher}}) {
                const bool fits = (tensor->dim() == 2 || tensor->dim() == 4) && tensor->numel() > 0 &&
                                  tensor->is_floating_point() && tensor->size(0) == student->size(0) &&
                                  (i == 0 || tensor->size(0) == batch_);
                if (!fits)
                    return wrong(
                        "\"" + std::string(name) + number +
                        "\" must be real numbers [B, C, H, W] or [B, D] with the B of all others; it is " +
                        shape_text(tensor->sizes()) + " of " + to_string(tensor->scalar_type()) + ".");
            }
            batch_ = student->size(0);
            terms.student_features.push_back(leaf("student_feature." + number, *student));
            terms.teacher_features.push_back(teacher->to(student->scalar_type()));
            context.student_shapes.push_back(student->sizes().slice(1).vec());
            context.teacher_shapes.push_back(teacher->sizes().slice(1).vec());
        }
        return {};
    }

    Result<void> read_labels() {
        const auto labels = read(entry_.id, file_, "labels");
        if (!labels) return tl::unexpected<Error>(labels.error());
        if (labels->dim() != 1 || labels->size(0) != batch_ || labels->scalar_type() != torch::kInt64)
            return wrong("\"labels\" must be int64 [" + std::to_string(batch_) + "]; it is " +
                         shape_text(labels->sizes()) + " of " + to_string(labels->scalar_type()) + ".");
        const auto lowest = labels->min().item<std::int64_t>(), highest = labels->max().item<std::int64_t>();
        const bool bounded = context.classes == 0 || highest < context.classes;
        if (lowest < 0 || !bounded)
            return wrong("\"labels\" must lie in 0 to " + std::to_string(context.classes - 1) + "; found " +
                         std::to_string(lowest) + " to " + std::to_string(highest) + ".");
        terms.labels = *labels;
        context.labels = *labels;
        return {};
    }

    torch::Tensor leaf(const std::string& name, const torch::Tensor& tensor) {
        leaves.emplace_back(name, tensor.clone().requires_grad_());
        return leaves.back().second;
    }

    const ObjectiveEntry& entry_;
    const TensorMap& file_;
    std::int64_t batch_ = 0;
};

/// Lays `param.*` of the file over the term's own parameters; those that the file does not name stay as
/// drawn.
Result<void> load_parameters(Objective& objective, const TensorMap& file) {
    const torch::NoGradGuard no_grad;
    auto own = objective.named_parameters();
    constexpr std::string_view prefix = "param.";
    for (const auto& [name, data] : file.tensors) {
        if (!name.starts_with(prefix)) continue;
        torch::Tensor* target = own.find(name.substr(prefix.size()));
        if (!target)
            return wrong("The objective " + std::string(objective.entry().id) + " has no parameter for \"" +
                         name + "\" of the file.");
        const auto value = to_tensor(data);
        if (!value) return tl::unexpected<Error>(value.error());
        if (value->sizes() != target->sizes())
            return wrong("\"" + name + "\" is " + shape_text(value->sizes()) + "; the objective " +
                         std::string(objective.entry().id) + " has " + shape_text(target->sizes()) +
                         " there.");
        target->copy_(*value);
    }
    return {};
}

} // namespace

Result<TensorMap> run_objective(std::string_view id, const TensorMap& file,
                                const std::map<std::string, std::string>& texts) {
    return guarded("computing " + std::string(id), [&]() -> Result<TensorMap> {
        const auto options = parse_options(texts);
        if (!options) return tl::unexpected<Error>(options.error());
        const ObjectiveEntry* entry = find_objective(id);
        if (!entry) return tl::unexpected<Error>(make_objective(id, {}, {}).error());
        Inputs in(*entry, file);
        if (auto done = in.read_all(); !done) return tl::unexpected<Error>(done.error());
        auto objective = make_objective(id, *options, in.context);
        if (!objective) return tl::unexpected<Error>(objective.error());
        convert(**objective, in.leaves.front().second.scalar_type());
        if (auto done = load_parameters(**objective, file); !done) return tl::unexpected<Error>(done.error());
        for (const auto& item : (*objective)->named_parameters())
            in.leaves.emplace_back("param." + item.key(), item.value());

        const torch::Tensor value = (*objective)->value(in.terms);
        std::vector<torch::Tensor> wanted;
        for (const auto& [name, tensor] : in.leaves)
            wanted.push_back(tensor);
        const auto gradients =
            torch::autograd::grad({value}, wanted, {}, /*retain_graph=*/{}, /*create_graph=*/false,
                                  /*allow_unused=*/true);
        TensorMap outputs;
        outputs.metadata["objective"] = std::string(id);
        Result<void> done = put(outputs, "value", value.reshape({1}));
        for (std::size_t i = 0; done && i < wanted.size(); ++i)
            done = put(outputs, "grad." + in.leaves[i].first,
                       gradients[i].defined() ? gradients[i] : torch::zeros_like(wanted[i]));
        if (!done) return tl::unexpected<Error>(std::move(done.error()));
        return outputs;
    });
}

} // namespace limbeck
