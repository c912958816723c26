// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// Which sizes are left depends on the axes; how many does not.
// CHECK-LABEL: @takes_axes_at_run_time
// CHECK: fsc.squeeze
func.func @takes_axes_at_run_time(%x: tensor<1x3x4xf32>, %a: tensor<1xi64>) -> tensor<?x?xf32> {
  %r = fsc.squeeze(%x, %a) : (tensor<1x3x4xf32>, tensor<1xi64>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// CHECK-LABEL: @takes_known_axes
// CHECK: fsc.squeeze
func.func @takes_known_axes(%x: tensor<1x3x1xf32>) -> tensor<3xf32> {
  %a = fsc.constant dense<[0, -1]> : tensor<2xi64>
  %r = fsc.squeeze(%x, %a) : (tensor<1x3x1xf32>, tensor<2xi64>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// squeeze.C1: the number of axes is known
func.func @squeeze_c1(%x: tensor<1x3xf32>, %a: tensor<?xi64>) -> tensor<3xf32> {
  // expected-error @+1 {{expected axes of known number}}
  %r = fsc.squeeze(%x, %a) : (tensor<1x3xf32>, tensor<?xi64>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// squeeze.C2: each axis is listed once
func.func @squeeze_c2(%x: tensor<1x3xf32>) -> tensor<3xf32> {
  %a = fsc.constant dense<[0, -2]> : tensor<2xi64>
  // expected-error @+1 {{expected different axes in [-2, 2), got -2}}
  %r = fsc.squeeze(%x, %a) : (tensor<1x3xf32>, tensor<2xi64>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// squeeze.C5: there are no more axes than dims
func.func @squeeze_c5(%x: tensor<1xf32>, %a: tensor<2xi64>) -> tensor<f32> {
  // expected-error @+1 {{expected at most 1 axes, got 2}}
  %r = fsc.squeeze(%x, %a) : (tensor<1xf32>, tensor<2xi64>) -> tensor<f32>
  return %r : tensor<f32>
}
