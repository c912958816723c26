// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_the_shape_of_the_indices
// CHECK: fsc.gather_elements
func.func @has_the_shape_of_the_indices(%x: tensor<3x4xf32>, %y: tensor<2x4xi64>) -> tensor<2x4xf32> {
  %r = fsc.gather_elements(%x, %y) : (tensor<3x4xf32>, tensor<2x4xi64>) -> tensor<2x4xf32>
  return %r : tensor<2x4xf32>
}

// -----

// gather_elements.C1: operands have one rank, and the axis is in range
func.func @gather_elements_c1(%x: tensor<3x4xf32>, %y: tensor<2xi64>) -> tensor<2xf32> {
  // expected-error @+1 {{expected operands of one rank}}
  %r = fsc.gather_elements(%x, %y) : (tensor<3x4xf32>, tensor<2xi64>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

// -----

// gather_elements.C2: indices are integers
func.func @gather_elements_c2(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{expected integer indices}}
  %r = fsc.gather_elements(%x, %x) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// gather_elements.C3: indices are within the operand in the other dims
func.func @gather_elements_c3(%x: tensor<3x4xf32>, %y: tensor<2x5xi64>) -> tensor<2x5xf32> {
  // expected-error @+1 {{expected at most 4 indices along dim 1, got 5}}
  %r = fsc.gather_elements(%x, %y) : (tensor<3x4xf32>, tensor<2x5xi64>) -> tensor<2x5xf32>
  return %r : tensor<2x5xf32>
}
