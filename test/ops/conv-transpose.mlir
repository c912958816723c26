// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @grows_by_the_stride
// CHECK: fsc.conv_transpose
func.func @grows_by_the_stride(%x: tensor<?x4x3x3xf32>, %y: tensor<4x2x3x3xf32>, %z: tensor<4xf32>) -> tensor<?x4x6x6xf32> {
  %r = fsc.conv_transpose(%x, %y, %z) {group = 2 : i64, output_padding = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<?x4x3x3xf32>, tensor<4x2x3x3xf32>, tensor<4xf32>) -> tensor<?x4x6x6xf32>
  return %r : tensor<?x4x6x6xf32>
}

// CHECK-LABEL: @takes_the_output_shape
// CHECK: fsc.conv_transpose
func.func @takes_the_output_shape(%x: tensor<1x1x3xf32>, %y: tensor<1x2x3xf32>) -> tensor<1x2x10xf32> {
  %r = fsc.conv_transpose(%x, %y) {output_shape = array<i64: 10>, strides = array<i64: 3>} : (tensor<1x1x3xf32>, tensor<1x2x3xf32>) -> tensor<1x2x10xf32>
  return %r : tensor<1x2x10xf32>
}

// -----

// conv_transpose.C1: the filters sizes are those of kernel_shape
func.func @conv_transpose_c1(%x: tensor<1x1x3xf32>, %y: tensor<1x2x3xf32>) -> tensor<1x2x5xf32> {
  // expected-error @+1 {{expected a filter of known spatial sizes, and the same kernel_shape}}
  %r = fsc.conv_transpose(%x, %y) {kernel_shape = array<i64: 2>} : (tensor<1x1x3xf32>, tensor<1x2x3xf32>) -> tensor<1x2x5xf32>
  return %r : tensor<1x2x5xf32>
}

// -----

// conv_transpose.C2: output_padding has a number for each spatial dim
func.func @conv_transpose_c2(%x: tensor<1x1x3xf32>, %y: tensor<1x2x3xf32>) -> tensor<1x2x5xf32> {
  // expected-error @+1 {{expected 1 sizes in output_padding and output_shape}}
  %r = fsc.conv_transpose(%x, %y) {output_padding = array<i64: 1, 1>} : (tensor<1x1x3xf32>, tensor<1x2x3xf32>) -> tensor<1x2x5xf32>
  return %r : tensor<1x2x5xf32>
}

// -----

// conv_transpose.C3: x and w have one rank, at least 3
func.func @conv_transpose_c3(%x: tensor<1x3xf32>) -> tensor<1x5xf32> {
  // expected-error @+1 {{expected operands of one rank, at least 3}}
  %r = fsc.conv_transpose(%x, %x) : (tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x5xf32>
  return %r : tensor<1x5xf32>
}

// -----

// conv_transpose.C4: there is a filter for each channel
func.func @conv_transpose_c4(%x: tensor<1x1x3xf32>, %y: tensor<2x2x3xf32>) -> tensor<1x2x5xf32> {
  // expected-error @+1 {{expected a filter for each channel, in 1 groups}}
  %r = fsc.conv_transpose(%x, %y) : (tensor<1x1x3xf32>, tensor<2x2x3xf32>) -> tensor<1x2x5xf32>
  return %r : tensor<1x2x5xf32>
}

// -----

// conv_transpose.C5: one bias per output channel
func.func @conv_transpose_c5(%x: tensor<1x1x3xf32>, %y: tensor<1x2x3xf32>, %z: tensor<3xf32>) -> tensor<1x2x5xf32> {
  // expected-error @+1 {{expected a bias with one element per output channel}}
  %r = fsc.conv_transpose(%x, %y, %z) : (tensor<1x1x3xf32>, tensor<1x2x3xf32>, tensor<3xf32>) -> tensor<1x2x5xf32>
  return %r : tensor<1x2x5xf32>
}

// -----

// conv_transpose.C6: the padding leaves an output
func.func @conv_transpose_c6(%x: tensor<1x1x3xf32>, %y: tensor<1x2x3xf32>) -> tensor<1x2x?xf32> {
  // expected-error @+1 {{expected an output along spatial dim 0, got size -3}}
  %r = fsc.conv_transpose(%x, %y) {pads = array<i64: 4, 4>} : (tensor<1x1x3xf32>, tensor<1x2x3xf32>) -> tensor<1x2x?xf32>
  return %r : tensor<1x2x?xf32>
}
