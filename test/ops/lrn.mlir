// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @keeps_the_shape
// CHECK: fsc.lrn
func.func @keeps_the_shape(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %r = fsc.lrn(%x) {size = 3 : i64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}

// -----

// lrn.C1: at least the channel itself is summed
func.func @lrn_c1(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  // expected-error @+1 {{expected size of at least 1, got 0}}
  %r = fsc.lrn(%x) {size = 0 : i64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}
