// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_the_grids_sizes
// CHECK: fsc.grid_sample
func.func @has_the_grids_sizes(%x: tensor<?x3x4x5xf32>, %y: tensor<?x6x7x2xf32>) -> tensor<?x3x6x7xf32> {
  %r = fsc.grid_sample(%x, %y) {mode = "bicubic", padding_mode = "reflection"} : (tensor<?x3x4x5xf32>, tensor<?x6x7x2xf32>) -> tensor<?x3x6x7xf32>
  return %r : tensor<?x3x6x7xf32>
}

// -----

// grid_sample.C1: the grid has a coordinate for each spatial dim
func.func @grid_sample_c1(%x: tensor<1x3x4x5xf32>, %y: tensor<1x6x7x3xf32>) -> tensor<1x3x6x7xf32> {
  // expected-error @+1 {{expected a grid of 2 coordinates for each place}}
  %r = fsc.grid_sample(%x, %y) : (tensor<1x3x4x5xf32>, tensor<1x6x7x3xf32>) -> tensor<1x3x6x7xf32>
  return %r : tensor<1x3x6x7xf32>
}

// -----

// grid_sample.C2: modes are ones that ONNX has
func.func @grid_sample_c2(%x: tensor<1x3x4x5xf32>, %y: tensor<1x6x7x2xf32>) -> tensor<1x3x6x7xf32> {
  // expected-error @+1 {{got 'area' and 'zeros'}}
  %r = fsc.grid_sample(%x, %y) {mode = "area"} : (tensor<1x3x4x5xf32>, tensor<1x6x7x2xf32>) -> tensor<1x3x6x7xf32>
  return %r : tensor<1x3x6x7xf32>
}
