// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @looks_angles_up
// CHECK: fsc.rotary_embedding
func.func @looks_angles_up(%x: tensor<2x3x4x8xf32>, %c: tensor<50x4xf32>, %p: tensor<2x4xi64>) -> tensor<2x3x4x8xf32> {
  %r = fsc.rotary_embedding(%x, %c, %c, %p) {interleaved = 1 : i64} : (tensor<2x3x4x8xf32>, tensor<50x4xf32>, tensor<50x4xf32>, tensor<2x4xi64>) -> tensor<2x3x4x8xf32>
  return %r : tensor<2x3x4x8xf32>
}

// CHECK-LABEL: @takes_heads_in_one_dim
// CHECK: fsc.rotary_embedding
func.func @takes_heads_in_one_dim(%x: tensor<2x4x24xf32>, %c: tensor<2x4x4xf32>) -> tensor<2x4x24xf32> {
  %r = fsc.rotary_embedding(%x, %c, %c) {num_heads = 3 : i64} : (tensor<2x4x24xf32>, tensor<2x4x4xf32>, tensor<2x4x4xf32>) -> tensor<2x4x24xf32>
  return %r : tensor<2x4x24xf32>
}

// -----

// rotary_embedding.C1: heads have a dim, or are told apart by their number
func.func @rotary_embedding_c1(%x: tensor<2x4x24xf32>, %c: tensor<2x4x4xf32>) -> tensor<2x4x24xf32> {
  // expected-error @+1 {{expected an operand of rank 4, or of rank 3 and num_heads}}
  %r = fsc.rotary_embedding(%x, %c, %c) : (tensor<2x4x24xf32>, tensor<2x4x4xf32>, tensor<2x4x4xf32>) -> tensor<2x4x24xf32>
  return %r : tensor<2x4x24xf32>
}

// -----

// rotary_embedding.C2: what is rotated is a part of a head, in pairs
func.func @rotary_embedding_c2(%x: tensor<2x3x4x8xf32>, %c: tensor<50x4xf32>, %p: tensor<2x4xi64>) -> tensor<2x3x4x8xf32> {
  // expected-error @+1 {{expected an even rotary_embedding_dim within a head, got 10}}
  %r = fsc.rotary_embedding(%x, %c, %c, %p) {rotary_embedding_dim = 10 : i64} : (tensor<2x3x4x8xf32>, tensor<50x4xf32>, tensor<50x4xf32>, tensor<2x4xi64>) -> tensor<2x3x4x8xf32>
  return %r : tensor<2x3x4x8xf32>
}

// -----

// rotary_embedding.C3: there is a cosine and a sine for each pair
func.func @rotary_embedding_c3(%x: tensor<2x3x4x8xf32>, %c: tensor<50x4xf32>, %p: tensor<2x4xi64>) -> tensor<2x3x4x8xf32> {
  // expected-error @+1 {{expected caches of rank 3 with one angle for each pair}}
  %r = fsc.rotary_embedding(%x, %c, %c) : (tensor<2x3x4x8xf32>, tensor<50x4xf32>, tensor<50x4xf32>) -> tensor<2x3x4x8xf32>
  return %r : tensor<2x3x4x8xf32>
}
