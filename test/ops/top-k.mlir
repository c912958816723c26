// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @takes_k_elements
// CHECK: fsc.top_k
func.func @takes_k_elements(%x: tensor<3x8xf32>) -> (tensor<3x4xf32>, tensor<3x4xi64>) {
  %k = fsc.constant dense<4> : tensor<1xi64>
  %r:2 = fsc.top_k(%x, %k) : (tensor<3x8xf32>, tensor<1xi64>) -> (tensor<3x4xf32>, tensor<3x4xi64>)
  return %r#0, %r#1 : tensor<3x4xf32>, tensor<3x4xi64>
}

// CHECK-LABEL: @leaves_k_open
// CHECK: fsc.top_k
func.func @leaves_k_open(%x: tensor<3x8xf32>, %y: tensor<1xi64>) -> (tensor<?x8xf32>, tensor<?x8xi64>) {
  %r:2 = fsc.top_k(%x, %y) {axis = 0 : i64, largest = 0 : i64} : (tensor<3x8xf32>, tensor<1xi64>) -> (tensor<?x8xf32>, tensor<?x8xi64>)
  return %r#0, %r#1 : tensor<?x8xf32>, tensor<?x8xi64>
}

// -----

// top_k.C1: the axis is in range
func.func @top_k_c1(%x: tensor<3xf32>, %y: tensor<1xi64>) -> (tensor<?xf32>, tensor<?xi64>) {
  // expected-error @+1 {{expected axis in [-1, 1), got 1}}
  %r:2 = fsc.top_k(%x, %y) {axis = 1 : i64} : (tensor<3xf32>, tensor<1xi64>) -> (tensor<?xf32>, tensor<?xi64>)
  return %r#0, %r#1 : tensor<?xf32>, tensor<?xi64>
}

// -----

// top_k.C2: k is one integer
func.func @top_k_c2(%x: tensor<3xf32>, %y: tensor<2xi64>) -> (tensor<?xf32>, tensor<?xi64>) {
  // expected-error @+1 {{expected one integer k}}
  %r:2 = fsc.top_k(%x, %y) : (tensor<3xf32>, tensor<2xi64>) -> (tensor<?xf32>, tensor<?xi64>)
  return %r#0, %r#1 : tensor<?xf32>, tensor<?xi64>
}

// -----

// top_k.C3: there are k elements
func.func @top_k_c3(%x: tensor<3xf32>) -> (tensor<?xf32>, tensor<?xi64>) {
  %k = fsc.constant dense<4> : tensor<1xi64>
  // expected-error @+1 {{expected k in [0, 3], got 4}}
  %r:2 = fsc.top_k(%x, %k) : (tensor<3xf32>, tensor<1xi64>) -> (tensor<?xf32>, tensor<?xi64>)
  return %r#0, %r#1 : tensor<?xf32>, tensor<?xi64>
}
