// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @has_a_result_for_each_region
// CHECK: fsc.roi_align
func.func @has_a_result_for_each_region(%x: tensor<1x3x8x8xf32>, %y: tensor<?x4xf32>, %z: tensor<?xi64>) -> tensor<?x3x2x3xf32> {
  %r = fsc.roi_align(%x, %y, %z) {output_height = 2 : i64, output_width = 3 : i64} : (tensor<1x3x8x8xf32>, tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x3x2x3xf32>
  return %r : tensor<?x3x2x3xf32>
}

// -----

// roi_align.C1: regions have four coordinates and a batch index each
func.func @roi_align_c1(%x: tensor<1x3x8x8xf32>, %y: tensor<5x4xf32>, %z: tensor<6xi64>) -> tensor<5x3x1x1xf32> {
  // expected-error @+1 {{expected images, four coordinates for each region, and its batch index}}
  %r = fsc.roi_align(%x, %y, %z) : (tensor<1x3x8x8xf32>, tensor<5x4xf32>, tensor<6xi64>) -> tensor<5x3x1x1xf32>
  return %r : tensor<5x3x1x1xf32>
}

// -----

// roi_align.C2: modes are ones that ONNX has
func.func @roi_align_c2(%x: tensor<1x3x8x8xf32>, %y: tensor<5x4xf32>, %z: tensor<5xi64>) -> tensor<5x3x1x1xf32> {
  // expected-error @+1 {{expected mode avg or max}}
  %r = fsc.roi_align(%x, %y, %z) {mode = "sum"} : (tensor<1x3x8x8xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x3x1x1xf32>
  return %r : tensor<5x3x1x1xf32>
}
