// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @keeps_sizes
// CHECK: fsc.hardmax
func.func @keeps_sizes(%x: tensor<3x?xf32>) -> tensor<3x?xf32> {
  %r = fsc.hardmax(%x) : (tensor<3x?xf32>) -> tensor<3x?xf32>
  return %r : tensor<3x?xf32>
}

// -----

// hardmax.C1: the axis is in range
func.func @hardmax_c1(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{expected axis in [-1, 1), got 1}}
  %r = fsc.hardmax(%x) {axis = 1 : i64} : (tensor<3xf32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}
