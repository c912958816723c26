// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @transforms_to_one_side
// CHECK: fsc.dft
func.func @transforms_to_one_side(%x: tensor<1x10x10x1xf32>) -> tensor<1x10x6x2xf32> {
  %r = fsc.dft(%x) {onesided = 1 : i64} : (tensor<1x10x10x1xf32>) -> tensor<1x10x6x2xf32>
  return %r : tensor<1x10x6x2xf32>
}

// CHECK-LABEL: @transforms_one_side_back
// CHECK: fsc.dft
func.func @transforms_one_side_back(%x: tensor<1x6x2xf32>) -> tensor<1x10x1xf32> {
  %r = fsc.dft(%x) {inverse = 1 : i64, onesided = 1 : i64} : (tensor<1x6x2xf32>) -> tensor<1x10x1xf32>
  return %r : tensor<1x10x1xf32>
}

// CHECK-LABEL: @transforms_a_whole_spectrum_back
// CHECK: fsc.dft(%arg0) {inverse = 1 : i64
func.func @transforms_a_whole_spectrum_back(%x: tensor<?x10x2xf32>) -> tensor<?x10x2xf32> {
  %r = fsc.dft(%x) {inverse = 1 : i64} : (tensor<?x10x2xf32>) -> tensor<?x10x2xf32>
  return %r : tensor<?x10x2xf32>
}

// CHECK-LABEL: @transforms_along_an_open_axis
// CHECK: fsc.dft
func.func @transforms_along_an_open_axis(%x: tensor<1x10x2xf32>, %y: tensor<i64>) -> tensor<?x?x2xf32> {
  %r = fsc.dft(%x, _, %y) : (tensor<1x10x2xf32>, tensor<i64>) -> tensor<?x?x2xf32>
  return %r : tensor<?x?x2xf32>
}

// -----

// dft.C1: the last dim has real numbers, or real and imaginary parts
func.func @dft_c1(%x: tensor<1x10x3xf32>) -> tensor<1x10x2xf32> {
  // expected-error @+1 {{expected floats in a last dim of 1 or 2}}
  %r = fsc.dft(%x) : (tensor<1x10x3xf32>) -> tensor<1x10x2xf32>
  return %r : tensor<1x10x2xf32>
}

// -----

// dft.C2: the axis is not that of real and imaginary parts
func.func @dft_c2(%x: tensor<1x10x1xf32>) -> tensor<1x10x2xf32> {
  %a = fsc.constant dense<-1> : tensor<i64>
  // expected-error @+1 {{expected an axis before the last of 3}}
  %r = fsc.dft(%x, _, %a) : (tensor<1x10x1xf32>, tensor<i64>) -> tensor<1x10x2xf32>
  return %r : tensor<1x10x2xf32>
}

// -----

// dft.C3: dft_length is one positive number
func.func @dft_c3(%x: tensor<1x10x1xf32>) -> tensor<1x10x2xf32> {
  %a = fsc.constant dense<0> : tensor<i64>
  // expected-error @+1 {{expected one positive dft_length}}
  %r = fsc.dft(%x, %a) : (tensor<1x10x1xf32>, tensor<i64>) -> tensor<1x10x2xf32>
  return %r : tensor<1x10x2xf32>
}
