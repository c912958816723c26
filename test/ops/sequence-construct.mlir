// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @joins_the_sizes
// CHECK: fsc.sequence_construct
func.func @joins_the_sizes(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>) -> tensor<!fsc.sequence<tensor<2x?xf32>>> {
  %r = fsc.sequence_construct(%a, %b) : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<!fsc.sequence<tensor<2x?xf32>>>
  return %r : tensor<!fsc.sequence<tensor<2x?xf32>>>
}

// -----

// CHECK-LABEL: @of_different_ranks
func.func @of_different_ranks(%a: tensor<2xf32>, %b: tensor<2x4xf32>) -> tensor<!fsc.sequence<tensor<*xf32>>> {
  %r = fsc.sequence_construct(%a, %b) : (tensor<2xf32>, tensor<2x4xf32>) -> tensor<!fsc.sequence<tensor<*xf32>>>
  return %r : tensor<!fsc.sequence<tensor<*xf32>>>
}

// -----

// sequence_construct.C1: all operands are of one type
func.func @sequence_construct_c1(%a: tensor<2xf32>, %b: tensor<2xi64>) -> tensor<!fsc.sequence<tensor<2xf32>>> {
  // expected-error @+1 {{expected operands of one element type}}
  %r = fsc.sequence_construct(%a, %b) : (tensor<2xf32>, tensor<2xi64>) -> tensor<!fsc.sequence<tensor<2xf32>>>
  return %r : tensor<!fsc.sequence<tensor<2xf32>>>
}
