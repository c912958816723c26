// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @runs_along_a_known_axis
// CHECK: fsc.cum_prod
func.func @runs_along_a_known_axis(%x: tensor<3x?xf32>) -> tensor<3x?xf32> {
  %a = fsc.constant dense<-1> : tensor<i64>
  %r = fsc.cum_prod(%x, %a) {exclusive = 1 : i64} : (tensor<3x?xf32>, tensor<i64>) -> tensor<3x?xf32>
  return %r : tensor<3x?xf32>
}

// CHECK-LABEL: @runs_along_an_open_axis
// CHECK: fsc.cum_prod
func.func @runs_along_an_open_axis(%x: tensor<3x?xf32>, %y: tensor<i32>) -> tensor<3x?xf32> {
  %r = fsc.cum_prod(%x, %y) {reverse = 1 : i64} : (tensor<3x?xf32>, tensor<i32>) -> tensor<3x?xf32>
  return %r : tensor<3x?xf32>
}

// -----

// cumulative.C1: the axis is one integer, and in range
func.func @cumulative_c1(%x: tensor<3xf32>) -> tensor<3xf32> {
  %a = fsc.constant dense<1> : tensor<i64>
  // expected-error @+1 {{expected axis in [-1, 1), got 1}}
  %r = fsc.cum_prod(%x, %a) : (tensor<3xf32>, tensor<i64>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}
