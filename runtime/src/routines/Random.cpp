//===- Random.cpp - Tensors of random numbers -----------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/routines/Element.h"
#include "runtime/src/routines/Generator.h"

#include <algorithm>

using namespace fsc::runtime;

namespace {

std::vector<int64_t> dimsOf(Call &call) {
  Array like = call.input(0);
  std::span<const int64_t> dims = like ? like.dims() : call.integers("shape");
  return {dims.begin(), dims.end()};
}

/// Fills result 0 with what draw(generator) gives for each element.
template <typename Draw> void fill(Call &call, Draw draw) {
  std::vector<int64_t> dims = dimsOf(call);
  void *result = call.result(0, dims);
  int64_t count = 1;
  for (int64_t size : dims)
    count *= size;
  Generator generator(call);
  withFloat(call.resultType(0), [&]<typename T>() {
    T *elements = static_cast<T *>(result);
    std::generate(elements, elements + count, [&] { return element<T>(draw(generator)); });
  });
}

void fillUniform(Call &call) {
  double low = call.number("low", 0), high = call.number("high", 1);
  fill(call, [=](Generator &generator) { return low + (high - low) * generator.uniform(); });
}

void fillNormal(Call &call) {
  double mean = call.number("mean", 0), scale = call.number("scale", 1);
  fill(call, [=](Generator &generator) { return mean + scale * generator.normal(); });
}

} // namespace

FSC_ROUTINE(RandomUniform) { fillUniform(call); }
FSC_ROUTINE(RandomUniformLike) { fillUniform(call); }
FSC_ROUTINE(RandomNormal) { fillNormal(call); }
FSC_ROUTINE(RandomNormalLike) { fillNormal(call); }

FSC_ROUTINE(Multinomial) {
  Array x = call.input(0);
  int64_t rows = x.dim(0), classes = x.dim(1), samples = call.integer("sample_size", 1);
  if (classes == 0 && rows * samples != 0)
    call.fail("expected at least one class");
  void *result = call.result(0, std::vector<int64_t>{rows, samples});
  bool wide = Type(call.resultType(0)) == Type::i64;
  Generator generator(call);
  std::vector<double> sums(static_cast<size_t>(classes));
  for (int64_t row = 0; row < rows; ++row) {
    withFloat(x.dtype(), [&]<typename T>() {
      const T *logits = x.data<T>() + row * classes;
      double most = -INFINITY, sum = 0;
      for (int64_t i = 0; i < classes; ++i)
        most = std::max(most, double(logits[i]));
      for (int64_t i = 0; i < classes; ++i)
        sums[size_t(i)] = sum += std::exp(double(logits[i]) - most);
    });
    for (int64_t i = 0; i < samples; ++i) {
      double draw = generator.uniform() * (classes ? sums.back() : 0);
      int64_t chosen = std::upper_bound(sums.begin(), sums.end(), draw) - sums.begin();
      chosen = std::min(chosen, classes - 1);
      if (wide)
        static_cast<int64_t *>(result)[row * samples + i] = chosen;
      else
        static_cast<int32_t *>(result)[row * samples + i] = int32_t(chosen);
    }
  }
}

FSC_ROUTINE(Dropout) {
  Array x = call.input(0), ratio = call.input(1), training = call.input(2);
  double dropped = 0.5;
  if (ratio)
    dropped = withFloat(ratio.dtype(), [&]<typename T>() { return double(*ratio.data<T>()); });
  if (training && !*training.data<uint8_t>())
    dropped = 0;
  if (!(dropped >= 0 && dropped < 1))
    call.fail("expected a ratio in [0, 1), got %g", dropped);
  double scale = 1 / (1 - dropped);
  std::vector<int64_t> dims(x.dims().begin(), x.dims().end());
  void *y = call.wants(0) ? call.result(0, dims) : nullptr;
  uint8_t *mask = call.wants(1) ? call.result<uint8_t>(1, dims) : nullptr;
  Generator generator(call);
  withFloat(x.dtype(), [&]<typename T>() {
    for (int64_t i = 0, count = x.elements(); i < count; ++i) {
      bool stays = dropped == 0 || generator.uniform() >= dropped;
      T value = x.data<T>()[i];
      if (mask)
        mask[i] = stays;
      // An infinity that is dropped is 0, one that stays with a scale of 1 is itself.
      if (y)
        static_cast<T *>(y)[i] = !stays ? element<T>(0) : dropped == 0 ? value : element<T>(double(value) * scale);
    }
  });
}
