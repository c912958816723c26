// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @keeps_the_shape
// CHECK: fsc.lp_normalization
func.func @keeps_the_shape(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %r = fsc.lp_normalization(%x) {axis = 0 : i64, p = 1 : i64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}

// -----

// lp_normalization.C1: the axis is in range
func.func @lp_normalization_c1(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  // expected-error @+1 {{expected axis in [-3, 3), got 3}}
  %r = fsc.lp_normalization(%x) {axis = 3 : i64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}

// -----

// lp_normalization.C2: the norm is L1 or L2
func.func @lp_normalization_c2(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  // expected-error @+1 {{expected p of 1 or 2, got 3}}
  %r = fsc.lp_normalization(%x) {p = 3 : i64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}
