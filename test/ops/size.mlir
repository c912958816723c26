// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @counts_elements
// CHECK: fsc.size
func.func @counts_elements(%x: tensor<4x?xf32>) -> tensor<i64> {
  %r = fsc.size(%x) : (tensor<4x?xf32>) -> tensor<i64>
  return %r : tensor<i64>
}
