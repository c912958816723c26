// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @takes_the_wanted_sizes
// CHECK: fsc.center_crop_pad
func.func @takes_the_wanted_sizes(%x: tensor<20x10x3xf32>) -> tensor<7x10x3xf32> {
  %s = fsc.constant dense<[10, 7]> : tensor<2xi64>
  %r = fsc.center_crop_pad(%x, %s) {axes = array<i64: 1, -3>} : (tensor<20x10x3xf32>, tensor<2xi64>) -> tensor<7x10x3xf32>
  return %r : tensor<7x10x3xf32>
}

// -----

// center_crop_pad.C1: there is a size for each axis
func.func @center_crop_pad_c1(%x: tensor<3xf32>, %y: tensor<2xi64>) -> tensor<?xf32> {
  // expected-error @+1 {{expected a shape of 1 sizes}}
  %r = fsc.center_crop_pad(%x, %y) : (tensor<3xf32>, tensor<2xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// center_crop_pad.C2: axes are in range and sizes not negative
func.func @center_crop_pad_c2(%x: tensor<3xf32>, %y: tensor<1xi64>) -> tensor<?xf32> {
  // expected-error @+1 {{expected axes in [-1, 1)}}
  %r = fsc.center_crop_pad(%x, %y) {axes = array<i64: 1>} : (tensor<3xf32>, tensor<1xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}
