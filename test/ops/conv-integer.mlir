// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @convolves_in_groups
// CHECK: fsc.conv_integer
func.func @convolves_in_groups(%x: tensor<1x4x5x5xui8>, %w: tensor<6x2x3x3xi8>, %z: tensor<ui8>, %zw: tensor<6xi8>) -> tensor<1x6x3x3xi32> {
  %r = fsc.conv_integer(%x, %w, %z, %zw) {group = 2 : i64} : (tensor<1x4x5x5xui8>, tensor<6x2x3x3xi8>, tensor<ui8>, tensor<6xi8>) -> tensor<1x6x3x3xi32>
  return %r : tensor<1x6x3x3xi32>
}

// -----

// conv_integer.C1: operands are of 8 bit integers
func.func @conv_integer_c1(%x: tensor<1x4x5x5xf32>, %w: tensor<6x2x3x3xi8>) -> tensor<1x6x3x3xi32> {
  // expected-error @+1 {{expected operands of 8 bit integers}}
  %r = fsc.conv_integer(%x, %w) : (tensor<1x4x5x5xf32>, tensor<6x2x3x3xi8>) -> tensor<1x6x3x3xi32>
  return %r : tensor<1x6x3x3xi32>
}

// -----

// conv_integer.C2: x and w have the same rank, at least 3
func.func @conv_integer_c2(%x: tensor<1x4x5xui8>, %w: tensor<6x2x3x3xi8>) -> tensor<1x6x3xi32> {
  // expected-error @+1 {{expected operands of one rank, at least 3}}
  %r = fsc.conv_integer(%x, %w) : (tensor<1x4x5xui8>, tensor<6x2x3x3xi8>) -> tensor<1x6x3xi32>
  return %r : tensor<1x6x3xi32>
}

// -----

// conv_integer.C3: one kernel size per spatial dim
func.func @conv_integer_c3(%x: tensor<1x4x5x5xui8>, %w: tensor<6x2x3x3xi8>) -> tensor<1x6x3x3xi32> {
  // expected-error @+1 {{expected kernel_shape of 2 sizes, got 1}}
  %r = fsc.conv_integer(%x, %w) {group = 2 : i64, kernel_shape = array<i64: 3>} : (tensor<1x4x5x5xui8>, tensor<6x2x3x3xi8>) -> tensor<1x6x3x3xi32>
  return %r : tensor<1x6x3x3xi32>
}

// -----

// conv_integer.C4: channels and filters are divided among the groups
func.func @conv_integer_c4(%x: tensor<1x4x5x5xui8>, %w: tensor<6x2x3x3xi8>) -> tensor<1x6x3x3xi32> {
  // expected-error @+1 {{expected channels and filters that group 3 divides}}
  %r = fsc.conv_integer(%x, %w) {group = 3 : i64} : (tensor<1x4x5x5xui8>, tensor<6x2x3x3xi8>) -> tensor<1x6x3x3xi32>
  return %r : tensor<1x6x3x3xi32>
}

// -----

// conv_integer.C5: the filter has parameters of its own
func.func @conv_integer_c5(%x: tensor<1x4x5x5xui8>, %w: tensor<6x2x3x3xi8>, %z: tensor<4xui8>) -> tensor<1x6x3x3xi32> {
  // expected-error @+1 {{expected one parameter, or for the filter one for each output channel}}
  %r = fsc.conv_integer(%x, %w, %z) {group = 2 : i64} : (tensor<1x4x5x5xui8>, tensor<6x2x3x3xi8>, tensor<4xui8>) -> tensor<1x6x3x3xi32>
  return %r : tensor<1x6x3x3xi32>
}
