// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @shrinks_spatial_dims
// CHECK: fsc.lp_pool
func.func @shrinks_spatial_dims(%x: tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32> {
  %r = fsc.lp_pool(%x) {kernel_shape = array<i64: 2, 2>, p = 3 : i64, strides = array<i64: 2, 2>} : (tensor<1x2x8x8xf32>) -> tensor<1x2x4x4xf32>
  return %r : tensor<1x2x4x4xf32>
}

// CHECK-LABEL: @folds_whole_channels
// CHECK: fsc.global_lp_pool
func.func @folds_whole_channels(%x: tensor<1x2x8x8xf32>) -> tensor<1x2x1x1xf32> {
  %r = fsc.global_lp_pool(%x) : (tensor<1x2x8x8xf32>) -> tensor<1x2x1x1xf32>
  return %r : tensor<1x2x1x1xf32>
}

// -----

// lp_pool.C1: there is a norm
func.func @lp_pool_c1(%x: tensor<1x2x8x8xf32>) -> tensor<1x2x1x1xf32> {
  // expected-error @+1 {{expected p of at least 1, got 0}}
  %r = fsc.lp_pool(%x) {kernel_shape = array<i64: 8, 8>, p = 0 : i64} : (tensor<1x2x8x8xf32>) -> tensor<1x2x1x1xf32>
  return %r : tensor<1x2x1x1xf32>
}

// -----

// global_lp_pool.C1: there is a norm
func.func @global_lp_pool_c1(%x: tensor<1x2x8x8xf32>) -> tensor<1x2x1x1xf32> {
  // expected-error @+1 {{expected p of at least 1, got 0}}
  %r = fsc.global_lp_pool(%x) {p = 0 : i64} : (tensor<1x2x8x8xf32>) -> tensor<1x2x1x1xf32>
  return %r : tensor<1x2x1x1xf32>
}
