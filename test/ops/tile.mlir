// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @multiplies_sizes
// CHECK: fsc.tile
func.func @multiplies_sizes(%x: tensor<3x?xf32>) -> tensor<6x?xf32> {
  %s = fsc.constant dense<[2, 3]> : tensor<2xi64>
  %r = fsc.tile(%x, %s) : (tensor<3x?xf32>, tensor<2xi64>) -> tensor<6x?xf32>
  return %r : tensor<6x?xf32>
}

// -----

// tile.C1: there is a number of repeats for each dim
func.func @tile_c1(%x: tensor<3xf32>, %y: tensor<2xi64>) -> tensor<?xf32> {
  // expected-error @+1 {{expected 1 repeats}}
  %r = fsc.tile(%x, %y) : (tensor<3xf32>, tensor<2xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// tile.C2: repeats are not negative
func.func @tile_c2(%x: tensor<3xf32>) -> tensor<?xf32> {
  %s = fsc.constant dense<-1> : tensor<1xi64>
  // expected-error @+1 {{expected repeats of at least 0, got -1}}
  %r = fsc.tile(%x, %s) : (tensor<3xf32>, tensor<1xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}
