// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @divides_channels
// CHECK: fsc.depth_to_space
func.func @divides_channels(%x: tensor<?x8x2x?xf32>) -> tensor<?x2x4x?xf32> {
  %r = fsc.depth_to_space(%x) {blocksize = 2 : i64, mode = "CRD"} : (tensor<?x8x2x?xf32>) -> tensor<?x2x4x?xf32>
  return %r : tensor<?x2x4x?xf32>
}

// -----

// blocks.C1: the operand is a batch of images, and blocks have elements
func.func @blocks_c1(%x: tensor<1x4x2x2xf32>) -> tensor<?x?x?x?xf32> {
  // expected-error @+1 {{expected an operand of rank 4 and a positive blocksize}}
  %r = fsc.depth_to_space(%x) {blocksize = 0 : i64} : (tensor<1x4x2x2xf32>) -> tensor<?x?x?x?xf32>
  return %r : tensor<?x?x?x?xf32>
}

// -----

// blocks.C2: the mode is one that ONNX has
func.func @blocks_c2(%x: tensor<1x4x2x2xf32>) -> tensor<?x?x?x?xf32> {
  // expected-error @+1 {{expected mode DCR or CRD, got 'RCD'}}
  %r = fsc.depth_to_space(%x) {blocksize = 2 : i64, mode = "RCD"} : (tensor<1x4x2x2xf32>) -> tensor<?x?x?x?xf32>
  return %r : tensor<?x?x?x?xf32>
}

// -----

// blocks.C3: what is divided divides
func.func @blocks_c3(%x: tensor<1x6x2x2xf32>) -> tensor<?x?x?x?xf32> {
  // expected-error @+1 {{expected channels that blocks of 2 divide}}
  %r = fsc.depth_to_space(%x) {blocksize = 2 : i64} : (tensor<1x6x2x2xf32>) -> tensor<?x?x?x?xf32>
  return %r : tensor<?x?x?x?xf32>
}
