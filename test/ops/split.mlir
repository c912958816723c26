// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @last_part_is_smaller
// CHECK: fsc.split
func.func @last_part_is_smaller(%x: tensor<7x2xf32>) -> (tensor<3x2xf32>, tensor<3x2xf32>, tensor<1x2xf32>) {
  %r:3 = fsc.split(%x) {axis = 0 : i64, num_outputs = 3 : i64} : (tensor<7x2xf32>) -> (tensor<3x2xf32>, tensor<3x2xf32>, tensor<1x2xf32>)
  return %r#0, %r#1, %r#2 : tensor<3x2xf32>, tensor<3x2xf32>, tensor<1x2xf32>
}

// CHECK-LABEL: @takes_the_given_sizes
// CHECK: fsc.split
func.func @takes_the_given_sizes(%x: tensor<?x2xf32>, %y: tensor<2xi64>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %r:2 = fsc.split(%x, %y) : (tensor<?x2xf32>, tensor<2xi64>) -> (tensor<?x2xf32>, tensor<?x2xf32>)
  return %r#0, %r#1 : tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// split.C1: the axis is in range
func.func @split_c1(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{expected axis in [-1, 1), got 1}}
  %r = fsc.split(%x) {axis = 1 : i64} : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// split.C2: num_outputs is the number of results
func.func @split_c2(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{expected 2 results, got 1}}
  %r = fsc.split(%x) {num_outputs = 2 : i64} : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// split.C3: there is a size for each result
func.func @split_c3(%x: tensor<4xf32>, %y: tensor<2xi64>) -> tensor<4xf32> {
  // expected-error @+1 {{expected split of 1 sizes}}
  %r = fsc.split(%x, %y) : (tensor<4xf32>, tensor<2xi64>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// split.C4: every part has a size, and without num_outputs they are equal
func.func @split_c4(%x: tensor<5xf32>) -> (tensor<3xf32>, tensor<2xf32>) {
  // expected-error @+1 {{expected a dim that divides into 2 parts, got size 5}}
  %r:2 = fsc.split(%x) : (tensor<5xf32>) -> (tensor<3xf32>, tensor<2xf32>)
  return %r#0, %r#1 : tensor<3xf32>, tensor<2xf32>
}

// -----

// split.C5: the parts are the whole
func.func @split_c5(%x: tensor<5xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
  %s = fsc.constant dense<[3, 3]> : tensor<2xi64>
  // expected-error @+1 {{expected sizes that sum to 5, got 6}}
  %r:2 = fsc.split(%x, %s) : (tensor<5xf32>, tensor<2xi64>) -> (tensor<3xf32>, tensor<3xf32>)
  return %r#0, %r#1 : tensor<3xf32>, tensor<3xf32>
}
