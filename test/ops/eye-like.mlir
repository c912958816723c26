// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @takes_the_dtype
// CHECK: fsc.eye_like
func.func @takes_the_dtype(%x: tensor<3x?xf32>) -> tensor<3x?xi64> {
  %r = fsc.eye_like(%x) {dtype = 7 : i64, k = -1 : i64} : (tensor<3x?xf32>) -> tensor<3x?xi64>
  return %r : tensor<3x?xi64>
}

// -----

// eye_like.C1: the operand is a matrix
func.func @eye_like_c1(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{expected a matrix}}
  %r = fsc.eye_like(%x) : (tensor<3xf32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// eye_like.C2: dtype is a type that tensors can have
func.func @eye_like_c2(%x: tensor<3x3xf32>) -> tensor<3x3xf32> {
  // expected-error @+1 {{expected a supported dtype, got 8}}
  %r = fsc.eye_like(%x) {dtype = 8 : i64} : (tensor<3x3xf32>) -> tensor<3x3xf32>
  return %r : tensor<3x3xf32>
}
