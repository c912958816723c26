//===- Fourier.cpp - The inverse transform of a whole spectrum ------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A fast transform by the factors of the length, in the precision of the elements:
// where the true value is 0, ONNX's expected values hold the rounding of such a one,
// with factors of 4, then of 2, then odd ones, as numpy has it. So no product may be
// fused with a sum here. The other forms of DFT are kernels.
//
//===----------------------------------------------------------------------===//

#include "runtime/src/routines/Element.h"
#include "runtime/src/routines/Routine.h"

#include <numbers>
#include <utility>

#pragma STDC FP_CONTRACT OFF

using namespace fsc::runtime;

namespace {

template <typename T> struct Complex {
  T re = 0, im = 0;
};
template <typename T> Complex<T> operator+(Complex<T> a, Complex<T> b) { return {a.re + b.re, a.im + b.im}; }
template <typename T> Complex<T> operator-(Complex<T> a, Complex<T> b) { return {a.re - b.re, a.im - b.im}; }
template <typename T> Complex<T> operator*(Complex<T> a, Complex<T> b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
template <typename T> Complex<T> operator*(Complex<T> a, T b) { return {a.re * b, a.im * b}; }
/// i a
template <typename T> Complex<T> turned(Complex<T> a) { return {-a.im, a.re}; }

/// exp (2 pi i k / n) for 0 <= k <= n / 8, by which sine and cosine are exact at 0; and for all k < n.
template <typename T> Complex<T> rootInOctant(int64_t k, int64_t n) {
  double angle = 2 * std::numbers::pi * double(k) / double(n);
  return {T(std::cos(angle)), T(std::sin(angle))};
}
template <typename T> Complex<T> rootOfUnity(int64_t k, int64_t n) {
  if (k > n - k) {
    Complex<T> mirrored = rootOfUnity<T>(n - k, n);
    return {mirrored.re, -mirrored.im};
  }
  // In units of 1 / (4 n), so that halves and quarters of a turn are whole numbers.
  int64_t turn = 4 * n, at = 4 * k;
  bool isLeft = at > turn / 4;
  if (isLeft)
    at = turn / 2 - at;
  bool isUpper = at > turn / 8;
  Complex<T> root = rootInOctant<T>(isUpper ? turn / 4 - at : at, turn);
  if (isUpper)
    std::swap(root.re, root.im);
  return {isLeft ? -root.re : root.re, root.im};
}

/// The factors of a length, in the order in which the passes take them.
std::vector<int64_t> factorsOf(int64_t length) {
  std::vector<int64_t> factors;
  for (; length % 4 == 0; length /= 4)
    factors.push_back(4);
  if (length % 2 == 0) {
    length /= 2;
    factors.insert(factors.begin(), 2);
  }
  for (int64_t factor = 3; factor * factor <= length; factor += 2)
    for (; length % factor == 0; length /= factor)
      factors.push_back(factor);
  if (length > 1)
    factors.push_back(length);
  return factors;
}

template <typename T> class InverseTransform {
public:
  explicit InverseTransform(int64_t length) : length(length), factors(factorsOf(length)), spare(size_t(length)) {
    for (int64_t k = 0; k < length; ++k)
      roots.push_back(rootOfUnity<T>(k, length));
    for (int64_t factor : factors)
      group.resize(std::max(group.size(), size_t(factor)));
  }

  void run(std::vector<Complex<T>> &values) {
    int64_t done = 1;
    for (int64_t factor : factors) {
      pass(values, factor, done);
      values.swap(spare);
      done *= factor;
    }
    for (Complex<T> &value : values)
      value = value * (T(1) / T(length));
  }

private:
  /// One factor, after factors whose product is `done`: transforms of `factor` elements that lie `apart`.
  void pass(const std::vector<Complex<T>> &values, int64_t factor, int64_t done) {
    int64_t apart = length / (done * factor);
    for (int64_t block = 0; block < done; ++block)
      for (int64_t i = 0; i < apart; ++i) {
        for (int64_t j = 0; j < factor; ++j)
          group[size_t(j)] = values[size_t(i + apart * (j + factor * block))];
        auto give = [&](int64_t j, Complex<T> value) {
          spare[size_t(i + apart * (block + done * j))] = i * j == 0 ? value : value * roots[size_t(j * done * i)];
        };
        if (factor == 2)
          transformTwo(give);
        else if (factor == 4)
          transformFour(give);
        else
          transformOdd(factor, give);
      }
  }

  template <typename Give> void transformTwo(Give give) {
    give(0, group[0] + group[1]);
    give(1, group[0] - group[1]);
  }

  template <typename Give> void transformFour(Give give) {
    Complex<T> even = group[0] + group[2], odd = group[1] + group[3];
    Complex<T> evenApart = group[0] - group[2], oddApart = turned(group[1] - group[3]);
    give(0, even + odd);
    give(2, even - odd);
    give(1, evenApart + oddApart);
    give(3, evenApart - oddApart);
  }

  /// Element j and the one as far from the end have cosines in common, and sines but for the sign.
  template <typename Give> void transformOdd(int64_t factor, Give give) {
    Complex<T> first = group[0], sum = first;
    for (int64_t k = 1; k <= factor / 2; ++k) {
      Complex<T> a = group[size_t(k)], b = group[size_t(factor - k)];
      group[size_t(k)] = a + b;
      group[size_t(factor - k)] = a - b;
      sum = sum + group[size_t(k)];
    }
    give(0, sum);
    for (int64_t j = 1; j <= factor / 2; ++j) {
      Complex<T> cosines = first, sines;
      for (int64_t k = 1; k <= factor / 2; ++k) {
        Complex<T> root = roots[size_t(j * k % factor * (length / factor))];
        cosines = cosines + group[size_t(k)] * root.re;
        Complex<T> term = group[size_t(factor - k)] * root.im;
        sines = k == 1 ? term : sines + term;
      }
      give(j, cosines + turned(sines));
      give(factor - j, cosines - turned(sines));
    }
  }

  int64_t length;
  std::vector<int64_t> factors;
  std::vector<Complex<T>> roots, spare, group;
};

int64_t scalar(Array x) { return Type(x.dtype()) == Type::i32 ? int64_t(*x.data<int32_t>()) : *x.data<int64_t>(); }

} // namespace

FSC_ROUTINE(DFT) {
  Array x = call.input(0), lengthGiven = call.input(1), axisGiven = call.input(2);
  int64_t last = x.rank() - 1, axis = axisGiven ? scalar(axisGiven) : -2;
  if (axis < 0)
    axis += x.rank();
  if (axis < 0 || axis >= last)
    call.fail("expected an axis before the last of %lld", static_cast<long long>(x.rank()));
  int64_t size = x.dim(int32_t(axis)), length = lengthGiven ? scalar(lengthGiven) : size, parts = x.dim(int32_t(last));
  if (length < (lengthGiven ? 1 : 0))
    call.fail("expected a dft_length of at least 1, got %lld", static_cast<long long>(length));
  std::vector<int64_t> dims(x.dims().begin(), x.dims().end());
  dims[size_t(axis)] = length;
  dims.back() = 2;
  void *memory = call.result(0, dims);
  int64_t outer = x.product(0, int32_t(axis)), inner = x.product(int32_t(axis) + 1, int32_t(last));
  if (outer * inner * length == 0)
    return;
  withFloat(x.dtype(), [&]<typename T>() {
    using Real = std::conditional_t<std::is_same_v<T, double>, double, float>;
    const T *from = x.data<T>();
    T *to = static_cast<T *>(memory);
    InverseTransform<Real> transform(length);
    std::vector<Complex<Real>> values;
    for (int64_t i = 0; i < outer; ++i)
      for (int64_t j = 0; j < inner; ++j) {
        values.assign(size_t(length), {});
        for (int64_t n = 0; n < std::min(size, length); ++n) {
          const T *element = from + ((i * size + n) * inner + j) * parts;
          values[size_t(n)] = {Real(element[0]), parts == 2 ? Real(element[1]) : Real(0)};
        }
        transform.run(values);
        for (int64_t n = 0; n < length; ++n) {
          T *element = to + ((i * length + n) * inner + j) * 2;
          element[0] = fsc::runtime::element<T>(double(values[size_t(n)].re));
          element[1] = fsc::runtime::element<T>(double(values[size_t(n)].im));
        }
      }
  });
}
