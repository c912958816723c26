// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s
// RUN: fsc-opt %s --split-input-file --verify-diagnostics --canonicalize | FileCheck %s --check-prefix=FOLD

// CHECK-LABEL: @has_the_type_of_the_elements
// CHECK: fsc.sequence_at
// FOLD-LABEL: @has_the_type_of_the_elements
// FOLD: fsc.sequence_at
func.func @has_the_type_of_the_elements(%s: tensor<!fsc.sequence<tensor<2x?xf32>>>, %p: tensor<i64>) -> tensor<2x?xf32> {
  %r = fsc.sequence_at(%s, %p) : (tensor<!fsc.sequence<tensor<2x?xf32>>>, tensor<i64>) -> tensor<2x?xf32>
  return %r : tensor<2x?xf32>
}

// -----

// Through what is inserted and erased, and whatever rank the others have.
// FOLD-LABEL: @is_an_element_that_is_known
// FOLD-NEXT: return %arg1 : tensor<2x3xf32>
func.func @is_an_element_that_is_known(%a: tensor<4xf32>, %b: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %zero = fsc.constant dense<0> : tensor<i64>
  %last = fsc.constant dense<-1> : tensor<i32>
  %s = fsc.sequence_construct(%a, %a) : (tensor<4xf32>, tensor<4xf32>) -> tensor<!fsc.sequence<tensor<4xf32>>>
  %t = fsc.sequence_insert(%s, %b, %last) : (tensor<!fsc.sequence<tensor<4xf32>>>, tensor<2x3xf32>, tensor<i32>) -> tensor<!fsc.sequence<tensor<*xf32>>>
  %u = fsc.sequence_erase(%t, %zero) : (tensor<!fsc.sequence<tensor<*xf32>>>, tensor<i64>) -> tensor<!fsc.sequence<tensor<*xf32>>>
  %r = fsc.sequence_at(%u, %zero) : (tensor<!fsc.sequence<tensor<*xf32>>>, tensor<i64>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// -----

// What is out of range is the run's to refuse.
// FOLD-LABEL: @keeps_a_position_out_of_range
// FOLD: fsc.sequence_at
func.func @keeps_a_position_out_of_range(%a: tensor<4xf32>) -> tensor<4xf32> {
  %two = fsc.constant dense<2> : tensor<i64>
  %s = fsc.sequence_construct(%a, %a) : (tensor<4xf32>, tensor<4xf32>) -> tensor<!fsc.sequence<tensor<4xf32>>>
  %r = fsc.sequence_at(%s, %two) : (tensor<!fsc.sequence<tensor<4xf32>>>, tensor<i64>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// lists.C3: it is known which rank the elements have
func.func @lists_c3(%s: tensor<!fsc.sequence<tensor<*xf32>>>, %p: tensor<i64>) -> tensor<4xf32> {
  // expected-error @+1 {{expected a list whose elements have a known rank, got one whose elements may have any}}
  %r = fsc.sequence_at(%s, %p) : (tensor<!fsc.sequence<tensor<*xf32>>>, tensor<i64>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

func.func @lists_c3_of_none(%s: tensor<!fsc.sequence<f32>>, %p: tensor<i64>) -> tensor<4xf32> {
  // expected-error @+1 {{expected a list whose elements have a known rank, got one that is empty}}
  %r = fsc.sequence_at(%s, %p) : (tensor<!fsc.sequence<f32>>, tensor<i64>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
