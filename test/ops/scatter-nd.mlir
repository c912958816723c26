// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_the_operands_shape
// CHECK: fsc.scatter_nd
func.func @has_the_operands_shape(%x: tensor<3x4xf32>, %y: tensor<5x1xi64>, %z: tensor<5x4xf32>) -> tensor<3x4xf32> {
  %r = fsc.scatter_nd(%x, %y, %z) : (tensor<3x4xf32>, tensor<5x1xi64>, tensor<5x4xf32>) -> tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}

// -----

// scatter_nd.C1: indices are integers
func.func @scatter_nd_c1(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{expected integer indices}}
  %r = fsc.scatter_nd(%x, %x, %x) : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// scatter_nd.C2: an index tuple is as long as the ranks say
func.func @scatter_nd_c2(%x: tensor<3xf32>, %y: tensor<3x2xi64>) -> tensor<3xf32> {
  // expected-error @+1 {{expected index tuples and slices that make up the operand's rank}}
  %r = fsc.scatter_nd(%x, %y, %x) : (tensor<3xf32>, tensor<3x2xi64>, tensor<3xf32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// scatter_nd.C3: there is a slice of the operand for each tuple
func.func @scatter_nd_c3(%x: tensor<3x4xf32>, %y: tensor<2x1xi64>) -> tensor<3x4xf32> {
  // expected-error @+1 {{expected a slice of the operand for each index tuple}}
  %r = fsc.scatter_nd(%x, %y, %x) : (tensor<3x4xf32>, tensor<2x1xi64>, tensor<3x4xf32>) -> tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}

// -----

// scatter_nd.C4: the reduction is of numbers
func.func @scatter_nd_c4(%x: tensor<3xi1>, %y: tensor<3x1xi64>) -> tensor<3xi1> {
  // expected-error @+1 {{expected numbers to reduce, got 'i1'}}
  %r = fsc.scatter_nd(%x, %y, %x) {reduction = "add"} : (tensor<3xi1>, tensor<3x1xi64>, tensor<3xi1>) -> tensor<3xi1>
  return %r : tensor<3xi1>
}
