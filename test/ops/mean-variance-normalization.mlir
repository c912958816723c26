// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @normalizes_over_axes
// CHECK: fsc.mean_variance_normalization
func.func @normalizes_over_axes(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %r = fsc.mean_variance_normalization(%x) {axes = array<i64: 0, -1>} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}

// -----

// mean_variance_normalization.C1: axes are in range
func.func @mean_variance_normalization_c1(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  // expected-error @+1 {{expected axes in [-3, 3), got 3}}
  %r = fsc.mean_variance_normalization(%x) : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}
