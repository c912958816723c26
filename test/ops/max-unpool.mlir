// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @inverts_the_pools_size
// CHECK: fsc.max_unpool
func.func @inverts_the_pools_size(%x: tensor<1x1x2x2xf32>, %y: tensor<1x1x2x2xi64>) -> tensor<1x1x4x4xf32> {
  %r = fsc.max_unpool(%x, %y) {kernel_shape = array<i64: 2, 2>, strides = array<i64: 2, 2>} : (tensor<1x1x2x2xf32>, tensor<1x1x2x2xi64>) -> tensor<1x1x4x4xf32>
  return %r : tensor<1x1x4x4xf32>
}

// -----

// max_unpool.C1: there is a kernel size for each spatial dim
func.func @max_unpool_c1(%x: tensor<1x1x2xf32>, %y: tensor<1x1x2xi64>) -> tensor<1x1x4xf32> {
  // expected-error @+1 {{expected kernel_shape of 1 sizes, got 2}}
  %r = fsc.max_unpool(%x, %y) {kernel_shape = array<i64: 2, 2>} : (tensor<1x1x2xf32>, tensor<1x1x2xi64>) -> tensor<1x1x4xf32>
  return %r : tensor<1x1x4xf32>
}

// -----

// max_unpool.C2: there is an integer index for each element
func.func @max_unpool_c2(%x: tensor<1x1x2xf32>, %y: tensor<1x1x3xi64>) -> tensor<1x1x3xf32> {
  // expected-error @+1 {{expected an integer index for each element}}
  %r = fsc.max_unpool(%x, %y) {kernel_shape = array<i64: 2>} : (tensor<1x1x2xf32>, tensor<1x1x3xi64>) -> tensor<1x1x3xf32>
  return %r : tensor<1x1x3xf32>
}

// -----

// max_unpool.C3: output_shape has a size for each dim
func.func @max_unpool_c3(%x: tensor<1x1x2xf32>, %y: tensor<1x1x2xi64>, %z: tensor<2xi64>) -> tensor<?x?x?xf32> {
  // expected-error @+1 {{expected output_shape of 3 sizes}}
  %r = fsc.max_unpool(%x, %y, %z) {kernel_shape = array<i64: 2>} : (tensor<1x1x2xf32>, tensor<1x1x2xi64>, tensor<2xi64>) -> tensor<?x?x?xf32>
  return %r : tensor<?x?x?xf32>
}
