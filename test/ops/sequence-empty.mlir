// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @knows_no_element
// CHECK: fsc.sequence_empty() {dtype = 7 : i64} : () -> tensor<!fsc.sequence<i64>>
func.func @knows_no_element() -> tensor<!fsc.sequence<i64>> {
  %r = fsc.sequence_empty() {dtype = 7 : i64} : () -> tensor<!fsc.sequence<i64>>
  return %r : tensor<!fsc.sequence<i64>>
}

// -----

// sequence_empty.C1: the element type is one that there is
func.func @sequence_empty_c1() -> tensor<!fsc.sequence<i64>> {
  // expected-error @+1 {{expected the number of an element type, got 99}}
  %r = fsc.sequence_empty() {dtype = 99 : i64} : () -> tensor<!fsc.sequence<i64>>
  return %r : tensor<!fsc.sequence<i64>>
}
