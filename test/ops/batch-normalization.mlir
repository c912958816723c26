// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @normalizes_by_given_statistics
// CHECK: fsc.batch_normalization
func.func @normalizes_by_given_statistics(%x: tensor<2x3x4xf32>, %p: tensor<3xf32>) -> tensor<2x3x4xf32> {
  %r = fsc.batch_normalization(%x, %p, %p, %p, %p) : (tensor<2x3x4xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}

// CHECK-LABEL: @moves_the_statistics_in_training
// CHECK: fsc.batch_normalization
func.func @moves_the_statistics_in_training(%x: tensor<2x3x4xf32>, %p: tensor<3xf32>) -> tensor<3xf32> {
  %r, %m, %v = fsc.batch_normalization(%x, %p, %p, %p, %p) {training_mode = 1 : i64} : (tensor<2x3x4xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<2x3x4xf32>, tensor<3xf32>, tensor<3xf32>)
  return %v : tensor<3xf32>
}

// -----

// batch_normalization.C1: running statistics are results of training alone
func.func @batch_normalization_c1(%x: tensor<2x3x4xf32>, %p: tensor<3xf32>) -> tensor<2x3x4xf32> {
  // expected-error @+1 {{expected one result, or up to three with training_mode 1}}
  %r, %m = fsc.batch_normalization(%x, %p, %p, %p, %p) : (tensor<2x3x4xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<2x3x4xf32>, tensor<3xf32>)
  return %r : tensor<2x3x4xf32>
}

// -----

// batch_normalization.C2: one parameter per channel
func.func @batch_normalization_c2(%x: tensor<2x3x4xf32>, %p: tensor<4xf32>) -> tensor<2x3x4xf32> {
  // expected-error @+1 {{expected parameters with one element per channel}}
  %r = fsc.batch_normalization(%x, %p, %p, %p, %p) : (tensor<2x3x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}

// -----

// batch_normalization.C3: a batch to train on has channels
func.func @batch_normalization_c3(%x: tensor<2xf32>, %p: tensor<1xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{expected an operand of rank at least 2 with training_mode 1}}
  %r = fsc.batch_normalization(%x, %p, %p, %p, %p) {training_mode = 1 : i64} : (tensor<2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}
