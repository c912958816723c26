// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @gathers_slices_of_each_batch_entry
// CHECK: fsc.gather_nd
func.func @gathers_slices_of_each_batch_entry(%x: tensor<2x3x4xf32>, %y: tensor<2x5x1xi64>) -> tensor<2x5x4xf32> {
  %r = fsc.gather_nd(%x, %y) {batch_dims = 1 : i64} : (tensor<2x3x4xf32>, tensor<2x5x1xi64>) -> tensor<2x5x4xf32>
  return %r : tensor<2x5x4xf32>
}

// -----

// gather_nd.C1: indices are integers
func.func @gather_nd_c1(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{expected integer indices}}
  %r = fsc.gather_nd(%x, %x) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// gather_nd.C2: the length of an index tuple is known
func.func @gather_nd_c2(%x: tensor<3xf32>, %y: tensor<3x?xi64>) -> tensor<3xf32> {
  // expected-error @+1 {{expected indices whose last size is known}}
  %r = fsc.gather_nd(%x, %y) : (tensor<3xf32>, tensor<3x?xi64>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// gather_nd.C3: batch dims and the tuple are within the operands rank
func.func @gather_nd_c3(%x: tensor<3xf32>, %y: tensor<3x2xi64>) -> tensor<3xf32> {
  // expected-error @+1 {{expected batch_dims + 2 of at most 1, got batch_dims 0}}
  %r = fsc.gather_nd(%x, %y) : (tensor<3xf32>, tensor<3x2xi64>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// gather_nd.C4: batch dims agree
func.func @gather_nd_c4(%x: tensor<2x3xf32>, %y: tensor<3x1xi64>) -> tensor<3xf32> {
  // expected-error @+1 {{expected equal batch dims, got 2 and 3}}
  %r = fsc.gather_nd(%x, %y) {batch_dims = 1 : i64} : (tensor<2x3xf32>, tensor<3x1xi64>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}
