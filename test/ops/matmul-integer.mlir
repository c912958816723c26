// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @takes_zero_points_for_rows_and_columns
// CHECK: fsc.matmul_integer
func.func @takes_zero_points_for_rows_and_columns(%a: tensor<2x4xui8>, %b: tensor<4x3xi8>, %za: tensor<2xui8>, %zb: tensor<3xi8>) -> tensor<2x3xi32> {
  %r = fsc.matmul_integer(%a, %b, %za, %zb) : (tensor<2x4xui8>, tensor<4x3xi8>, tensor<2xui8>, tensor<3xi8>) -> tensor<2x3xi32>
  return %r : tensor<2x3xi32>
}

// CHECK-LABEL: @may_have_the_second_zero_point_alone
// CHECK: fsc.matmul_integer
func.func @may_have_the_second_zero_point_alone(%a: tensor<2x4xui8>, %b: tensor<4x3xi8>, %zb: tensor<i8>) -> tensor<2x3xi32> {
  %r = fsc.matmul_integer(%a, %b, _, %zb) : (tensor<2x4xui8>, tensor<4x3xi8>, tensor<i8>) -> tensor<2x3xi32>
  return %r : tensor<2x3xi32>
}

// -----

// matmul_integer.C1: parameters are given for the tensor, or for each row or column
func.func @matmul_integer_c1(%a: tensor<2x4xui8>, %b: tensor<4x3xi8>, %za: tensor<3xui8>) -> tensor<2x3xi32> {
  // expected-error @+1 {{expected one parameter, or one for each row or column}}
  %r = fsc.matmul_integer(%a, %b, %za) : (tensor<2x4xui8>, tensor<4x3xi8>, tensor<3xui8>) -> tensor<2x3xi32>
  return %r : tensor<2x3xi32>
}

// -----

// matmul_integer.C2: operands are of 8 bit integers
func.func @matmul_integer_c2(%a: tensor<2x4xi16>, %b: tensor<4x3xi8>) -> tensor<2x3xi32> {
  // expected-error @+1 {{expected operands of 8 bit integers}}
  %r = fsc.matmul_integer(%a, %b) : (tensor<2x4xi16>, tensor<4x3xi8>) -> tensor<2x3xi32>
  return %r : tensor<2x3xi32>
}

// -----

// matmul.C3: the summed dims agree
func.func @matmul_c3(%a: tensor<2x4xui8>, %b: tensor<5x3xi8>) -> tensor<2x3xi32> {
  // expected-error @+1 {{expected equal inner sizes, got 4 and 5}}
  %r = fsc.matmul_integer(%a, %b) : (tensor<2x4xui8>, tensor<5x3xi8>) -> tensor<2x3xi32>
  return %r : tensor<2x3xi32>
}
