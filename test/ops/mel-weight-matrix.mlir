// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_half_the_length
// CHECK: fsc.mel_weight_matrix
func.func @has_half_the_length(%x: tensor<i64>, %y: tensor<f32>) -> tensor<9x8xf32> {
  %n = fsc.constant dense<8> : tensor<i64>
  %d = fsc.constant dense<16> : tensor<i64>
  %r = fsc.mel_weight_matrix(%n, %d, %x, %y, %y) : (tensor<i64>, tensor<i64>, tensor<i64>, tensor<f32>, tensor<f32>) -> tensor<9x8xf32>
  return %r : tensor<9x8xf32>
}

// -----

// mel_weight_matrix.C1: operands are single numbers
func.func @mel_weight_matrix_c1(%x: tensor<2xi64>, %y: tensor<f32>) -> tensor<?x?xf32> {
  // expected-error @+1 {{expected single numbers}}
  %r = fsc.mel_weight_matrix(%x, %x, %x, %y, %y) : (tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<f32>, tensor<f32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

// mel_weight_matrix.C2: output_datatype is a type that tensors can have
func.func @mel_weight_matrix_c2(%x: tensor<i64>, %y: tensor<f32>) -> tensor<?x?xf32> {
  // expected-error @+1 {{expected a supported output_datatype, got 8}}
  %r = fsc.mel_weight_matrix(%x, %x, %x, %y, %y) {output_datatype = 8 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>, tensor<f32>, tensor<f32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}
