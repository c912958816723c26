// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @multiplies_blocks_of_four_bits
// CHECK: fsc.matmul_nbits
func.func @multiplies_blocks_of_four_bits(%a: tensor<?x32xf32>, %b: tensor<4x2x8xui8>, %s: tensor<8xf32>) -> tensor<?x4xf32> {
  %r = fsc.matmul_nbits(%a, %b, %s) {K = 32 : i64, N = 4 : i64, bits = 4 : i64, block_size = 16 : i64} : (tensor<?x32xf32>, tensor<4x2x8xui8>, tensor<8xf32>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// -----

// matmul_nbits.C1: the format is one that can be read
func.func @matmul_nbits_c1(%a: tensor<?x32xf32>, %b: tensor<4x2x8xui8>, %s: tensor<8xf32>) -> tensor<?x4xf32> {
  // expected-error @+1 {{expected bits of 2, 4 or 8}}
  %r = fsc.matmul_nbits(%a, %b, %s) {K = 32 : i64, N = 4 : i64, bits = 3 : i64, block_size = 16 : i64} : (tensor<?x32xf32>, tensor<4x2x8xui8>, tensor<8xf32>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// -----

// matmul_nbits.C2: elements are in their order
func.func @matmul_nbits_c2(%a: tensor<?x32xf32>, %b: tensor<4x2x8xui8>, %s: tensor<8xf32>, %g: tensor<32xi32>) -> tensor<?x4xf32> {
  // expected-error @+1 {{expected no g_idx}}
  %r = fsc.matmul_nbits(%a, %b, %s, _, %g) {K = 32 : i64, N = 4 : i64, block_size = 16 : i64} : (tensor<?x32xf32>, tensor<4x2x8xui8>, tensor<8xf32>, tensor<32xi32>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// -----

// matmul_nbits.C3: the operand's rows have K floats
func.func @matmul_nbits_c3(%a: tensor<?x32xf32>, %b: tensor<4x2x8xui8>, %s: tensor<8xf32>) -> tensor<?x4xf32> {
  // expected-error @+1 {{expected an operand with rows of 48 floats}}
  %r = fsc.matmul_nbits(%a, %b, %s) {K = 48 : i64, N = 4 : i64, bits = 4 : i64, block_size = 16 : i64} : (tensor<?x32xf32>, tensor<4x2x8xui8>, tensor<8xf32>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// -----

// matmul_nbits.C4: the matrix, its scales and its zero points have a place for every block
func.func @matmul_nbits_c4(%a: tensor<?x32xf32>, %b: tensor<4x2x8xui8>, %s: tensor<8xf32>) -> tensor<?x4xf32> {
  // expected-error @+1 {{expected a matrix tensor<4x2x4xui8>, got 'tensor<4x2x8xui8>'}}
  %r = fsc.matmul_nbits(%a, %b, %s) {K = 32 : i64, N = 4 : i64, bits = 2 : i64, block_size = 16 : i64} : (tensor<?x32xf32>, tensor<4x2x8xui8>, tensor<8xf32>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}
