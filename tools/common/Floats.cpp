//===- Floats.cpp - Small floating-point formats as bits ------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/common/Floats.h"

#include <cmath>
#include <cstring>
#include <limits>

using namespace fsc::tools;

namespace {

constexpr float notANumber = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

/// sign, `exponentBits`, `mantissaBits`, with gradual underflow; no special values.
float decode(unsigned bits, int exponentBits, int mantissaBits, int bias) {
  int mantissa = int(bits & ((1u << mantissaBits) - 1));
  int exponent = int(bits >> mantissaBits & ((1u << exponentBits) - 1));
  bool negative = bits >> (exponentBits + mantissaBits) & 1;
  float magnitude = exponent == 0 ? std::ldexp(float(mantissa), 1 - bias - mantissaBits)
                                  : std::ldexp(float(mantissa + (1 << mantissaBits)), exponent - bias - mantissaBits);
  return negative ? -magnitude : magnitude;
}

} // namespace

float fsc::tools::float16(uint16_t bits) {
  if ((bits & 0x7c00) == 0x7c00)
    return bits & 0x3ff ? notANumber : bits & 0x8000 ? -infinity : infinity;
  return decode(bits, 5, 10, 15);
}

float fsc::tools::bfloat16(uint16_t bits) {
  uint32_t wide = uint32_t(bits) << 16;
  float value;
  std::memcpy(&value, &wide, sizeof(value));
  return value;
}

float fsc::tools::float8e4m3fn(uint8_t bits) { return (bits & 0x7f) == 0x7f ? notANumber : decode(bits, 4, 3, 7); }

float fsc::tools::float8e4m3fnuz(uint8_t bits) { return bits == 0x80 ? notANumber : decode(bits, 4, 3, 8); }

float fsc::tools::float8e5m2(uint8_t bits) {
  if ((bits & 0x7c) == 0x7c)
    return bits & 3 ? notANumber : bits & 0x80 ? -infinity : infinity;
  return decode(bits, 5, 2, 15);
}

float fsc::tools::float8e5m2fnuz(uint8_t bits) { return bits == 0x80 ? notANumber : decode(bits, 5, 2, 16); }

float fsc::tools::float8e8m0(uint8_t bits) { return bits == 0xff ? notANumber : std::ldexp(1.0f, int(bits) - 127); }

float fsc::tools::float4e2m1(uint8_t bits) { return decode(bits & 0xf, 2, 1, 1); }

float fsc::tools::float6e2m3(uint8_t bits) { return decode(bits & 0x3f, 2, 3, 1); }

float fsc::tools::float6e3m2(uint8_t bits) { return decode(bits & 0x3f, 3, 2, 3); }

uint16_t fsc::tools::toFloat16(float value) {
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  float magnitude = std::fabs(value);
  if (std::isnan(value))
    return sign | 0x7e00;
  // 65520 lies halfway between the largest number and the next that there would be.
  if (magnitude >= 65520.0f)
    return sign | 0x7c00;
  if (magnitude == 0)
    return sign;
  int exponent;
  std::frexp(magnitude, &exponent); // magnitude < 2^exponent
  int unit = exponent - 11 < -24 ? -24 : exponent - 11;
  // The significand in units of the last place carries into the exponent by itself.
  unsigned significand = unsigned(std::nearbyint(std::ldexp(magnitude, -unit)));
  return uint16_t(sign + (unsigned(unit + 24) << 10) + significand);
}

uint16_t fsc::tools::toBfloat16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  if (std::isnan(value))
    return uint16_t(bits >> 16 | 0x40);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
