// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_the_operands_shape
// CHECK: fsc.scatter_elements
func.func @has_the_operands_shape(%x: tensor<3x?xf32>, %y: tensor<1x2xi64>, %z: tensor<1x2xf32>) -> tensor<3x?xf32> {
  %r = fsc.scatter_elements(%x, %y, %z) {axis = -1 : i64, reduction = "add"} : (tensor<3x?xf32>, tensor<1x2xi64>, tensor<1x2xf32>) -> tensor<3x?xf32>
  return %r : tensor<3x?xf32>
}

// -----

// scatter_elements.C1: indices are integers
func.func @scatter_elements_c1(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{expected integer indices}}
  %r = fsc.scatter_elements(%x, %x, %x) : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// scatter_elements.C2: there is an update for each index
func.func @scatter_elements_c2(%x: tensor<3xf32>, %y: tensor<2xi64>) -> tensor<3xf32> {
  // expected-error @+1 {{expected operands of one rank, and as many updates as indices}}
  %r = fsc.scatter_elements(%x, %y, %x) : (tensor<3xf32>, tensor<2xi64>, tensor<3xf32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// scatter_elements.C3: the reduction is one that ONNX has
func.func @scatter_elements_c3(%x: tensor<3xf32>, %y: tensor<3xi64>) -> tensor<3xf32> {
  // expected-error @+1 {{expected reduction none, add, mul, max or min, got 'sub'}}
  %r = fsc.scatter_elements(%x, %y, %x) {reduction = "sub"} : (tensor<3xf32>, tensor<3xi64>, tensor<3xf32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}
