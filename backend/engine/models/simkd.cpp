// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/models/simkd.h"

#include <algorithm>
#include <optional>

#include <torch/torch.h>

#include "backend/engine/global_generator.h"
#include "backend/engine/guard.h"
#include "backend/engine/tensors.h"

namespace limbeck {

namespace {

void push_convolution(torch::nn::Sequential& layers, std::int64_t in, std::int64_t out, std::int64_t side) {
    layers->push_back(
        torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, side).padding(side / 2).bias(false)));
    layers->push_back(torch::nn::BatchNorm2d(out));
    layers->push_back(torch::nn::ReLU());
}

/// A network in evaluation mode for as long as this lives: looking at its shapes moves no statistics.
class Probing {
  public:
    explicit Probing(Network& network) : network_(network) {
        for (const auto& module : network.modules())
            modes_.emplace_back(module, module->is_training());
        network.eval();
    }

    ~Probing() {
        for (auto& [module, training] : modes_)
            if (training != module->is_training()) restore(*module, training);
    }

    Probing(const Probing&) = delete;
    Probing& operator=(const Probing&) = delete;

    Answers answers(const torch::Tensor& x) { return network_.forward_taps(x); }

  private:
    /// train() goes down to the children, who come later in the list and then get their own mode back.
    static void restore(torch::nn::Module& module, bool training) { module.train(training); }

    Network& network_;
    std::vector<std::pair<std::shared_ptr<torch::nn::Module>, bool>> modes_;
};

/// Two samples that look like nothing, and not like each other.
torch::Tensor probe(const InputSpec& input) {
    std::vector<std::int64_t> shape{2};
    shape.insert(shape.end(), input.shape.begin(), input.shape.end());
    return torch::linspace(-1, 1, 2 * input.values()).reshape(shape);
}

/// The last of the features that is a picture.
std::optional<std::size_t> last_picture(const std::vector<torch::Tensor>& features) {
    for (std::size_t i = features.size(); i-- > 0;)
        if (features[i].dim() == 4) return i;
    return std::nullopt;
}

std::vector<std::int64_t> shape_of(const torch::Tensor& feature) {
    return feature.sizes().slice(1).vec();
}

torch::Tensor averaged(const torch::Tensor& feature) {
    return feature.dim() == 4 ? feature.mean({2, 3}) : feature;
}

bool nearly_equal(const torch::Tensor& a, const torch::Tensor& b) {
    return a.sizes() == b.sizes() && torch::allclose(a, b, 1e-4, 1e-5);
}

/// The linear layer that makes the answers from the last feature; null where there is none.
torch::nn::LinearImpl* classifier_of(Network& teacher, const Answers& answers) {
    torch::nn::LinearImpl* found = nullptr;
    for (const auto& module : teacher.modules(/*include_self=*/false))
        if (auto* linear = module->as<torch::nn::LinearImpl>()) found = linear;
    if (!found || answers.features.empty()) return nullptr;
    const torch::Tensor& feature = answers.features.back();
    if (feature.dim() != 2 || feature.size(1) != found->weight.size(1)) return nullptr;
    return nearly_equal(found->forward(feature), answers.logits) ? found : nullptr;
}

/// What lies behind the projected feature gets no gradient and shall ask for none.
void freeze_unreached(Network& student, const torch::Tensor& feature) {
    std::vector<torch::Tensor> wanted;
    for (const torch::Tensor& parameter : student.parameters())
        if (parameter.requires_grad()) wanted.push_back(parameter);
    const auto gradients = torch::autograd::grad({feature.sum()}, wanted, {}, /*retain_graph=*/{},
                                                 /*create_graph=*/false, /*allow_unused=*/true);
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (!gradients[i].defined()) wanted[i].requires_grad_(false);
}

} // namespace

SimKdProjector::SimKdProjector(const std::vector<std::int64_t>& student,
                               const std::vector<std::int64_t>& teacher) {
    const std::int64_t in = student.front(), out = teacher.front();
    if (teacher.size() == 1) {
        layers_->push_back(torch::nn::Linear(in, out));
        layers_->push_back(torch::nn::BatchNorm1d(out));
        layers_->push_back(torch::nn::ReLU());
    } else {
        const std::int64_t middle = std::max<std::int64_t>(1, out / 2);
        push_convolution(layers_, in, middle, 1);
        push_convolution(layers_, middle, middle, 3);
        push_convolution(layers_, middle, out, 1);
    }
    register_module("layers", layers_);
}

