//===- ArrayTest.cpp - Arrays of the tools: numbers, packing, comparing ---===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/include/fsc/fsc.h"
#include "tools/common/Compare.h"
#include "tools/common/Floats.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>

using namespace fsc::tools;

namespace {

template <typename T> Array arrayOf(int32_t dtype, const std::vector<T> &values) {
  Array array = {dtype, {int64_t(values.size())}, std::vector<char>(values.size() * sizeof(T))};
  std::memcpy(array.data.data(), values.data(), array.data.size());
  return array;
}

TEST(Floats, half_precision_goes_there_and_back) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    float value = float16(uint16_t(bits));
    if (!std::isnan(value))
      EXPECT_EQ(toFloat16(value), bits);
    if (!std::isnan(bfloat16(uint16_t(bits))))
      EXPECT_EQ(toBfloat16(bfloat16(uint16_t(bits))), bits);
  }
}

TEST(Floats, half_precision_rounds_to_nearest_even) {
  EXPECT_EQ(toFloat16(1.0f + 0x1p-11f), 0x3c00) << "a tie goes to the even";
  EXPECT_EQ(toFloat16(1.0f + 0x1.8p-10f), 0x3c02) << "a tie goes to the even";
  EXPECT_EQ(toFloat16(65519.0f), 0x7bff);
  EXPECT_EQ(toFloat16(65520.0f), 0x7c00);
  EXPECT_EQ(toFloat16(-0.0f), 0x8000);
  EXPECT_EQ(toFloat16(0x1p-25f), 0);
  EXPECT_EQ(toFloat16(0x1.8p-25f), 1);
}

TEST(Floats, eight_bits_have_the_values_of_the_specification) {
  EXPECT_EQ(float8e4m3fn(0x7e), 448);
  EXPECT_TRUE(std::isnan(float8e4m3fn(0x7f)));
  EXPECT_EQ(float8e4m3fn(0x01), 0x1p-9f);
  EXPECT_EQ(float8e4m3fnuz(0x7f), 240);
  EXPECT_TRUE(std::isnan(float8e4m3fnuz(0x80)));
  EXPECT_EQ(float8e5m2(0x7b), 57344);
  EXPECT_TRUE(std::isinf(float8e5m2(0x7c)));
  EXPECT_EQ(float8e5m2fnuz(0x7f), 57344);
  EXPECT_EQ(float8e8m0(0x7f), 1);
  EXPECT_EQ(float4e2m1(0x7), 6);
  EXPECT_EQ(float4e2m1(0x9), -0.5f);
  EXPECT_EQ(float6e2m3(0x1f), 7.5f);
  EXPECT_EQ(float6e2m3(0x21), -0.125f);
  EXPECT_EQ(float6e3m2(0x1f), 28);
  EXPECT_EQ(float6e3m2(0x21), -0.0625f);
}

TEST(Array, counts_without_overflow) {
  EXPECT_EQ(elementCount({2, 3}, "x"), 6);
  EXPECT_EQ(elementCount({INT64_MAX, INT64_MAX, 0}, "x"), 0);
  EXPECT_THROW(elementCount({INT64_MAX, 2}, "x"), Refusal);
  EXPECT_THROW(elementCount({-1}, "x"), Refusal);
  EXPECT_THROW(byteCount(FSC_FLOAT64, {INT64_MAX / 4}, "x"), Refusal);
  EXPECT_THROW(byteCount(99, {1}, "x"), Refusal) << "no type";
  EXPECT_EQ(byteCount(FSC_INT4, {3}, "x"), 2);
}

TEST(Array, packs_and_unpacks_narrow_integers) {
  std::vector<char> values = {-8, 7, 0, -1, 3};
  std::vector<char> packed = packBits(values, 4);
  EXPECT_EQ(packed.size(), 3u);
  EXPECT_EQ(packed[0], char(0x78)) << "the first element in the low bits";
  EXPECT_EQ(unpackBits(packed, 4, true, 5), values);
  EXPECT_EQ(elementValue({FSC_INT4, {5}, packed}, 0), -8);
  EXPECT_EQ(elementValue({FSC_UINT4, {5}, packed}, 0), 8);
  EXPECT_EQ(unpackBits(packBits({-2, 1, 0, -1, 1}, 2), 2, true, 5), (std::vector<char>{-2, 1, 0, -1, 1}));
}

