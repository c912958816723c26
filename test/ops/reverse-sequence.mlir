// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @keeps_sizes
// CHECK: fsc.reverse_sequence
func.func @keeps_sizes(%x: tensor<4x?xf32>, %y: tensor<?xi64>) -> tensor<4x?xf32> {
  %r = fsc.reverse_sequence(%x, %y) : (tensor<4x?xf32>, tensor<?xi64>) -> tensor<4x?xf32>
  return %r : tensor<4x?xf32>
}

// -----

// reverse_sequence.C1: the axes are in range and differ
func.func @reverse_sequence_c1(%x: tensor<4x4xf32>, %y: tensor<4xi64>) -> tensor<4x4xf32> {
  // expected-error @+1 {{expected different axes below rank 2}}
  %r = fsc.reverse_sequence(%x, %y) {batch_axis = 0 : i64, time_axis = 0 : i64} : (tensor<4x4xf32>, tensor<4xi64>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}

// -----

// reverse_sequence.C2: there is an integer length for each batch entry
func.func @reverse_sequence_c2(%x: tensor<4x4xf32>, %y: tensor<3xi64>) -> tensor<4x4xf32> {
  // expected-error @+1 {{expected an integer length for each batch entry}}
  %r = fsc.reverse_sequence(%x, %y) : (tensor<4x4xf32>, tensor<3xi64>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
