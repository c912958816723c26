// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @keeps_the_dim
// CHECK: fsc.arg_max
func.func @keeps_the_dim(%x: tensor<3x?xf32>) -> tensor<1x?xi64> {
  %r = fsc.arg_max(%x) {axis = -2 : i64} : (tensor<3x?xf32>) -> tensor<1x?xi64>
  return %r : tensor<1x?xi64>
}

// CHECK-LABEL: @drops_the_dim
// CHECK: fsc.arg_max
func.func @drops_the_dim(%x: tensor<3x?xf32>) -> tensor<?xi64> {
  %r = fsc.arg_max(%x) {keepdims = 0 : i64, select_last_index = 1 : i64} : (tensor<3x?xf32>) -> tensor<?xi64>
  return %r : tensor<?xi64>
}

// -----

// arg.C1: the axis is in range
func.func @arg_c1(%x: tensor<3xf32>) -> tensor<1xi64> {
  // expected-error @+1 {{expected axis in [-1, 1), got 1}}
  %r = fsc.arg_max(%x) {axis = 1 : i64} : (tensor<3xf32>) -> tensor<1xi64>
  return %r : tensor<1xi64>
}

// -----

// arg.C2: there is an element
func.func @arg_c2(%x: tensor<0xf32>) -> tensor<1xi64> {
  // expected-error @+1 {{expected an element along axis 0}}
  %r = fsc.arg_max(%x) : (tensor<0xf32>) -> tensor<1xi64>
  return %r : tensor<1xi64>
}
