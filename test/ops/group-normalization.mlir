// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @keeps_the_shape
// CHECK: fsc.group_normalization
func.func @keeps_the_shape(%x: tensor<2x6x4xf32>, %s: tensor<6xf32>, %b: tensor<6xf32>) -> tensor<2x6x4xf32> {
  %r = fsc.group_normalization(%x, %s, %b) {num_groups = 3 : i64} : (tensor<2x6x4xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<2x6x4xf32>
  return %r : tensor<2x6x4xf32>
}

// -----

// group_normalization.C1: the groups divide the channels
func.func @group_normalization_c1(%x: tensor<2x6x4xf32>, %s: tensor<6xf32>, %b: tensor<6xf32>) -> tensor<2x6x4xf32> {
  // expected-error @+1 {{expected channels that num_groups 4 divides}}
  %r = fsc.group_normalization(%x, %s, %b) {num_groups = 4 : i64} : (tensor<2x6x4xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<2x6x4xf32>
  return %r : tensor<2x6x4xf32>
}
// -----

// group_normalization.C1: the groups divide the channels
func.func @group_normalization_c1_negative(%x: tensor<2x6x4xf32>, %s: tensor<6xf32>, %b: tensor<6xf32>) -> tensor<2x6x4xf32> {
  // expected-error @+1 {{expected channels that num_groups -1 divides}}
  %r = fsc.group_normalization(%x, %s, %b) {num_groups = -1 : i64} : (tensor<2x6x4xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<2x6x4xf32>
  return %r : tensor<2x6x4xf32>
}
