// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @adds_and_removes
// CHECK: fsc.pad
func.func @adds_and_removes(%x: tensor<3x4xf32>) -> tensor<4x3xf32> {
  %p = fsc.constant dense<[1, -2, 0, 1]> : tensor<4xi64>
  %r = fsc.pad(%x, %p) : (tensor<3x4xf32>, tensor<4xi64>) -> tensor<4x3xf32>
  return %r : tensor<4x3xf32>
}

// CHECK-LABEL: @pads_listed_axes
// CHECK: fsc.pad
func.func @pads_listed_axes(%x: tensor<3x?xf32>, %y: tensor<f32>) -> tensor<5x?xf32> {
  %p = fsc.constant dense<[1, 1]> : tensor<2xi64>
  %a = fsc.constant dense<-2> : tensor<1xi64>
  %r = fsc.pad(%x, %p, %y, %a) {mode = "wrap"} : (tensor<3x?xf32>, tensor<2xi64>, tensor<f32>, tensor<1xi64>) -> tensor<5x?xf32>
  return %r : tensor<5x?xf32>
}

// -----

// pad.C1: the number of axes is known
func.func @pad_c1(%x: tensor<3xf32>, %y: tensor<2xi64>, %z: tensor<?xi64>) -> tensor<?xf32> {
  // expected-error @+1 {{expected axes of known number}}
  %r = fsc.pad(%x, %y, _, %z) : (tensor<3xf32>, tensor<2xi64>, tensor<?xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// pad.C2: there are two pads for each axis
func.func @pad_c2(%x: tensor<3xf32>, %y: tensor<3xi64>) -> tensor<?xf32> {
  // expected-error @+1 {{expected 2 pads}}
  %r = fsc.pad(%x, %y) : (tensor<3xf32>, tensor<3xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// pad.C3: axes are in range, and each is listed once
func.func @pad_c3(%x: tensor<3x3xf32>, %y: tensor<4xi64>) -> tensor<?x?xf32> {
  %a = fsc.constant dense<[1, -1]> : tensor<2xi64>
  // expected-error @+1 {{expected different axes in [-2, 2), got -1}}
  %r = fsc.pad(%x, %y, _, %a) : (tensor<3x3xf32>, tensor<4xi64>, tensor<2xi64>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

// pad.C4: the mode is one that ONNX has
func.func @pad_c4(%x: tensor<3xf32>, %y: tensor<2xi64>) -> tensor<?xf32> {
  // expected-error @+1 {{expected mode constant, edge, reflect or wrap, got 'mirror'}}
  %r = fsc.pad(%x, %y) {mode = "mirror"} : (tensor<3xf32>, tensor<2xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// pad.C5: there is an element to repeat
func.func @pad_c5(%x: tensor<0xf32>, %y: tensor<2xi64>) -> tensor<?xf32> {
  // expected-error @+1 {{expected an element along axis 0 to pad with}}
  %r = fsc.pad(%x, %y) {mode = "edge"} : (tensor<0xf32>, tensor<2xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// pad.C6: not more is removed than is there
func.func @pad_c6(%x: tensor<3xf32>) -> tensor<?xf32> {
  %p = fsc.constant dense<-2> : tensor<2xi64>
  // expected-error @+1 {{expected pads that leave at least 0 elements along axis 0, got -1}}
  %r = fsc.pad(%x, %p) : (tensor<3xf32>, tensor<2xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}
