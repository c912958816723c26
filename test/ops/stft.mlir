// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_a_transform_of_each_frame
// CHECK: fsc.stft
func.func @has_a_transform_of_each_frame(%x: tensor<1x128x1xf32>, %y: tensor<16xf32>) -> tensor<1x15x9x2xf32> {
  %s = fsc.constant dense<8> : tensor<i64>
  %r = fsc.stft(%x, %s, %y) : (tensor<1x128x1xf32>, tensor<i64>, tensor<16xf32>) -> tensor<1x15x9x2xf32>
  return %r : tensor<1x15x9x2xf32>
}

// CHECK: fsc.stft
func.func @signals_without_parts_are_real(%x: tensor<2x128xf32>, %y: tensor<16xf32>) -> tensor<2x15x9x2xf32> {
  %s = fsc.constant dense<8> : tensor<i64>
  %r = fsc.stft(%x, %s, %y) : (tensor<2x128xf32>, tensor<i64>, tensor<16xf32>) -> tensor<2x15x9x2xf32>
  return %r : tensor<2x15x9x2xf32>
}

// -----

// stft.C1: frame_step and frame_length are positive numbers
func.func @stft_c1(%x: tensor<1x128x1xf32>, %y: tensor<16xf32>) -> tensor<1x15x9x2xf32> {
  %s = fsc.constant dense<0> : tensor<i64>
  // expected-error @+1 {{expected one positive frame_step and frame_length}}
  %r = fsc.stft(%x, %s, %y) : (tensor<1x128x1xf32>, tensor<i64>, tensor<16xf32>) -> tensor<1x15x9x2xf32>
  return %r : tensor<1x15x9x2xf32>
}

// -----

// stft.C2: only real signals have one side
func.func @stft_c2(%x: tensor<1x128x2xf32>, %y: tensor<i64>) -> tensor<1x?x65x2xf32> {
  // expected-error @+1 {{expected a batch of signals, real ones where onesided is set}}
  %r = fsc.stft(%x, %y) : (tensor<1x128x2xf32>, tensor<i64>) -> tensor<1x?x65x2xf32>
  return %r : tensor<1x?x65x2xf32>
}
