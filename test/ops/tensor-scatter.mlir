// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_the_caches_shape
// CHECK: fsc.tensor_scatter
func.func @has_the_caches_shape(%x: tensor<2x8x4xf32>, %y: tensor<2x3x4xf32>, %z: tensor<2xi64>) -> tensor<2x8x4xf32> {
  %r = fsc.tensor_scatter(%x, %y, %z) {mode = "circular"} : (tensor<2x8x4xf32>, tensor<2x3x4xf32>, tensor<2xi64>) -> tensor<2x8x4xf32>
  return %r : tensor<2x8x4xf32>
}

// -----

// tensor_scatter.C1: the axis is in range and not that of the batch
func.func @tensor_scatter_c1(%x: tensor<2x8xf32>) -> tensor<2x8xf32> {
  // expected-error @+1 {{expected an axis other than the first of 2, got -2}}
  %r = fsc.tensor_scatter(%x, %x) : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  return %r : tensor<2x8xf32>
}

// -----

// tensor_scatter.C2: the mode is one that ONNX has
func.func @tensor_scatter_c2(%x: tensor<2x8x4xf32>) -> tensor<2x8x4xf32> {
  // expected-error @+1 {{expected mode linear or circular, got 'ring'}}
  %r = fsc.tensor_scatter(%x, %x) {mode = "ring"} : (tensor<2x8x4xf32>, tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  return %r : tensor<2x8x4xf32>
}

// -----

// tensor_scatter.C3: the update is at most as long as the cache
func.func @tensor_scatter_c3(%x: tensor<2x8x4xf32>, %y: tensor<2x9x4xf32>) -> tensor<2x8x4xf32> {
  // expected-error @+1 {{expected an update that fits into the cache}}
  %r = fsc.tensor_scatter(%x, %y) : (tensor<2x8x4xf32>, tensor<2x9x4xf32>) -> tensor<2x8x4xf32>
  return %r : tensor<2x8x4xf32>
}

// -----

// tensor_scatter.C4: there is an integer write index for each batch entry
func.func @tensor_scatter_c4(%x: tensor<2x8x4xf32>, %y: tensor<3xi64>) -> tensor<2x8x4xf32> {
  // expected-error @+1 {{expected one write index for each batch entry}}
  %r = fsc.tensor_scatter(%x, %x, %y) : (tensor<2x8x4xf32>, tensor<2x8x4xf32>, tensor<3xi64>) -> tensor<2x8x4xf32>
  return %r : tensor<2x8x4xf32>
}
