// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @follows_constant_cuts
// CHECK: fsc.slice
func.func @follows_constant_cuts(%x: tensor<4x10xf32>) -> tensor<2x3xf32> {
  %s = fsc.constant dense<[8, 1]> : tensor<2xi64>
  %e = fsc.constant dense<[-20, 9]> : tensor<2xi64>
  %a = fsc.constant dense<[1, 0]> : tensor<2xi64>
  %t = fsc.constant dense<[-3, 2]> : tensor<2xi64>
  %r = fsc.slice(%x, %s, %e, %a, %t) : (tensor<4x10xf32>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>) -> tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// CHECK-LABEL: @leaves_sizes_open
// CHECK: fsc.slice
func.func @leaves_sizes_open(%x: tensor<?x10xf32>, %y: tensor<1xi64>) -> tensor<?x10xf32> {
  %r = fsc.slice(%x, %y, %y, _, %y) : (tensor<?x10xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x10xf32>
  return %r : tensor<?x10xf32>
}

// -----

// slice.C1: starts and ends are lists of one known length
func.func @slice_c1(%x: tensor<4xf32>, %y: tensor<1xi64>, %z: tensor<2xi64>) -> tensor<?xf32> {
  // expected-error @+1 {{expected starts and ends of one known length}}
  %r = fsc.slice(%x, %y, %z) : (tensor<4xf32>, tensor<1xi64>, tensor<2xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// slice.C2: there is an axis and a step for each start
func.func @slice_c2(%x: tensor<4xf32>, %y: tensor<1xi64>, %z: tensor<2xi64>) -> tensor<?xf32> {
  // expected-error @+1 {{expected 1 axes and steps, got 2 and 1}}
  %r = fsc.slice(%x, %y, %y, %z) : (tensor<4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<2xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// slice.C3: steps are not 0
func.func @slice_c3(%x: tensor<4xf32>, %y: tensor<1xi64>) -> tensor<?xf32> {
  %t = fsc.constant dense<0> : tensor<1xi64>
  // expected-error @+1 {{expected steps other than 0}}
  %r = fsc.slice(%x, %y, %y, _, %t) : (tensor<4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// slice.C4: axes are in range, and each is listed once
func.func @slice_c4(%x: tensor<4xf32>, %y: tensor<1xi64>) -> tensor<?xf32> {
  %a = fsc.constant dense<1> : tensor<1xi64>
  // expected-error @+1 {{expected different axes in [-1, 1), got 1}}
  %r = fsc.slice(%x, %y, %y, %a) : (tensor<4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}
