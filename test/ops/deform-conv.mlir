// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @moves_its_taps
// CHECK: fsc.deform_conv(%arg0, %arg1, %arg2, _, %arg3) {group = 2 : i64, offset_group = 4 : i64, strides = array<i64: 2, 1>}
func.func @moves_its_taps(%x: tensor<1x4x5x?xf32>, %w: tensor<6x2x2x2xf32>, %o: tensor<1x32x2x?xf32>,
                          %m: tensor<1x16x2x?xf32>) -> tensor<1x6x2x?xf32> {
  %r = fsc.deform_conv(%x, %w, %o, _, %m) {group = 2 : i64, offset_group = 4 : i64, strides = array<i64: 2, 1>}
      : (tensor<1x4x5x?xf32>, tensor<6x2x2x2xf32>, tensor<1x32x2x?xf32>, tensor<1x16x2x?xf32>) -> tensor<1x6x2x?xf32>
  return %r : tensor<1x6x2x?xf32>
}

// -----

// deform_conv.C1: floats of one type and rank
func.func @deform_conv_c1(%x: tensor<1x1x3x3xf32>, %w: tensor<1x1x2x2xf64>, %o: tensor<1x8x2x2xf32>) -> tensor<1x1x2x2xf32> {
  // expected-error @+1 {{expected floats, and x, W and offset of one rank from 3 to 6}}
  %r = fsc.deform_conv(%x, %w, %o) : (tensor<1x1x3x3xf32>, tensor<1x1x2x2xf64>, tensor<1x8x2x2xf32>) -> tensor<1x1x2x2xf32>
  return %r : tensor<1x1x2x2xf32>
}

// -----

// deform_conv.C2: kernel_shape is that of the filter
func.func @deform_conv_c2(%x: tensor<1x1x3x3xf32>, %w: tensor<1x1x2x2xf32>, %o: tensor<1x8x2x2xf32>) -> tensor<1x1x2x2xf32> {
  // expected-error @+1 {{expected the filter's sizes in kernel_shape}}
  %r = fsc.deform_conv(%x, %w, %o) {kernel_shape = array<i64: 2, 3>} : (tensor<1x1x3x3xf32>, tensor<1x1x2x2xf32>, tensor<1x8x2x2xf32>) -> tensor<1x1x2x2xf32>
  return %r : tensor<1x1x2x2xf32>
}

// -----

// deform_conv.C3: the filter's sizes are known
func.func @deform_conv_c3(%x: tensor<1x1x3x3xf32>, %w: tensor<1x1x?x2xf32>, %o: tensor<1x8x2x2xf32>) -> tensor<1x1x2x2xf32> {
  // expected-error @+1 {{expected a filter of known spatial sizes}}
  %r = fsc.deform_conv(%x, %w, %o) : (tensor<1x1x3x3xf32>, tensor<1x1x?x2xf32>, tensor<1x8x2x2xf32>) -> tensor<1x1x2x2xf32>
  return %r : tensor<1x1x2x2xf32>
}

// -----

// deform_conv.C4: the groups divide the channels
func.func @deform_conv_c4(%x: tensor<1x3x3x3xf32>, %w: tensor<1x3x2x2xf32>, %o: tensor<1x16x2x2xf32>) -> tensor<1x1x2x2xf32> {
  // expected-error @+1 {{expected channels that offset_group divides, and filters of 1 / group of them}}
  %r = fsc.deform_conv(%x, %w, %o) {offset_group = 2 : i64} : (tensor<1x3x3x3xf32>, tensor<1x3x2x2xf32>, tensor<1x16x2x2xf32>) -> tensor<1x1x2x2xf32>
  return %r : tensor<1x1x2x2xf32>
}

// -----

// deform_conv.C5: an offset for each tap at each place
func.func @deform_conv_c5(%x: tensor<1x1x3x3xf32>, %w: tensor<1x1x2x2xf32>, %o: tensor<1x6x2x2xf32>) -> tensor<1x1x2x2xf32> {
  // expected-error @+1 {{expected offsets and a mask for each tap at each place of the result}}
  %r = fsc.deform_conv(%x, %w, %o) : (tensor<1x1x3x3xf32>, tensor<1x1x2x2xf32>, tensor<1x6x2x2xf32>) -> tensor<1x1x2x2xf32>
  return %r : tensor<1x1x2x2xf32>
}

// -----

// deform_conv.C6: one bias per filter
func.func @deform_conv_c6(%x: tensor<1x1x3x3xf32>, %w: tensor<1x1x2x2xf32>, %o: tensor<1x8x2x2xf32>, %b: tensor<2xf32>) -> tensor<1x1x2x2xf32> {
  // expected-error @+1 {{expected a bias with one element per filter}}
  %r = fsc.deform_conv(%x, %w, %o, %b, _) : (tensor<1x1x3x3xf32>, tensor<1x1x2x2xf32>, tensor<1x8x2x2xf32>, tensor<2xf32>) -> tensor<1x1x2x2xf32>
  return %r : tensor<1x1x2x2xf32>
}
