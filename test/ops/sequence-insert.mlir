// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @learns_from_the_element
// CHECK: fsc.sequence_insert(%arg0, %arg1)
func.func @learns_from_the_element(%s: tensor<!fsc.sequence<f32>>, %x: tensor<2x?xf32>) -> tensor<!fsc.sequence<tensor<2x?xf32>>> {
  %r = fsc.sequence_insert(%s, %x) : (tensor<!fsc.sequence<f32>>, tensor<2x?xf32>) -> tensor<!fsc.sequence<tensor<2x?xf32>>>
  return %r : tensor<!fsc.sequence<tensor<2x?xf32>>>
}

// -----

// sequence_insert.C1: the tensor is of the type of the elements
func.func @sequence_insert_c1(%s: tensor<!fsc.sequence<f32>>, %x: tensor<2xi64>) -> tensor<!fsc.sequence<f32>> {
  // expected-error @+1 {{expected an element of '!fsc.sequence<f32>', got 'tensor<2xi64>'}}
  %r = fsc.sequence_insert(%s, %x) : (tensor<!fsc.sequence<f32>>, tensor<2xi64>) -> tensor<!fsc.sequence<f32>>
  return %r : tensor<!fsc.sequence<f32>>
}

// -----

// lists.C1: the operand is a sequence
func.func @lists_c1(%s: tensor<2xf32>, %x: tensor<2xf32>) -> tensor<!fsc.sequence<f32>> {
  // expected-error @+1 {{expected a sequence, got 'tensor<2xf32>'}}
  %r = fsc.sequence_insert(%s, %x) : (tensor<2xf32>, tensor<2xf32>) -> tensor<!fsc.sequence<f32>>
  return %r : tensor<!fsc.sequence<f32>>
}

// -----

// lists.C2: a position is one int32 or int64
func.func @lists_c2(%s: tensor<!fsc.sequence<f32>>, %x: tensor<2xf32>, %p: tensor<2xi64>) -> tensor<!fsc.sequence<f32>> {
  // expected-error @+1 {{expected a position of one int32 or int64, got 'tensor<2xi64>'}}
  %r = fsc.sequence_insert(%s, %x, %p) : (tensor<!fsc.sequence<f32>>, tensor<2xf32>, tensor<2xi64>) -> tensor<!fsc.sequence<f32>>
  return %r : tensor<!fsc.sequence<f32>>
}
