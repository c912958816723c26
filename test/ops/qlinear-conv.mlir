// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @adds_a_bias
// CHECK: fsc.qlinear_conv
func.func @adds_a_bias(%x: tensor<1x2x5xui8>, %w: tensor<6x2x3xi8>, %s: tensor<f32>, %z: tensor<ui8>, %zw: tensor<i8>, %b: tensor<6xi32>) -> tensor<1x6x3xui8> {
  %r = fsc.qlinear_conv(%x, %s, %z, %w, %s, %zw, %s, %z, %b) : (tensor<1x2x5xui8>, tensor<f32>, tensor<ui8>, tensor<6x2x3xi8>, tensor<f32>, tensor<i8>, tensor<f32>, tensor<ui8>, tensor<6xi32>) -> tensor<1x6x3xui8>
  return %r : tensor<1x6x3xui8>
}

// -----

// qlinear_conv.C1: the result is of 8 bit integers
func.func @qlinear_conv_c1(%x: tensor<1x2x5xui8>, %w: tensor<6x2x3xi8>, %s: tensor<f32>, %z: tensor<ui8>, %zw: tensor<i8>, %b: tensor<6xi32>, %y: tensor<i32>) -> tensor<1x6x3xi32> {
  // expected-error @+1 {{expected a result of 8 bit integers}}
  %r = fsc.qlinear_conv(%x, %s, %z, %w, %s, %zw, %s, %y, %b) : (tensor<1x2x5xui8>, tensor<f32>, tensor<ui8>, tensor<6x2x3xi8>, tensor<f32>, tensor<i8>, tensor<f32>, tensor<i32>, tensor<6xi32>) -> tensor<1x6x3xi32>
  return %r : tensor<1x6x3xi32>
}

// -----

// qlinear_conv.C2: one bias of 32 bits per filter
func.func @qlinear_conv_c2(%x: tensor<1x2x5xui8>, %w: tensor<6x2x3xi8>, %s: tensor<f32>, %z: tensor<ui8>, %zw: tensor<i8>, %b: tensor<6xi64>) -> tensor<1x6x3xui8> {
  // expected-error @+1 {{expected a bias of one 32 bit integer per filter}}
  %r = fsc.qlinear_conv(%x, %s, %z, %w, %s, %zw, %s, %z, %b) : (tensor<1x2x5xui8>, tensor<f32>, tensor<ui8>, tensor<6x2x3xi8>, tensor<f32>, tensor<i8>, tensor<f32>, tensor<ui8>, tensor<6xi64>) -> tensor<1x6x3xui8>
  return %r : tensor<1x6x3xui8>
}
