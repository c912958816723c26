// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @broadcasts_both_ways
// CHECK: fsc.expand
func.func @broadcasts_both_ways(%x: tensor<3x1xf32>) -> tensor<2x3x4xf32> {
  %s = fsc.constant dense<[2, 1, 4]> : tensor<3xi64>
  %r = fsc.expand(%x, %s) : (tensor<3x1xf32>, tensor<3xi64>) -> tensor<2x3x4xf32>
  return %r : tensor<2x3x4xf32>
}

// CHECK-LABEL: @follows_an_open_size
// CHECK: fsc.expand
func.func @follows_an_open_size(%x: tensor<1xf32>, %y: tensor<1xi64>) -> tensor<?xf32> {
  %r = fsc.expand(%x, %y) : (tensor<1xf32>, tensor<1xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// expand.C1: the rank of the shape is known
func.func @expand_c1(%x: tensor<1xf32>, %y: tensor<?xi64>) -> tensor<?xf32> {
  // expected-error @+1 {{expected a shape operand of rank 1 and known size}}
  %r = fsc.expand(%x, %y) : (tensor<1xf32>, tensor<?xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// expand.C2: operand and shape broadcast
func.func @expand_c2(%x: tensor<3xf32>) -> tensor<3xf32> {
  %s = fsc.constant dense<2> : tensor<1xi64>
  // expected-error @+1 {{expected a shape that 'tensor<3xf32>' broadcasts with}}
  %r = fsc.expand(%x, %s) : (tensor<3xf32>, tensor<1xi64>) -> tensor<3xf32>
  return %r : tensor<3xf32>
}
