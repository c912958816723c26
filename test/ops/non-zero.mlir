// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_a_row_for_each_dim
// CHECK: fsc.non_zero
func.func @has_a_row_for_each_dim(%x: tensor<3x?xf32>) -> tensor<2x?xi64> {
  %r = fsc.non_zero(%x) : (tensor<3x?xf32>) -> tensor<2x?xi64>
  return %r : tensor<2x?xi64>
}

// -----

// What is known of the result must be right.
func.func @non_zero_rank(%x: tensor<3x4xf32>) -> tensor<3x?xi64> {
  // expected-error @+1 {{expected result 0 of type 'tensor<2x?xi64>'}}
  %r = fsc.non_zero(%x) : (tensor<3x4xf32>) -> tensor<3x?xi64>
  return %r : tensor<3x?xi64>
}
