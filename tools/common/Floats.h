//===- Floats.h - Small floating-point formats as bits ----------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Conversions between float and the formats of ONNX that C++ lacks; the bits are
// those of the ONNX specification (docs: "Float stored in 8 bits").
//
//===----------------------------------------------------------------------===//

#ifndef FSC_TOOLS_COMMON_FLOATS_H
#define FSC_TOOLS_COMMON_FLOATS_H

#include <cstdint>

namespace fsc::tools {

float float16(uint16_t bits);
float bfloat16(uint16_t bits);
float float8e4m3fn(uint8_t bits);
float float8e4m3fnuz(uint8_t bits);
float float8e5m2(uint8_t bits);
float float8e5m2fnuz(uint8_t bits);
float float8e8m0(uint8_t bits);
float float4e2m1(uint8_t bits);
float float6e2m3(uint8_t bits);
float float6e3m2(uint8_t bits);

/// Rounded to nearest, ties to even.
uint16_t toFloat16(float value);
uint16_t toBfloat16(float value);

} // namespace fsc::tools

#endif // FSC_TOOLS_COMMON_FLOATS_H
