// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s
// RUN: fsc-opt %s --split-input-file --verify-diagnostics --fsc-form-kernels --fsc-bufferize-host 2>/dev/null | FileCheck %s --check-prefix=BUFFERS

// CHECK-LABEL: @main
// CHECK: fsc.custom(%{{.*}}, %{{.*}})
// The place between the operands is empty.
// BUFFERS: fsc.call_routine "own::Op@1" of "libown.so" {factor = 2.000000e+00 : f32}
// BUFFERS-SAME: places [1, 0, 1] wanted [1, 0] outputs [0, -1]
func.func @main(%x: tensor<2xf32>, %y: tensor<f32>) -> tensor<?xf32> {
  %r:2 = fsc.custom(%x, %y) {library = "libown.so", places = array<i1: true, false, true>, result_types = [tensor<?xf32>, tensor<i64>],
                             routine = "own::Op@1", settings = {factor = 2.0 : f32}}
      : (tensor<2xf32>, tensor<f32>) -> (tensor<?xf32>, tensor<i64>)
  return %r#0 : tensor<?xf32>
}

// -----

// custom.C1: the operands are those whose places are filled
func.func @custom_c1(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{expected 2 operands, as places says, got 1}}
  %r = fsc.custom(%x) {library = "l.so", places = array<i1: true, true>, result_types = [tensor<2xf32>], routine = "o::O@1", settings = {}}
      : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

// -----

// custom.C2: there is a type for each result
func.func @custom_c2(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{expected result_types for 1 results, at least one, got 0}}
  %r = fsc.custom(%x) {library = "l.so", places = array<i1: true>, result_types = [], routine = "o::O@1", settings = {}}
      : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

// -----

// custom.C3: the types are of tensors of known rank
func.func @custom_c3(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{expected result_types of ranked tensors, got tensor<*xf32>}}
  %r = fsc.custom(%x) {library = "l.so", places = array<i1: true>, result_types = [tensor<*xf32>], routine = "o::O@1", settings = {}}
      : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}
