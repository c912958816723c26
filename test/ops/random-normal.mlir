// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip --cse --canonicalize | FileCheck %s

// Two draws are not one, though they are written alike; one that nothing reads is none.
// CHECK-LABEL: @draws_twice
// CHECK-COUNT-2: fsc.random_normal
// CHECK-NOT: fsc.random_normal
func.func @draws_twice() -> (tensor<2x3xf64>, tensor<2x3xf64>) {
  %a = fsc.random_normal() {shape = array<i64: 2, 3>, dtype = 11 : i64} : () -> tensor<2x3xf64>
  %b = fsc.random_normal() {shape = array<i64: 2, 3>, dtype = 11 : i64} : () -> tensor<2x3xf64>
  %c = fsc.random_normal() {shape = array<i64: 2, 3>, dtype = 11 : i64} : () -> tensor<2x3xf64>
  return %a, %b : tensor<2x3xf64>, tensor<2x3xf64>
}

// -----

// draw.C1: what is drawn are floats
func.func @draw_c1() -> tensor<2xi64> {
  // expected-error @+1 {{expected a dtype of floats}}
  %r = fsc.random_normal() {shape = array<i64: 2>, dtype = 7 : i64} : () -> tensor<2xi64>
  return %r : tensor<2xi64>
}

// -----

// draw.C2: sizes are not negative
func.func @draw_c2() -> tensor<2xf32> {
  // expected-error @+1 {{expected sizes of at least 0, got -2}}
  %r = fsc.random_normal() {shape = array<i64: -2>} : () -> tensor<2xf32>
  return %r : tensor<2xf32>
}