TEST(Array, random_elements_are_reproducible_and_in_range) {
  Array a = randomArray(FSC_FLOAT32, {1000}, 7, "x"), b = randomArray(FSC_FLOAT32, {1000}, 7, "x");
  EXPECT_EQ(a.data, b.data);
  EXPECT_NE(a.data, randomArray(FSC_FLOAT32, {1000}, 8, "x").data);
  for (int i = 0; i < 1000; ++i)
    EXPECT_LE(std::fabs(elementValue(a, i)), 1);
  for (int32_t dtype = 1; dtype <= FSC_FLOAT6E3M2; ++dtype) {
    if (fsc_dtype_bits(dtype) == 0)
      continue;
    Array array = randomArray(dtype, {64}, 1, "x");
    for (int i = 0; i < 64; ++i)
      EXPECT_TRUE(std::isfinite(elementValue(array, i))) << fsc_dtype_name(dtype);
  }
}

TEST(Compare, agrees_within_the_tolerance) {
  Array expected = arrayOf<float>(FSC_FLOAT32, {1, 100, 0}),
        actual = arrayOf<float>(FSC_FLOAT32, {1.0005f, 100.05f, 1e-6f});
  Comparison c = compare(actual, expected, {1e-3, 1e-5});
  EXPECT_TRUE(c.ok());
  EXPECT_NEAR(c.maxAbsolute, 0.05, 1e-4);
  EXPECT_NEAR(c.maxRelative, 5e-4, 1e-5);
}

TEST(Compare, names_the_worst_element) {
  Comparison c = compare(arrayOf<float>(FSC_FLOAT32, {1, 3, 2.1f}), arrayOf<float>(FSC_FLOAT32, {1, 2, 2}), {0, 0});
  EXPECT_FALSE(c.ok());
  EXPECT_EQ(c.differing, 2);
  EXPECT_EQ(c.worst, 1);
  EXPECT_EQ(c.worstExpected, 2);
}

TEST(Compare, treats_nan_and_infinity_as_numpy_does) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  auto differing = [](float actual, float expected) {
    return compare(arrayOf<float>(FSC_FLOAT32, {actual}), arrayOf<float>(FSC_FLOAT32, {expected}), {0.1, 0.1})
        .differing;
  };
  EXPECT_EQ(differing(nan, nan), 0);
  EXPECT_EQ(differing(inf, inf), 0);
  EXPECT_EQ(differing(inf, -inf), 1);
  EXPECT_EQ(differing(nan, 1), 1);
  EXPECT_EQ(differing(1, nan), 1);
  EXPECT_EQ(differing(1, inf), 1);
  EXPECT_EQ(differing(inf, 1), 1);
  EXPECT_EQ(differing(inf, nan), 1);
}

TEST(Compare, sees_the_last_bit_of_large_integers) {
  int64_t big = (int64_t(1) << 60) + 1;
  EXPECT_EQ(compare(arrayOf<int64_t>(FSC_INT64, {big}), arrayOf<int64_t>(FSC_INT64, {big - 1}), {0, 0}).differing, 1);
  EXPECT_EQ(compare(arrayOf<int64_t>(FSC_INT64, {-1}), arrayOf<int64_t>(FSC_INT64, {1}), {0, 0}).maxAbsolute, 2);
}

TEST(Compare, wants_the_same_type_and_dims) {
  Array floats = arrayOf<float>(FSC_FLOAT32, {1, 2}), ints = arrayOf<int32_t>(FSC_INT32, {1, 2});
  EXPECT_FALSE(compare(floats, ints, {}).ok());
  Array column = floats;
  column.dims = {2, 1};
  EXPECT_FALSE(compare(floats, column, {}).ok());
}

TEST(Compare, looks_at_both_parts_of_complex_numbers) {
  Array a = arrayOf<float>(FSC_COMPLEX64, {1, 2}), b = arrayOf<float>(FSC_COMPLEX64, {1, 3});
  a.dims = b.dims = {1};
  EXPECT_EQ(compare(a, b, {0, 0}).differing, 1);
}

} // namespace
