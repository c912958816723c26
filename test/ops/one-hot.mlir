// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @adds_a_dim
// CHECK: fsc.one_hot
func.func @adds_a_dim(%x: tensor<3x?xi64>, %y: tensor<2xf32>) -> tensor<3x5x?xf32> {
  %d = fsc.constant dense<5> : tensor<i64>
  %r = fsc.one_hot(%x, %d, %y) {axis = 1 : i64} : (tensor<3x?xi64>, tensor<i64>, tensor<2xf32>) -> tensor<3x5x?xf32>
  return %r : tensor<3x5x?xf32>
}

// -----

// one_hot.C1: the axis is in range
func.func @one_hot_c1(%x: tensor<3xi64>, %y: tensor<i64>, %z: tensor<2xf32>) -> tensor<3x?xf32> {
  // expected-error @+1 {{expected axis in [-2, 1], got 2}}
  %r = fsc.one_hot(%x, %y, %z) {axis = 2 : i64} : (tensor<3xi64>, tensor<i64>, tensor<2xf32>) -> tensor<3x?xf32>
  return %r : tensor<3x?xf32>
}

// -----

// one_hot.C2: depth is one number, values are two
func.func @one_hot_c2(%x: tensor<3xi64>, %y: tensor<i64>, %z: tensor<3xf32>) -> tensor<3x?xf32> {
  // expected-error @+1 {{expected one depth and two values}}
  %r = fsc.one_hot(%x, %y, %z) : (tensor<3xi64>, tensor<i64>, tensor<3xf32>) -> tensor<3x?xf32>
  return %r : tensor<3x?xf32>
}
