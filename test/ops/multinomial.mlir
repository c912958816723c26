// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @draws_from_each_row
// CHECK: fsc.multinomial
func.func @draws_from_each_row(%x: tensor<?x3xf32>) -> tensor<?x8xi64> {
  %r = fsc.multinomial(%x) {dtype = 7 : i64, sample_size = 8 : i64} : (tensor<?x3xf32>) -> tensor<?x8xi64>
  return %r : tensor<?x8xi64>
}

// -----

// multinomial.C1: the operand is rows of classes
func.func @multinomial_c1(%x: tensor<3xf32>) -> tensor<3x1xi32> {
  // expected-error @+1 {{expected [rows, classes] of floats}}
  %r = fsc.multinomial(%x) : (tensor<3xf32>) -> tensor<3x1xi32>
  return %r : tensor<3x1xi32>
}

// -----

// multinomial.C2: the classes are integers
func.func @multinomial_c2(%x: tensor<3x2xf32>) -> tensor<3x1xf32> {
  // expected-error @+1 {{expected dtype 6 (int32) or 7 (int64), got 1}}
  %r = fsc.multinomial(%x) {dtype = 1 : i64} : (tensor<3x2xf32>) -> tensor<3x1xf32>
  return %r : tensor<3x1xf32>
}

// -----

// multinomial.C3: the number of draws is not negative
func.func @multinomial_c3(%x: tensor<3x2xf32>) -> tensor<3x1xi32> {
  // expected-error @+1 {{expected a sample_size of at least 0, got -1}}
  %r = fsc.multinomial(%x) {sample_size = -1 : i64} : (tensor<3x2xf32>) -> tensor<3x1xi32>
  return %r : tensor<3x1xi32>
}
