// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @runs_in_both_layouts
// CHECK: fsc.gru
func.func @runs_in_both_layouts(%x: tensor<?x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>) -> tensor<?x1x4xf32> {
  %y:2 = fsc.gru(%x, %w, %r) {layout = 1 : i64, linear_before_reset = 1 : i64} : (tensor<?x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>) -> (tensor<?x2x1x4xf32>, tensor<?x1x4xf32>)
  return %y#1 : tensor<?x1x4xf32>
}
