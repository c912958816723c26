// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @multiplies_sizes
// CHECK: fsc.resize
func.func @multiplies_sizes(%x: tensor<?x1x2x4xf32>) -> tensor<?x1x5x2xf32> {
  %s = fsc.constant dense<[1.0, 1.0, 2.5, 0.6]> : tensor<4xf32>
  %r = fsc.resize(%x, _, %s) {mode = "cubic"} : (tensor<?x1x2x4xf32>, tensor<4xf32>) -> tensor<?x1x5x2xf32>
  return %r : tensor<?x1x5x2xf32>
}

// CHECK-LABEL: @takes_sizes_of_listed_axes
// CHECK: fsc.resize
func.func @takes_sizes_of_listed_axes(%x: tensor<1x1x2x4xf32>) -> tensor<1x1x8x7xf32> {
  %s = fsc.constant dense<[7, 8]> : tensor<2xi64>
  %r = fsc.resize(%x, _, _, %s) {axes = array<i64: 3, -2>, mode = "linear"} : (tensor<1x1x2x4xf32>, tensor<2xi64>) -> tensor<1x1x8x7xf32>
  return %r : tensor<1x1x8x7xf32>
}

// CHECK-LABEL: @keeps_the_aspect_ratio
// CHECK: fsc.resize
func.func @keeps_the_aspect_ratio(%x: tensor<1x1x2x4xf32>) -> tensor<1x1x4x8xf32> {
  %s = fsc.constant dense<[7, 8]> : tensor<2xi64>
  %r = fsc.resize(%x, _, _, %s) {axes = array<i64: 2, 3>, keep_aspect_ratio_policy = "not_larger"} : (tensor<1x1x2x4xf32>, tensor<2xi64>) -> tensor<1x1x4x8xf32>
  return %r : tensor<1x1x4x8xf32>
}

// CHECK-LABEL: @counts_an_empty_operand_as_absent
// CHECK: fsc.resize
func.func @counts_an_empty_operand_as_absent(%x: tensor<1x1x2x4xf32>, %y: tensor<0xf32>, %z: tensor<4xi64>) -> tensor<?x?x?x?xf32> {
  %r = fsc.resize(%x, %y, %y, %z) : (tensor<1x1x2x4xf32>, tensor<0xf32>, tensor<0xf32>, tensor<4xi64>) -> tensor<?x?x?x?xf32>
  return %r : tensor<?x?x?x?xf32>
}

// -----

// resize.C1: axes are in range, and each is listed once
func.func @resize_c1(%x: tensor<1x1x2x4xf32>, %y: tensor<2xi64>) -> tensor<1x1x?x?xf32> {
  // expected-error @+1 {{expected different axes in [-4, 4), got -1}}
  %r = fsc.resize(%x, _, _, %y) {axes = array<i64: 3, -1>} : (tensor<1x1x2x4xf32>, tensor<2xi64>) -> tensor<1x1x?x?xf32>
  return %r : tensor<1x1x?x?xf32>
}

// -----

// resize.C2: either scales or sizes are given, one for each axis
func.func @resize_c2(%x: tensor<1x1x2x4xf32>, %y: tensor<2xi64>) -> tensor<1x1x?x?xf32> {
  // expected-error @+1 {{expected either scales or sizes, of 4 elements}}
  %r = fsc.resize(%x, _, _, %y) : (tensor<1x1x2x4xf32>, tensor<2xi64>) -> tensor<1x1x?x?xf32>
  return %r : tensor<1x1x?x?xf32>
}

// -----

// resize.C3: tf_crop_and_resize has a region
func.func @resize_c3(%x: tensor<1x1x2x4xf32>, %y: tensor<4xi64>) -> tensor<1x1x?x?xf32> {
  // expected-error @+1 {{expected roi of 8 elements}}
  %r = fsc.resize(%x, _, _, %y) {coordinate_transformation_mode = "tf_crop_and_resize"} : (tensor<1x1x2x4xf32>, tensor<4xi64>) -> tensor<1x1x?x?xf32>
  return %r : tensor<1x1x?x?xf32>
}

// -----

// resize.C4: scales are positive
func.func @resize_c4(%x: tensor<1x1x2x4xf32>) -> tensor<1x1x?x?xf32> {
  %s = fsc.constant dense<[1.0, 1.0, 0.0, 2.0]> : tensor<4xf32>
  // expected-error @+1 {{expected scales above 0}}
  %r = fsc.resize(%x, _, %s) : (tensor<1x1x2x4xf32>, tensor<4xf32>) -> tensor<1x1x?x?xf32>
  return %r : tensor<1x1x?x?xf32>
}

// -----

// resize.C5: what has no elements stays empty
func.func @resize_c5(%x: tensor<0xf32>) -> tensor<3xf32> {
  %s = fsc.constant dense<3> : tensor<1xi64>
  // expected-error @+1 {{expected a size along dim 0 that can be sampled, got 3}}
  %r = fsc.resize(%x, _, _, %s) : (tensor<0xf32>, tensor<1xi64>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}

// -----

// resize.C6: antialiasing needs a filter
func.func @resize_c6(%x: tensor<1x1x2x4xf32>, %y: tensor<4xi64>) -> tensor<?x?x?x?xf32> {
  // expected-error @+1 {{expected mode linear or cubic with antialias}}
  %r = fsc.resize(%x, _, _, %y) {antialias = 1 : i64} : (tensor<1x1x2x4xf32>, tensor<4xi64>) -> tensor<?x?x?x?xf32>
  return %r : tensor<?x?x?x?xf32>
}
