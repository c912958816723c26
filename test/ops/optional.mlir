// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @of_an_operand
// CHECK: fsc.optional(%arg0)
func.func @of_an_operand(%x: tensor<2x?xf32>) -> tensor<!fsc.optional<tensor<2x?xf32>>> {
  %r = fsc.optional(%x) : (tensor<2x?xf32>) -> tensor<!fsc.optional<tensor<2x?xf32>>>
  return %r : tensor<!fsc.optional<tensor<2x?xf32>>>
}

// -----

// Nothing is known of the elements of what is not there.
// CHECK-LABEL: @of_a_type
// CHECK: fsc.optional() {type = tensor<!fsc.sequence<tensor<*xf32>>>}
func.func @of_a_type() -> tensor<!fsc.optional<!fsc.sequence<f32>>> {
  %r = fsc.optional() {type = tensor<!fsc.sequence<tensor<*xf32>>>} : () -> tensor<!fsc.optional<!fsc.sequence<f32>>>
  return %r : tensor<!fsc.optional<!fsc.sequence<f32>>>
}

// -----

// optional.C1: there is an operand or a type
func.func @optional_c1() -> tensor<!fsc.optional<f32>> {
  // expected-error @+1 {{expected an operand or a type}}
  %r = fsc.optional() : () -> tensor<!fsc.optional<f32>>
  return %r : tensor<!fsc.optional<f32>>
}
