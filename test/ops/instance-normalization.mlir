// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @keeps_the_shape
// CHECK: fsc.instance_normalization
func.func @keeps_the_shape(%x: tensor<2x6x4xf32>, %s: tensor<6xf32>, %b: tensor<6xf32>) -> tensor<2x6x4xf32> {
  %r = fsc.instance_normalization(%x, %s, %b) : (tensor<2x6x4xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<2x6x4xf32>
  return %r : tensor<2x6x4xf32>
}

// -----

// instance_normalization.C1: there are a batch and a channel dim
func.func @instance_normalization_c1(%x: tensor<6xf32>, %s: tensor<6xf32>, %b: tensor<6xf32>) -> tensor<6xf32> {
  // expected-error @+1 {{expected an operand of rank at least 2}}
  %r = fsc.instance_normalization(%x, %s, %b) : (tensor<6xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<6xf32>
  return %r : tensor<6xf32>
}

// -----

// instance_normalization.C2: one parameter per channel
func.func @instance_normalization_c2(%x: tensor<2x6x4xf32>, %s: tensor<4xf32>, %b: tensor<6xf32>) -> tensor<2x6x4xf32> {
  // expected-error @+1 {{expected parameters with one element per channel, got 'tensor<4xf32>'}}
  %r = fsc.instance_normalization(%x, %s, %b) : (tensor<2x6x4xf32>, tensor<4xf32>, tensor<6xf32>) -> tensor<2x6x4xf32>
  return %r : tensor<2x6x4xf32>
}
