// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_a_result_for_each_region
// CHECK: fsc.max_roi_pool
func.func @has_a_result_for_each_region(%x: tensor<1x3x8x8xf32>, %y: tensor<?x5xf32>) -> tensor<?x3x2x2xf32> {
  %r = fsc.max_roi_pool(%x, %y) {pooled_shape = array<i64: 2, 2>} : (tensor<1x3x8x8xf32>, tensor<?x5xf32>) -> tensor<?x3x2x2xf32>
  return %r : tensor<?x3x2x2xf32>
}

// -----

// max_roi_pool.C1: regions are a batch index and four coordinates
func.func @max_roi_pool_c1(%x: tensor<1x3x8x8xf32>, %y: tensor<?x4xf32>) -> tensor<?x3x2x2xf32> {
  // expected-error @+1 {{expected images, regions of five numbers}}
  %r = fsc.max_roi_pool(%x, %y) {pooled_shape = array<i64: 2, 2>} : (tensor<1x3x8x8xf32>, tensor<?x4xf32>) -> tensor<?x3x2x2xf32>
  return %r : tensor<?x3x2x2xf32>
}
