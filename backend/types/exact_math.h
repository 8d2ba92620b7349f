// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// Elementary functions made of +, −, ×, ÷ and sqrt alone, which IEEE 754 rounds in one way: the
/// data that Limbeck makes and the numbers it draws are the same to the bit on every machine, while
/// the C library's versions may differ in the last bit. Accurate to about 1e-14.
namespace limbeck::exact {

/// Natural logarithm of a positive, normal number.
double log(double x);
/// exp(x) for x in [−700, 700].
double exp(double x);
/// Sine and cosine of a number of turns: sine(0.25) = 1.
double sine(double turns);
double cosine(double turns);

} // namespace limbeck::exact
