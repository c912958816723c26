//===- Element.h - Element types as C++ types -------------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_ROUTINES_ELEMENT_H
#define FSC_RUNTIME_SRC_ROUTINES_ELEMENT_H

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace fsc::runtime {

/// ONNX's TensorProto.DataType, of the types that routines look into.
enum class Type : int32_t {
  f32 = 1,
  u8 = 2,
  i8 = 3,
  u16 = 4,
  i16 = 5,
  i32 = 6,
  i64 = 7,
  string = 8,
  boolean = 9,
  f16 = 10,
  f64 = 11,
  u32 = 12,
  u64 = 13,
  complex64 = 14,
  complex128 = 15,
  bf16 = 16,
};

/// A float of 16 bits, with as many of them for the exponent.
template <int exponentBits> struct Float16 {
  uint16_t bits;

  operator float() const {
    if constexpr (exponentBits == 8)
      return std::bit_cast<float>(uint32_t(bits) << 16);
    // Scaling makes the exponent right, of denormals too.
    uint32_t magnitude = uint32_t(bits & 0x7fff) << 13, sign = uint32_t(bits & 0x8000) << 16;
    float value = std::bit_cast<float>(magnitude) * 0x1p112f;
    uint32_t result = magnitude >= 0x0f800000 ? magnitude | 0x7f800000 : std::bit_cast<uint32_t>(value);
    return std::bit_cast<float>(result | sign);
  }

  /// Rounded to nearest, ties to even.
  static Float16 from(double value) {
    constexpr int digits = exponentBits == 8 ? 8 : 11, bias = exponentBits == 8 ? 127 : 15;
    uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    constexpr uint16_t infinity = uint16_t(((1 << exponentBits) - 1) << (digits - 1));
    if (std::isnan(value))
      return {uint16_t(sign | infinity | (1 << (digits - 2)))};
    double magnitude = std::fabs(value);
    int exponent = 0;
    std::frexp(magnitude, &exponent);
    // The least exponent is that of the denormals.
    int scale = std::max(exponent, 2 - bias) - digits;
    double rounded = std::nearbyint(std::ldexp(magnitude, -scale));
    if (magnitude == 0 || rounded == 0)
      return {sign};
    if (std::isinf(magnitude) || std::ldexp(rounded, scale) >= std::ldexp(1.0, bias + 1))
      return {uint16_t(sign | infinity)};
    // A carry out of the fraction goes on into the exponent, as it should.
    int place = scale + digits - 2 + bias;
    return {uint16_t(sign | (uint16_t(place << (digits - 1)) + uint16_t(rounded)))};
  }
};

using Half = Float16<5>;
using BFloat = Float16<8>;

/// The bytes of an element as compiled code stores it.
constexpr size_t bytesOf(int32_t dtype) {
  constexpr int32_t firstListType = 256;
  if (dtype >= firstListType)
    return sizeof(int64_t);
  switch (Type(dtype)) {
  case Type::complex128:
    return 16;
  case Type::complex64:
  case Type::f64:
  case Type::i64:
  case Type::u64:
  case Type::string:
    return 8;
  case Type::f32:
  case Type::i32:
  case Type::u32:
    return 4;
  case Type::f16:
  case Type::bf16:
  case Type::i16:
  case Type::u16:
    return 2;
  default:
    return 1;
  }
}

template <typename T>
constexpr bool isFloating = std::is_floating_point_v<T> || std::is_same_v<T, Half> || std::is_same_v<T, BFloat>;

/// A value as an element: rounded if that is a float.
template <typename T> T element(double value) {
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat>)
    return T::from(value);
  else
    return T(value);
}

/// Calls f.template operator()<T>() with the C++ type of an element type. Strings are their numbers, bools are bytes,
/// and so is every type that is not known here.
template <typename F> decltype(auto) withType(int32_t dtype, F &&f) {
  switch (Type(dtype)) {
  case Type::f32:
    return f.template operator()<float>();
  case Type::f64:
    return f.template operator()<double>();
  case Type::f16:
    return f.template operator()<Half>();
  case Type::bf16:
    return f.template operator()<BFloat>();
  case Type::i8:
    return f.template operator()<int8_t>();
  case Type::i16:
    return f.template operator()<int16_t>();
  case Type::u16:
    return f.template operator()<uint16_t>();
  case Type::i32:
    return f.template operator()<int32_t>();
  case Type::u32:
    return f.template operator()<uint32_t>();
  case Type::i64:
  case Type::string:
    return f.template operator()<int64_t>();
  case Type::u64:
    return f.template operator()<uint64_t>();
  default:
    return f.template operator()<uint8_t>();
  }
}

/// The same for floats alone; other types are as f32.
template <typename F> decltype(auto) withFloat(int32_t dtype, F &&f) {
  switch (Type(dtype)) {
  case Type::f64:
    return f.template operator()<double>();
  case Type::f16:
    return f.template operator()<Half>();
  case Type::bf16:
    return f.template operator()<BFloat>();
  default:
    return f.template operator()<float>();
  }
}

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_ROUTINES_ELEMENT_H
