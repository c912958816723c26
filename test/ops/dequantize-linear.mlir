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

// CHECK-LABEL: @takes_narrow_elements
// CHECK: fsc.dequantize_linear
func.func @takes_narrow_elements(%x: tensor<4x6xui4>, %y: tensor<4x6xf8E5M2>, %s: tensor<4x3xf8E8M0FNU>, %z: tensor<4x3xui4>) -> tensor<4x6xf16> {
  %0 = fsc.dequantize_linear(%y, %s) {block_size = 2 : i64, output_dtype = 1 : i64} : (tensor<4x6xf8E5M2>, tensor<4x3xf8E8M0FNU>) -> tensor<4x6xf32>
  %r = fsc.dequantize_linear(%x, %s, %z) {block_size = 2 : i64, output_dtype = 10 : i64} : (tensor<4x6xui4>, tensor<4x3xf8E8M0FNU>, tensor<4x3xui4>) -> tensor<4x6xf16>
  return %r : tensor<4x6xf16>
}

// -----

// dequantize_linear.C1: the result is of floats of 16 bits or more
func.func @dequantize_linear_c1_exponent(%x: tensor<4xi8>, %s: tensor<f8E8M0FNU>) -> tensor<4xf8E8M0FNU> {
  // expected-error @+1 {{expected a result of floats of 16 bits or more, got 'f8E8M0FNU'}}
  %r = fsc.dequantize_linear(%x, %s) : (tensor<4xi8>, tensor<f8E8M0FNU>) -> tensor<4xf8E8M0FNU>
  return %r : tensor<4xf8E8M0FNU>
}

// -----

// dequantize_linear.C1: the result is of floats
func.func @dequantize_linear_c1(%x: tensor<4xi8>, %s: tensor<f32>) -> tensor<4xi32> {
  // expected-error @+1 {{expected a result of floats of 16 bits or more, got 'i32'}}
  %r = fsc.dequantize_linear(%x, %s) {output_dtype = 6 : i64} : (tensor<4xi8>, tensor<f32>) -> tensor<4xi32>
  return %r : tensor<4xi32>
}

// -----

// dequantize_linear.C2: the operand is of the zero point's type
func.func @dequantize_linear_c2(%x: tensor<4xi8>, %s: tensor<f32>, %z: tensor<ui8>) -> tensor<4xf32> {
  // expected-error @+1 {{expected an operand of 2 to 32 bit integers or 4 or 8 bit floats, of the zero point's type, got 'tensor<4xi8>'}}
  %r = fsc.dequantize_linear(%x, %s, %z) : (tensor<4xi8>, tensor<f32>, tensor<ui8>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
