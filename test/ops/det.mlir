// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @drops_two_dims
// CHECK: fsc.det
func.func @drops_two_dims(%x: tensor<2x3x3xf32>) -> tensor<2xf32> {
  %r = fsc.det(%x) : (tensor<2x3x3xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

// -----

// det.C1: the last two dims are square matrices of floats
func.func @det_c1(%x: tensor<2x3xf32>) -> tensor<f32> {
  // expected-error @+1 {{expected square matrices of floats}}
  %r = fsc.det(%x) : (tensor<2x3xf32>) -> tensor<f32>
  return %r : tensor<f32>
}
