// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @keeps_sizes
// CHECK: fsc.trilu
func.func @keeps_sizes(%x: tensor<2x3x4xf32>, %y: tensor<i64>) -> tensor<2x3x4xf32> {
  %r = fsc.trilu(%x, %y) {upper = 0 : i64} : (tensor<2x3x4xf32>, tensor<i64>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}

// -----

// trilu.C1: the operand has matrices
func.func @trilu_c1(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{expected an operand of rank at least 2}}
  %r = fsc.trilu(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// trilu.C2: k is one integer
func.func @trilu_c2(%x: tensor<4x4xf32>, %y: tensor<2xi64>) -> tensor<4x4xf32> {
  // expected-error @+1 {{expected one integer k}}
  %r = fsc.trilu(%x, %y) : (tensor<4x4xf32>, tensor<2xi64>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