SimKdStudent::SimKdStudent(Parts parts)
    : Network(parts.student->initialisation())
    , parts_(std::move(parts))
    , classifier_(std::make_shared<torch::nn::Module>("classifier")) {
    register_module("student", parts_.student);
    register_module("projector", parts_.projector);
    register_module("classifier", classifier_);
    parts_.weight = classifier_->register_buffer("weight", parts_.weight.detach().clone());
    if (parts_.bias.defined())
        parts_.bias = classifier_->register_buffer("bias", parts_.bias.detach().clone());
}

torch::Tensor SimKdStudent::run(const torch::Tensor& x, Answers* taps) {
    Answers own = parts_.student->forward_taps(x);
    torch::Tensor feature = own.features[parts_.student_tap];
    if (feature.dim() == 4) { // a larger picture than the teacher's is pooled first, as published
        const auto height = std::min(feature.size(2), parts_.teacher_shape[1]);
        const auto width = std::min(feature.size(3), parts_.teacher_shape[2]);
        if (height != feature.size(2) || width != feature.size(3))
            feature = torch::adaptive_avg_pool2d(feature, {height, width});
    }
    const torch::Tensor projected = parts_.projector->forward(feature);
    if (taps) {
        taps->features = std::move(own.features);
        taps->features.push_back(projected);
        taps->preactivations = std::move(own.preactivations);
    }
    return torch::linear(averaged(projected), parts_.weight, parts_.bias);
}

Result<std::shared_ptr<SimKdStudent>> make_simkd_student(std::shared_ptr<Network> student, Network& teacher,
                                                         const InputSpec& input, std::uint64_t seed) {
    return guarded(
        "joining the student to its teacher's classifier", [&]() -> Result<std::shared_ptr<SimKdStudent>> {
            const GlobalGeneratorKept kept;
            SimKdStudent::Parts parts;
            const torch::Tensor x = probe(input);
            Answers taught;
            {
                const torch::NoGradGuard no_grad;
                taught = Probing(teacher).answers(x);
                const torch::nn::LinearImpl* classifier = classifier_of(teacher, taught);
                if (!classifier)
                    return failure(
                        ErrorKind::configuration,
                        "simkd answers through the teacher's classifier, so the teacher must end in a "
                        "linear layer on its last feature; this one does not. Choose another teacher "
                        "or another objective.",
                        "distillation.terms");
                parts.weight = classifier->weight;
                parts.bias = classifier->bias;
            }
            const Answers own = Probing(*student).answers(x);
            if (own.features.empty())
                return failure(
                    ErrorKind::configuration,
                    "simkd projects the student's last feature; this student has none. Choose a network "
                    "with at least one hidden layer.",
                    "distillation.terms");
            const auto theirs = last_picture(taught.features), ours = last_picture(own.features);
            const bool pictures =
                theirs && ours && nearly_equal(averaged(taught.features[*theirs]), taught.features.back());
            parts.teacher_tap = pictures ? *theirs : taught.features.size() - 1;
            parts.student_tap = pictures ? *ours : own.features.size() - 1;
            parts.teacher_shape = shape_of(taught.features[parts.teacher_tap]);
            const torch::Tensor& feature = own.features[parts.student_tap];
            if (!pictures && feature.dim() != 2)
                return failure(ErrorKind::configuration,
                               "simkd would project the student's last feature to the teacher's " +
                                   shape_text(parts.teacher_shape) + ", and it is " +
                                   shape_text(shape_of(feature)) +
                                   ". Choose a student whose last feature is a "
                                   "vector.",
                               "distillation.terms");
            parts.projector = std::make_shared<SimKdProjector>(shape_of(feature), parts.teacher_shape);
            initialise_layers(*parts.projector, seed, "objective");
            freeze_unreached(*student, feature);
            parts.student = std::move(student);
            auto joined = std::make_shared<SimKdStudent>(std::move(parts));
            joined->train();
            return joined;
        });
}

} // namespace limbeck
