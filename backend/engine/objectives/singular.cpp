// SPDX-License-Identifier: GPL-3.0-or-later
// kdsvd: where a batch's feature maps look strongest, and how that changes from one level to the next.
#include <array>
#include <cmath>

#include "backend/engine/objectives/shapes.h"

namespace limbeck {

namespace {

/// The right singular vector of the largest singular value of each sample's maps taken as [C, H·W]: a unit
/// vector over the positions, [B, H·W], its largest component positive, so that the value does not hang on
/// how a library chooses signs. Power iteration from an even start has a finite derivative where singular
/// values meet too; maps that were through a ReLU have one direction that is far stronger than the rest, and
/// sixteen rounds are exact to rounding there.
torch::Tensor strongest(const torch::Tensor& feature) {
    constexpr int rounds = 16;
    const auto maps = feature.flatten(2);
    const auto positions = maps.size(2);
    auto direction = torch::full({maps.size(0), positions, 1}, 1 / std::sqrt(static_cast<double>(positions)),
                                 maps.options().requires_grad(false));
    for (int round = 0; round < rounds; ++round)
        direction = unit_rows(maps.transpose(1, 2).bmm(maps.bmm(direction)).squeeze(2), 1e-20).unsqueeze(2);
    direction = direction.squeeze(2);
    const auto largest = direction.detach().gather(1, direction.detach().abs().argmax(1, true));
    return torch::where(largest.lt(0), -direction, direction);
}

/// exp(−(a_j − b_l)² / 8) for every position of one level and every one of the level before, [B, J, L].
torch::Tensor radial(const torch::Tensor& level, const torch::Tensor& before) {
    return torch::exp(-(level.unsqueeze(2) - before.unsqueeze(1)).square() / 8);
}

/// Squared differences of both networks' radial bases, summed over positions and neighbouring levels, a
/// sample (Lee, Kim, Song 2018, equations 4 to 6, with one singular vector a level). A single level compares
/// the vectors themselves.
torch::Tensor kdsvd(const TermInputs& in, const Objective&) {
    std::vector<torch::Tensor> student, teacher;
    for (std::size_t i = 0; i < in.student_features.size(); ++i) {
        auto s = in.student_features[i], t = in.teacher_features[i].detach();
        meet(s, t);
        student.push_back(strongest(s));
        teacher.push_back(strongest(t));
    }
    const auto batch = static_cast<double>(student[0].size(0));
    if (student.size() == 1) return (student[0] - teacher[0]).square().sum() / batch;
    torch::Tensor sum;
    for (std::size_t i = 1; i < student.size(); ++i) {
        const auto one =
            (radial(student[i], student[i - 1]) - radial(teacher[i], teacher[i - 1])).square().sum() / batch;
        sum = sum.defined() ? sum + one : one;
    }
    return sum;
}

Result<std::shared_ptr<Objective>> make_kdsvd(const ObjectiveEntry& entry, const TermOptions& options,
                                              const TermContext& context) {
    if (auto fits = require_pictures(entry, context); !fits) return tl::unexpected(fits.error());
    return std::make_shared<PlainObjective<kdsvd>>(entry, options);
}

constexpr std::array terms{TermMaker{"kdsvd", make_kdsvd}};

} // namespace

std::span<const TermMaker> singular_terms() {
    return terms;
}

} // namespace limbeck
