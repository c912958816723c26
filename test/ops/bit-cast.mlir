// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @keeps_the_width
// CHECK: fsc.bit_cast
func.func @keeps_the_width(%x: tensor<4xf32>) -> tensor<4xui32> {
  %r = fsc.bit_cast(%x) {to = 12 : i64} : (tensor<4xf32>) -> tensor<4xui32>
  return %r : tensor<4xui32>
}

// CHECK-LABEL: @takes_narrow_types
// CHECK: fsc.bit_cast
func.func @takes_narrow_types(%x: tensor<4xi4>, %y: tensor<4xi1>) -> tensor<4xf4E2M1FN> {
  %0 = fsc.bit_cast(%y) {to = 17 : i64} : (tensor<4xi1>) -> tensor<4xf8E4M3FN>
  %r = fsc.bit_cast(%x) {to = 23 : i64} : (tensor<4xi4>) -> tensor<4xf4E2M1FN>
  return %r : tensor<4xf4E2M1FN>
}

// -----

// bit_cast.C1: a byte in memory is not the width
func.func @bit_cast_c1_narrow(%x: tensor<4xi4>) -> tensor<4xi8> {
  // expected-error @+1 {{expected a type of the width of 'i4', got 3}}
  %r = fsc.bit_cast(%x) {to = 3 : i64} : (tensor<4xi4>) -> tensor<4xi8>
  return %r : tensor<4xi8>
}

// -----

// bit_cast.C1: the types are of one width
func.func @bit_cast_c1(%x: tensor<4xf32>) -> tensor<4xi64> {
  // expected-error @+1 {{expected a type of the width of 'f32', got 7}}
  %r = fsc.bit_cast(%x) {to = 7 : i64} : (tensor<4xf32>) -> tensor<4xi64>
  return %r : tensor<4xi64>
}
