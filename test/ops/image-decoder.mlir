// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @knows_the_channels
// CHECK: fsc.image_decoder
func.func @knows_the_channels(%x: tensor<?xui8>) -> (tensor<?x?x3xui8>, tensor<?x?x1xui8>) {
  %0 = fsc.image_decoder(%x) : (tensor<?xui8>) -> tensor<?x?x3xui8>
  %1 = fsc.image_decoder(%x) {pixel_format = "Grayscale"} : (tensor<?xui8>) -> tensor<?x?x1xui8>
  return %0, %1 : tensor<?x?x3xui8>, tensor<?x?x1xui8>
}

// -----

// image_decoder.C1: the operand is a row of bytes
func.func @image_decoder_c1(%x: tensor<4x4xui8>) -> tensor<?x?x3xui8> {
  // expected-error @+1 {{expected a tensor of uint8 of rank 1, got 'tensor<4x4xui8>'}}
  %r = fsc.image_decoder(%x) : (tensor<4x4xui8>) -> tensor<?x?x3xui8>
  return %r : tensor<?x?x3xui8>
}

// -----

// image_decoder.C2: the format is one that there is
func.func @image_decoder_c2(%x: tensor<4xui8>) -> tensor<?x?x3xui8> {
  // expected-error @+1 {{expected pixel_format RGB, BGR or Grayscale, got 'CMYK'}}
  %r = fsc.image_decoder(%x) {pixel_format = "CMYK"} : (tensor<4xui8>) -> tensor<?x?x3xui8>
  return %r : tensor<?x?x3xui8>
}
