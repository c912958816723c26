// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @keeps_the_type
// CHECK: fsc.sequence_erase(%arg0, %arg1)
func.func @keeps_the_type(%s: tensor<!fsc.sequence<tensor<*xf32>>>, %p: tensor<i32>) -> tensor<!fsc.sequence<tensor<*xf32>>> {
  %r = fsc.sequence_erase(%s, %p) : (tensor<!fsc.sequence<tensor<*xf32>>>, tensor<i32>) -> tensor<!fsc.sequence<tensor<*xf32>>>
  return %r : tensor<!fsc.sequence<tensor<*xf32>>>
}

// -----

// lists.C1: the operand is a sequence
func.func @lists_c1(%s: tensor<!fsc.optional<f32>>) -> tensor<!fsc.optional<f32>> {
  // expected-error @+1 {{expected a sequence}}
  %r = fsc.sequence_erase(%s) : (tensor<!fsc.optional<f32>>) -> tensor<!fsc.optional<f32>>
  return %r : tensor<!fsc.optional<f32>>
}
