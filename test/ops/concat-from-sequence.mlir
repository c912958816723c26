// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s
// RUN: fsc-opt %s --split-input-file --verify-diagnostics --canonicalize | FileCheck %s --check-prefix=FOLD

// CHECK-LABEL: @along_an_axis
// CHECK: fsc.concat_from_sequence
func.func @along_an_axis(%s: tensor<!fsc.sequence<tensor<2x3xf32>>>) -> (tensor<2x?xf32>, tensor<2x3x?xf32>) {
  %r = fsc.concat_from_sequence(%s) {axis = 1 : i64} : (tensor<!fsc.sequence<tensor<2x3xf32>>>) -> tensor<2x?xf32>
  %t = fsc.concat_from_sequence(%s) {axis = -1 : i64, new_axis = 1 : i64} : (tensor<!fsc.sequence<tensor<2x3xf32>>>) -> tensor<2x3x?xf32>
  return %r, %t : tensor<2x?xf32>, tensor<2x3x?xf32>
}

// -----

// FOLD-LABEL: @is_a_concat_of_what_is_known
// FOLD: %[[X:.*]] = fsc.unsqueeze(%arg0
// FOLD: %[[Y:.*]] = fsc.unsqueeze(%arg1
// FOLD: fsc.concat(%[[X]], %[[Y]]) {axis = 0 : i64}
func.func @is_a_concat_of_what_is_known(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<?x4xf32> {
  %s = fsc.sequence_construct(%a, %b) : (tensor<4xf32>, tensor<4xf32>) -> tensor<!fsc.sequence<tensor<4xf32>>>
  %r = fsc.concat_from_sequence(%s) {axis = 0 : i64, new_axis = 1 : i64} : (tensor<!fsc.sequence<tensor<4xf32>>>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// -----

// Nothing would compare the sizes that are not known.
// FOLD-LABEL: @keeps_what_may_not_fit
// FOLD: fsc.concat_from_sequence
func.func @keeps_what_may_not_fit(%a: tensor<?x4xf32>, %b: tensor<?x4xf32>) -> tensor<?x?xf32> {
  %s = fsc.sequence_construct(%a, %b) : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<!fsc.sequence<tensor<?x4xf32>>>
  %r = fsc.concat_from_sequence(%s) {axis = 1 : i64} : (tensor<!fsc.sequence<tensor<?x4xf32>>>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

// concat_from_sequence.C1: the elements are tensors
func.func @concat_from_sequence_c1(%s: tensor<!fsc.sequence<tensor<!fsc.map<i64, f32>>>>) -> tensor<?xf32> {
  // expected-error @+1 {{expected a sequence of tensors}}
  %r = fsc.concat_from_sequence(%s) {axis = 0 : i64} : (tensor<!fsc.sequence<tensor<!fsc.map<i64, f32>>>>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// concat_from_sequence.C2: the axis is in range
func.func @concat_from_sequence_c2(%s: tensor<!fsc.sequence<tensor<2xf32>>>) -> tensor<?xf32> {
  // expected-error @+1 {{expected axis in [-1, 1), got 1}}
  %r = fsc.concat_from_sequence(%s) {axis = 1 : i64} : (tensor<!fsc.sequence<tensor<2xf32>>>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// lists.C3: it is known which rank the elements have
func.func @lists_c3(%s: tensor<!fsc.sequence<tensor<*xf32>>>) -> tensor<?xf32> {
  // expected-error @+1 {{expected a list whose elements have a known rank}}
  %r = fsc.concat_from_sequence(%s) {axis = 0 : i64} : (tensor<!fsc.sequence<tensor<*xf32>>>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}
