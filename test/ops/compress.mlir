// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @keeps_the_other_dims
// CHECK: fsc.compress
func.func @keeps_the_other_dims(%x: tensor<3x4xf32>, %c: tensor<?xi1>) -> tensor<3x?xf32> {
  %r = fsc.compress(%x, %c) {axis = -1 : i64} : (tensor<3x4xf32>, tensor<?xi1>) -> tensor<3x?xf32>
  return %r : tensor<3x?xf32>
}

// CHECK-LABEL: @flattens_without_an_axis
// CHECK: fsc.compress
func.func @flattens_without_an_axis(%x: tensor<3x4xi8>, %c: tensor<5xi1>) -> tensor<?xi8> {
  %r = fsc.compress(%x, %c) : (tensor<3x4xi8>, tensor<5xi1>) -> tensor<?xi8>
  return %r : tensor<?xi8>
}

// -----

// compress.C1: the condition is a row of bools
func.func @compress_c1(%x: tensor<3x4xf32>, %c: tensor<3xi8>) -> tensor<?xf32> {
  // expected-error @+1 {{expected a condition of bools with rank 1}}
  %r = fsc.compress(%x, %c) : (tensor<3x4xf32>, tensor<3xi8>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// compress.C2: the axis is in range
func.func @compress_c2(%x: tensor<3x4xf32>, %c: tensor<3xi1>) -> tensor<?x4xf32> {
  // expected-error @+1 {{expected axis in [-2, 2), got 2}}
  %r = fsc.compress(%x, %c) {axis = 2 : i64} : (tensor<3x4xf32>, tensor<3xi1>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}
