// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @takes_the_image_shape
// CHECK: fsc.col2_im
func.func @takes_the_image_shape(%x: tensor<1x5x5xf32>) -> tensor<1x1x5x5xf32> {
  %i = fsc.constant dense<[5, 5]> : tensor<2xi64>
  %b = fsc.constant dense<[1, 5]> : tensor<2xi64>
  %r = fsc.col2_im(%x, %i, %b) : (tensor<1x5x5xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<1x1x5x5xf32>
  return %r : tensor<1x1x5x5xf32>
}

// -----

// col2_im.C1: image and block have one known rank
func.func @col2_im_c1(%x: tensor<1x5x5xf32>, %y: tensor<2xi64>, %z: tensor<3xi64>) -> tensor<?x?x?x?xf32> {
  // expected-error @+1 {{expected image_shape and block_shape of one known length}}
  %r = fsc.col2_im(%x, %y, %z) : (tensor<1x5x5xf32>, tensor<2xi64>, tensor<3xi64>) -> tensor<?x?x?x?xf32>
  return %r : tensor<?x?x?x?xf32>
}

// -----

// col2_im.C2: sizes are positive
func.func @col2_im_c2(%x: tensor<1x5x5xf32>, %y: tensor<2xi64>) -> tensor<?x?x?x?xf32> {
  %b = fsc.constant dense<[0, 5]> : tensor<2xi64>
  // expected-error @+1 {{expected an image_shape and block_shape of positive sizes}}
  %r = fsc.col2_im(%x, %y, %b) : (tensor<1x5x5xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<?x?x?x?xf32>
  return %r : tensor<?x?x?x?xf32>
}

// -----

// col2_im.C3: the operand is N, C times taps, blocks
func.func @col2_im_c3(%x: tensor<1x5x6xf32>) -> tensor<1x1x5x5xf32> {
  %i = fsc.constant dense<[5, 5]> : tensor<2xi64>
  %b = fsc.constant dense<[1, 5]> : tensor<2xi64>
  // expected-error @+1 {{expected an operand of a batch of 5 elements for each of 5 blocks}}
  %r = fsc.col2_im(%x, %i, %b) : (tensor<1x5x6xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<1x1x5x5xf32>
  return %r : tensor<1x1x5x5xf32>
}
