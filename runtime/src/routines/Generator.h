//===- Generator.h - Random numbers as numpy's RandomState draws them -----===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX does not say what a seed gives; its reference draws from numpy's RandomState, and so
// does this: the Mersenne Twister (Matsumoto and Nishimura, 1998) seeded with one word, doubles of 53
// bits, normal numbers by the polar method (Marsaglia and Bray, 1964).
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_ROUTINES_GENERATOR_H
#define FSC_RUNTIME_SRC_ROUTINES_GENERATOR_H

#include "runtime/src/routines/Routine.h"

#include <cmath>
#include <random>

namespace fsc::runtime {

class Generator {
public:
  /// Seeded by the attribute `seed`, where there is one.
  explicit Generator(Call &call) : words(seedOf(call)) {}

  /// From [0, 1).
  double uniform() {
    uint32_t high = uint32_t(words()) >> 5, low = uint32_t(words()) >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
  }

  /// Of mean 0 and variance 1.
  double normal() {
    if (hasSpare) {
      hasSpare = false;
      return spare;
    }
    double x, y, square;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square == 0);
    double factor = std::sqrt(-2 * std::log(square) / square);
    spare = factor * x;
    hasSpare = true;
    return factor * y;
  }

private:
  static uint32_t seedOf(Call &call) {
    double seed = call.number("seed", std::nan(""));
    if (std::isnan(seed) && call.has("seed"))
      seed = double(call.integer("seed", 0));
    if (std::isnan(seed))
      return uint32_t(call.random());
    return uint32_t(int64_t(std::fmod(seed, 4294967296.0)));
  }

  std::mt19937 words;
  double spare = 0;
  bool hasSpare = false;
};

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_ROUTINES_GENERATOR_H
