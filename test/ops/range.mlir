// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @counts_integers
// CHECK: fsc.range
func.func @counts_integers() -> tensor<2xi64> {
  %a = fsc.constant dense<10> : tensor<i64>
  %b = fsc.constant dense<4> : tensor<i64>
  %c = fsc.constant dense<-4> : tensor<i64>
  %r = fsc.range(%a, %b, %c) : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<2xi64>
  return %r : tensor<2xi64>
}

// CHECK-LABEL: @counts_floats
// CHECK: fsc.range
func.func @counts_floats() -> tensor<4xf32> {
  %a = fsc.constant dense<0.0> : tensor<f32>
  %b = fsc.constant dense<1.0> : tensor<f32>
  %c = fsc.constant dense<0.3> : tensor<f32>
  %r = fsc.range(%a, %b, %c) : (tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: @leaves_the_size_open
// CHECK: fsc.range
func.func @leaves_the_size_open(%x: tensor<f32>) -> tensor<?xf32> {
  %r = fsc.range(%x, %x, %x) : (tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// range.C1: operands are single numbers of one type
func.func @range_c1(%x: tensor<f32>, %y: tensor<i64>) -> tensor<?xf32> {
  // expected-error @+1 {{expected numbers of one type}}
  %r = fsc.range(%x, %y, %x) : (tensor<f32>, tensor<i64>, tensor<f32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// range.C2: delta is not 0
func.func @range_c2(%x: tensor<i64>) -> tensor<?xi64> {
  %c = fsc.constant dense<0> : tensor<i64>
  // expected-error @+1 {{expected a delta other than 0}}
  %r = fsc.range(%x, %x, %c) : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  return %r : tensor<?xi64>
}
