// RUN: fsc-opt %s --fsc-fold-batch-norm --split-input-file | FileCheck %s

// scale 2, variance 4 and epsilon 0 make factor 1; the offset is 3 - 1 * 1 = 2.
// CHECK-LABEL: func.func @folds_into_conv
func.func @folds_into_conv(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> {
  %w = fsc.constant dense<5.0> : tensor<1x1x1x1xf32>
  %scale = fsc.constant dense<2.0> : tensor<1xf32>
  %bias = fsc.constant dense<3.0> : tensor<1xf32>
  %mean = fsc.constant dense<1.0> : tensor<1xf32>
  %var = fsc.constant dense<4.0> : tensor<1xf32>
  // CHECK-DAG: %[[W:.*]] = fsc.constant dense<5.000000e+00> : tensor<1x1x1x1xf32>
  // CHECK-DAG: %[[B:.*]] = fsc.constant dense<2.000000e+00> : tensor<1xf32>
  // CHECK: fsc.conv(%arg0, %[[W]], %[[B]])
  // CHECK-NOT: fsc.batch_normalization
  %0 = fsc.conv(%x, %w) : (tensor<1x1x4x4xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x4x4xf32>
  %1 = fsc.batch_normalization(%0, %scale, %bias, %mean, %var) {epsilon = 0.0 : f32} : (tensor<1x1x4x4xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x4x4xf32>
  return %1 : tensor<1x1x4x4xf32>
}

// -----

// CHECK-LABEL: func.func @splits_one_without_conv
func.func @splits_one_without_conv(%x: tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> {
  %scale = fsc.constant dense<2.0> : tensor<1xf32>
  %bias = fsc.constant dense<3.0> : tensor<1xf32>
  %mean = fsc.constant dense<1.0> : tensor<1xf32>
  %var = fsc.constant dense<4.0> : tensor<1xf32>
  // CHECK: fsc.mul
  // CHECK: fsc.add
  %1 = fsc.batch_normalization(%x, %scale, %bias, %mean, %var) {epsilon = 0.0 : f32} : (tensor<1x1x4x4xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x4x4xf32>
  return %1 : tensor<1x1x4x4xf32>
}

// -----

// CHECK-LABEL: func.func @keeps_parameters_that_are_not_constant
func.func @keeps_parameters_that_are_not_constant(%x: tensor<1x1x4x4xf32>, %p: tensor<1xf32>) -> tensor<1x1x4x4xf32> {
  // CHECK: fsc.batch_normalization
  %1 = fsc.batch_normalization(%x, %p, %p, %p, %p) : (tensor<1x1x4x4xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x4x4xf32>
  return %1 : tensor<1x1x4x4xf32>
}

// -----

// The convolution's own value is used: it cannot change.
// CHECK-LABEL: func.func @keeps_a_conv_with_two_users
func.func @keeps_a_conv_with_two_users(%x: tensor<1x1x4x4xf32>) -> (tensor<1x1x4x4xf32>, tensor<1x1x4x4xf32>) {
  %w = fsc.constant dense<5.0> : tensor<1x1x1x1xf32>
  %p = fsc.constant dense<2.0> : tensor<1xf32>
  // CHECK: fsc.conv
  // CHECK: fsc.mul
  // CHECK: fsc.add
  %0 = fsc.conv(%x, %w) : (tensor<1x1x4x4xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x4x4xf32>
  %1 = fsc.batch_normalization(%0, %p, %p, %p, %p) : (tensor<1x1x4x4xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x4x4xf32>
  return %0, %1 : tensor<1x1x4x4xf32>, tensor<1x1x4x4xf32>
}
