// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @divides_spatial_sizes
// CHECK: fsc.space_to_depth
func.func @divides_spatial_sizes(%x: tensor<1x2x4x6xf32>) -> tensor<1x8x2x3xf32> {
  %r = fsc.space_to_depth(%x) {blocksize = 2 : i64} : (tensor<1x2x4x6xf32>) -> tensor<1x8x2x3xf32>
  return %r : tensor<1x8x2x3xf32>
}

// -----

// blocks.C3: what is divided divides
func.func @blocks_c3(%x: tensor<1x6x3x2xf32>) -> tensor<?x?x?x?xf32> {
  // expected-error @+1 {{expected spatial sizes that blocks of 2 divide}}
  %r = fsc.space_to_depth(%x) {blocksize = 2 : i64} : (tensor<1x6x3x2xf32>) -> tensor<?x?x?x?xf32>
  return %r : tensor<?x?x?x?xf32>
}
