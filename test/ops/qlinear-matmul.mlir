// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_the_type_of_the_last_zero_point
// CHECK: fsc.qlinear_matmul
func.func @has_the_type_of_the_last_zero_point(%a: tensor<2x4xui8>, %b: tensor<4x3xi8>, %s: tensor<f32>, %za: tensor<ui8>, %zb: tensor<i8>) -> tensor<2x3xi8> {
  %r = fsc.qlinear_matmul(%a, %s, %za, %b, %s, %zb, %s, %zb) : (tensor<2x4xui8>, tensor<f32>, tensor<ui8>, tensor<4x3xi8>, tensor<f32>, tensor<i8>, tensor<f32>, tensor<i8>) -> tensor<2x3xi8>
  return %r : tensor<2x3xi8>
}

// CHECK-LABEL: @takes_8_bit_floats
// CHECK: fsc.qlinear_matmul
func.func @takes_8_bit_floats(%a: tensor<2x4xf8E4M3FN>, %b: tensor<4x3xf8E5M2>, %s: tensor<f32>, %za: tensor<f8E4M3FN>, %zb: tensor<f8E5M2>) -> tensor<2x3xf8E5M2> {
  %r = fsc.qlinear_matmul(%a, %s, %za, %b, %s, %zb, %s, %zb) : (tensor<2x4xf8E4M3FN>, tensor<f32>, tensor<f8E4M3FN>, tensor<4x3xf8E5M2>, tensor<f32>, tensor<f8E5M2>, tensor<f32>, tensor<f8E5M2>) -> tensor<2x3xf8E5M2>
  return %r : tensor<2x3xf8E5M2>
}

// -----

// qlinear_matmul.C1: the operands are of 8 bit integers or floats
func.func @qlinear_matmul_c1_narrow(%a: tensor<2x4xi4>, %b: tensor<4x3xi8>, %s: tensor<f32>, %za: tensor<i4>, %zb: tensor<i8>) -> tensor<2x3xi8> {
  // expected-error @+1 {{expected operands and a result of 8 bit integers or floats, of their zero points' types, got 'i4', 'i8' and 'i8'}}
  %r = fsc.qlinear_matmul(%a, %s, %za, %b, %s, %zb, %s, %zb) : (tensor<2x4xi4>, tensor<f32>, tensor<i4>, tensor<4x3xi8>, tensor<f32>, tensor<i8>, tensor<f32>, tensor<i8>) -> tensor<2x3xi8>
  return %r : tensor<2x3xi8>
}

// -----

// qlinear_matmul.C1: the result is of 8 bit integers or floats
func.func @qlinear_matmul_c1(%a: tensor<2x4xui8>, %b: tensor<4x3xi8>, %s: tensor<f32>, %za: tensor<ui8>, %zb: tensor<i8>, %z: tensor<i16>) -> tensor<2x3xi16> {
  // expected-error @+1 {{expected operands and a result of 8 bit integers or floats, of their zero points' types, got 'ui8', 'i8' and 'i16'}}
  %r = fsc.qlinear_matmul(%a, %s, %za, %b, %s, %zb, %s, %z) : (tensor<2x4xui8>, tensor<f32>, tensor<ui8>, tensor<4x3xi8>, tensor<f32>, tensor<i8>, tensor<f32>, tensor<i16>) -> tensor<2x3xi16>
  return %r : tensor<2x3xi16>
}
