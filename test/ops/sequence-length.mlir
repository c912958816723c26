// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s
// RUN: fsc-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(func.func(fsc-fold-shapes))' | FileCheck %s --check-prefix=FOLD

// CHECK-LABEL: @is_a_number
// CHECK: fsc.sequence_length
// FOLD-LABEL: @is_a_number
// FOLD: fsc.sequence_length
func.func @is_a_number(%s: tensor<!fsc.sequence<tensor<*xf32>>>) -> tensor<i64> {
  %r = fsc.sequence_length(%s) : (tensor<!fsc.sequence<tensor<*xf32>>>) -> tensor<i64>
  return %r : tensor<i64>
}

// -----

// FOLD-LABEL: @is_known_where_the_elements_are
// FOLD: fsc.constant dense<2> : tensor<i64>
// FOLD-NOT: fsc.sequence_length
func.func @is_known_where_the_elements_are(%a: tensor<4xf32>) -> tensor<i64> {
  %s = fsc.sequence_construct(%a, %a) : (tensor<4xf32>, tensor<4xf32>) -> tensor<!fsc.sequence<tensor<4xf32>>>
  %r = fsc.sequence_length(%s) : (tensor<!fsc.sequence<tensor<4xf32>>>) -> tensor<i64>
  return %r : tensor<i64>
}

// -----

// lists.C1: the operand is a sequence
func.func @lists_c1(%s: tensor<2xf32>) -> tensor<i64> {
  // expected-error @+1 {{expected a sequence}}
  %r = fsc.sequence_length(%s) : (tensor<2xf32>) -> tensor<i64>
  return %r : tensor<i64>
}
