// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @takes_axes_at_run_time
// CHECK: fsc.unsqueeze
func.func @takes_axes_at_run_time(%x: tensor<3x4xf32>, %a: tensor<2xi64>) -> tensor<?x?x?x?xf32> {
  %r = fsc.unsqueeze(%x, %a) : (tensor<3x4xf32>, tensor<2xi64>) -> tensor<?x?x?x?xf32>
  return %r : tensor<?x?x?x?xf32>
}

// -----

// unsqueeze.C1: the number of axes is known
func.func @unsqueeze_c1(%x: tensor<3xf32>, %a: tensor<?xi64>) -> tensor<?x?xf32> {
  // expected-error @+1 {{expected axes of known number}}
  %r = fsc.unsqueeze(%x, %a) : (tensor<3xf32>, tensor<?xi64>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}
