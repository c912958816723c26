// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @keeps_the_width
// CHECK: fsc.bit_cast
func.func @keeps_the_width(%x: tensor<4xf32>) -> tensor<4xui32> {
  %r = fsc.bit_cast(%x) {to = 12 : i64} : (tensor<4xf32>) -> tensor<4xui32>
  return %r : tensor<4xui32>
}

// -----

// bit_cast.C1: the types are of one width
func.func @bit_cast_c1(%x: tensor<4xf32>) -> tensor<4xi64> {
  // expected-error @+1 {{expected a type of the width of 'f32', got 7}}
  %r = fsc.bit_cast(%x) {to = 7 : i64} : (tensor<4xf32>) -> tensor<4xi64>
  return %r : tensor<4xi64>
}
