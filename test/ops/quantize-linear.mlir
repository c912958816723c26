// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_the_type_of_the_zero_point
// CHECK: fsc.quantize_linear
func.func @has_the_type_of_the_zero_point(%x: tensor<4x6xf32>, %s: tensor<f32>, %z: tensor<i8>) -> tensor<4x6xi8> {
  %r = fsc.quantize_linear(%x, %s, %z) : (tensor<4x6xf32>, tensor<f32>, tensor<i8>) -> tensor<4x6xi8>
  return %r : tensor<4x6xi8>
}

// CHECK-LABEL: @takes_a_scale_for_each_row
// CHECK: fsc.quantize_linear
func.func @takes_a_scale_for_each_row(%x: tensor<4x6xf32>, %s: tensor<4xf32>) -> tensor<4x6xi16> {
  %r = fsc.quantize_linear(%x, %s) {axis = 0 : i64, output_dtype = 5 : i64} : (tensor<4x6xf32>, tensor<4xf32>) -> tensor<4x6xi16>
  return %r : tensor<4x6xi16>
}

// CHECK-LABEL: @takes_a_scale_for_each_block
// CHECK: fsc.quantize_linear
func.func @takes_a_scale_for_each_block(%x: tensor<4x6xf32>, %s: tensor<4x3xf32>) -> tensor<4x6xui8> {
  %r = fsc.quantize_linear(%x, %s) {axis = 1 : i64, block_size = 2 : i64} : (tensor<4x6xf32>, tensor<4x3xf32>) -> tensor<4x6xui8>
  return %r : tensor<4x6xui8>
}

// CHECK-LABEL: @has_narrow_results
// CHECK: fsc.quantize_linear
func.func @has_narrow_results(%x: tensor<4x6xf32>, %s: tensor<4x3xf8E8M0FNU>, %z: tensor<f4E2M1FN>) -> tensor<4x6xf4E2M1FN> {
  %i = fsc.quantize_linear(%x, %s) {axis = 1 : i64, block_size = 2 : i64, output_dtype = 26 : i64} : (tensor<4x6xf32>, tensor<4x3xf8E8M0FNU>) -> tensor<4x6xi2>
  %f = fsc.constant dense<0.5> : tensor<f32>
  %r = fsc.quantize_linear(%x, %f, %z) : (tensor<4x6xf32>, tensor<f32>, tensor<f4E2M1FN>) -> tensor<4x6xf4E2M1FN>
  return %r : tensor<4x6xf4E2M1FN>
}

// -----

// quantize_linear.C1: the axis is in range
func.func @quantize_linear_c1(%x: tensor<4x6xf32>, %s: tensor<4xf32>) -> tensor<4x6xui8> {
  // expected-error @+1 {{expected axis in [-2, 2), got 2}}
  %r = fsc.quantize_linear(%x, %s) {axis = 2 : i64} : (tensor<4x6xf32>, tensor<4xf32>) -> tensor<4x6xui8>
  return %r : tensor<4x6xui8>
}

// -----

// quantize_linear.C2: parameters are given for the tensor, an axis, or blocks
func.func @quantize_linear_c2(%x: tensor<4x6xf32>, %s: tensor<4xf32>) -> tensor<4x6xui8> {
  // expected-error @+1 {{expected one parameter, one for each index of axis 1, or one for each block of block_size}}
  %r = fsc.quantize_linear(%x, %s) : (tensor<4x6xf32>, tensor<4xf32>) -> tensor<4x6xui8>
  return %r : tensor<4x6xui8>
}

// -----

// quantize_linear.C3: the result is of narrow integers or floats, of one type
func.func @quantize_linear_c3(%x: tensor<4x6xf32>, %s: tensor<f32>, %z: tensor<i8>) -> tensor<4x6xi8> {
  // expected-error @+1 {{expected a result of 2 to 16 bit integers or 4 or 8 bit floats, of the zero point's type}}
  %r = fsc.quantize_linear(%x, %s, %z) {output_dtype = 2 : i64} : (tensor<4x6xf32>, tensor<f32>, tensor<i8>) -> tensor<4x6xi8>
  return %r : tensor<4x6xi8>
}

// -----

// quantize_linear.C3: float8e8m0 is no type to quantize to
func.func @quantize_linear_c3_exponent(%x: tensor<4xf32>, %s: tensor<f32>) -> tensor<4xf8E8M0FNU> {
  // expected-error @+1 {{expected a result of 2 to 16 bit integers or 4 or 8 bit floats}}
  %r = fsc.quantize_linear(%x, %s) {output_dtype = 24 : i64} : (tensor<4xf32>, tensor<f32>) -> tensor<4xf8E8M0FNU>
  return %r : tensor<4xf8E8M0FNU>
}

// -----

// quantize_linear.C4: the division is of floats
func.func @quantize_linear_c4(%x: tensor<4x6xf32>, %s: tensor<f32>) -> tensor<4x6xui8> {
  // expected-error @+1 {{expected precision of a float type, got 6}}
  %r = fsc.quantize_linear(%x, %s) {precision = 6 : i64} : (tensor<4x6xf32>, tensor<f32>) -> tensor<4x6xui8>
  return %r : tensor<4x6xui8>
}
