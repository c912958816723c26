// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @by_sizes
// CHECK: fsc.split_to_sequence(%arg0, %arg1) {axis = -1 : i64, keepdims = 1 : i64}
func.func @by_sizes(%x: tensor<2x?xf32>, %p: tensor<?xi64>) -> tensor<!fsc.sequence<tensor<2x?xf32>>> {
  %r = fsc.split_to_sequence(%x, %p) {axis = -1 : i64} : (tensor<2x?xf32>, tensor<?xi64>) -> tensor<!fsc.sequence<tensor<2x?xf32>>>
  return %r : tensor<!fsc.sequence<tensor<2x?xf32>>>
}

// -----

// CHECK-LABEL: @one_by_one
func.func @one_by_one(%x: tensor<2x?xf32>) -> (tensor<!fsc.sequence<tensor<1x?xf32>>>, tensor<!fsc.sequence<tensor<?xf32>>>) {
  %r = fsc.split_to_sequence(%x) : (tensor<2x?xf32>) -> tensor<!fsc.sequence<tensor<1x?xf32>>>
  %s = fsc.split_to_sequence(%x) {keepdims = 0 : i64} : (tensor<2x?xf32>) -> tensor<!fsc.sequence<tensor<?xf32>>>
  return %r, %s : tensor<!fsc.sequence<tensor<1x?xf32>>>, tensor<!fsc.sequence<tensor<?xf32>>>
}

// -----

// split_to_sequence.C1: the axis is in range
func.func @split_to_sequence_c1(%x: tensor<4xf32>) -> tensor<!fsc.sequence<f32>> {
  // expected-error @+1 {{expected axis in [-1, 1), got 1}}
  %r = fsc.split_to_sequence(%x) {axis = 1 : i64} : (tensor<4xf32>) -> tensor<!fsc.sequence<f32>>
  return %r : tensor<!fsc.sequence<f32>>
}

// -----

// split_to_sequence.C2: the sizes are int32 or int64, one or a vector
func.func @split_to_sequence_c2(%x: tensor<4xf32>, %p: tensor<2x2xi64>) -> tensor<!fsc.sequence<f32>> {
  // expected-error @+1 {{expected a split of rank 0 or 1 of int32 or int64}}
  %r = fsc.split_to_sequence(%x, %p) : (tensor<4xf32>, tensor<2x2xi64>) -> tensor<!fsc.sequence<f32>>
  return %r : tensor<!fsc.sequence<f32>>
}
