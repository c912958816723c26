// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s
// RUN: fsc-opt %s --split-input-file --verify-diagnostics --canonicalize | FileCheck %s --check-prefix=FOLD

// CHECK-LABEL: @has_the_type_of_the_element
// CHECK: fsc.optional_get_element
func.func @has_the_type_of_the_element(%o: tensor<!fsc.optional<tensor<!fsc.sequence<tensor<*xf32>>>>>) -> tensor<!fsc.sequence<tensor<*xf32>>> {
  %r = fsc.optional_get_element(%o) : (tensor<!fsc.optional<tensor<!fsc.sequence<tensor<*xf32>>>>>) -> tensor<!fsc.sequence<tensor<*xf32>>>
  return %r : tensor<!fsc.sequence<tensor<*xf32>>>
}

// -----

// FOLD-LABEL: @is_what_was_put_in
// FOLD-NEXT: return %arg0
func.func @is_what_was_put_in(%x: tensor<2xf32>) -> tensor<2xf32> {
  %o = fsc.optional(%x) : (tensor<2xf32>) -> tensor<!fsc.optional<tensor<2xf32>>>
  %r = fsc.optional_get_element(%o) : (tensor<!fsc.optional<tensor<2xf32>>>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

// -----

// optional_get_element.C1: the operand is an optional
func.func @optional_get_element_c1(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{expected an optional, got 'tensor<2xf32>'}}
  %r = fsc.optional_get_element(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

// -----

// lists.C3: it is known which rank the element has
func.func @lists_c3(%o: tensor<!fsc.optional<f32>>) -> tensor<2xf32> {
  // expected-error @+1 {{expected a list whose elements have a known rank}}
  %r = fsc.optional_get_element(%o) : (tensor<!fsc.optional<f32>>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}
