// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_the_type_of_the_scale
// CHECK: fsc.dequantize_linear
func.func @has_the_type_of_the_scale(%x: tensor<4x6xi8>, %s: tensor<f16>, %z: tensor<i8>) -> tensor<4x6xf16> {
  %r = fsc.dequantize_linear(%x, %s, %z) : (tensor<4x6xi8>, tensor<f16>, tensor<i8>) -> tensor<4x6xf16>
  return %r : tensor<4x6xf16>
}

// CHECK-LABEL: @has_the_type_asked_for
// CHECK: fsc.dequantize_linear
func.func @has_the_type_asked_for(%x: tensor<?x6xi32>, %s: tensor<6xf32>) -> tensor<?x6xf16> {
  %r = fsc.dequantize_linear(%x, %s) {output_dtype = 10 : i64} : (tensor<?x6xi32>, tensor<6xf32>) -> tensor<?x6xf16>
  return %r : tensor<?x6xf16>
}

// -----

// dequantize_linear.C1: the result is of floats
func.func @dequantize_linear_c1(%x: tensor<4xi8>, %s: tensor<f32>) -> tensor<4xi32> {
  // expected-error @+1 {{expected a result of floats}}
  %r = fsc.dequantize_linear(%x, %s) {output_dtype = 6 : i64} : (tensor<4xi8>, tensor<f32>) -> tensor<4xi32>
  return %r : tensor<4xi32>
}

// -----

// dequantize_linear.C2: the operand is of integers of the zero point's type
func.func @dequantize_linear_c2(%x: tensor<4xi8>, %s: tensor<f32>, %z: tensor<ui8>) -> tensor<4xf32> {
  // expected-error @+1 {{expected an operand of integers of 8 to 32 bits and of the zero point's type}}
  %r = fsc.dequantize_linear(%x, %s, %z) : (tensor<4xi8>, tensor<f32>, tensor<ui8>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
