// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/nn/modules/container/sequential.h>

#include "backend/engine/models/network.h"

/// The student that answers through its teacher's classifier (Chen, Mei, Zhang, Wang, Feng, Chen 2022,
/// arXiv:2203.14001).
namespace limbeck {

/// From the student's feature to the teacher's channels. Pictures: 1×1, 3×3 and 1×1 convolutions, each with
/// batch norm and ReLU, half of the teacher's channels between them; vectors: one linear layer with batch
/// norm and ReLU. The size of the picture stays.
class SimKdProjector final : public torch::nn::Module {
  public:
    /// Shapes without the batch, both [C, H, W] or both [D].
    SimKdProjector(const std::vector<std::int64_t>& student, const std::vector<std::int64_t>& teacher);

    torch::Tensor forward(const torch::Tensor& feature) { return layers_->forward(feature); }

  private:
    torch::nn::Sequential layers_;
};

/// Student, projector and the teacher's classifier as one network, which is what is trained, evaluated and
/// exported: `student.*`, `projector.*`, `classifier.weight` and `classifier.bias`. The classifier is a copy
/// and no parameter (its values are buffers), so that no optimiser and no weight decay reaches it. What lies
/// behind the student's feature (its own classifier) is kept for its weights' names, asks for no gradient,
/// and has no part in the answers.
///
/// Taps: those of the student under their numbers, then the projected feature as the last of the features.
class SimKdStudent final : public Network {
  public:
    struct Parts {
        std::shared_ptr<Network> student;
        std::shared_ptr<SimKdProjector> projector;
        torch::Tensor weight, bias; ///< of the classifier; bias may be undefined
        std::size_t student_tap = 0;
        std::size_t teacher_tap = 0;
        std::vector<std::int64_t> teacher_shape; ///< of that tap, without the batch
    };

    explicit SimKdStudent(Parts parts);

    /// Which of the teacher's features the projected one is compared with: the last picture where the
    /// teacher's classifier sees its plain average, else the vector that the classifier sees.
    std::size_t teacher_tap() const { return parts_.teacher_tap; }

    /// Which of the student's features is projected.
    std::size_t student_tap() const { return parts_.student_tap; }

    Network& student() { return *parts_.student; }

  protected:
    torch::Tensor run(const torch::Tensor& x, Answers* taps) override;

  private:
    Parts parts_;
    std::shared_ptr<torch::nn::Module> classifier_; ///< holds the buffers
};

/// Puts the three together. `student` has its first weights already and `teacher` its trained ones, both on
/// the CPU; their modes and weights stay as they are. The projector is drawn from the stream "objective" of
/// `seed`. Refuses a teacher whose answers are not those of a linear classifier of its last feature. The
/// whole is in training mode; do not call initialise() on it, which would draw the student again.
Result<std::shared_ptr<SimKdStudent>> make_simkd_student(std::shared_ptr<Network> student, Network& teacher,
                                                         const InputSpec& input, std::uint64_t seed);

} // namespace limbeck
