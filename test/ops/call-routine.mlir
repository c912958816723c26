// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @leaves_out_what_is_absent
// CHECK: fsc.call_routine
func.func @leaves_out_what_is_absent(%x: memref<4xf32>) {
  %r = fsc.call_routine "R" {} places [0, 1] wanted [0, 7] outputs [-1, -1] ins(%x : memref<4xf32>) -> memref<?xi64>
  return
}

// -----

// call_routine.C1: there is a buffer for each operand
func.func @call_routine_c1(%x: memref<4xf32>) {
  // expected-error @+1 {{expected 2 inputs, got 1}}
  fsc.call_routine "R" {} places [1, 1] wanted [] outputs [] ins(%x : memref<4xf32>)
  return
}

// -----

// call_routine.C2: there is a buffer for each result that is wanted
func.func @call_routine_c2(%x: memref<4xf32>) {
  // expected-error @+1 {{expected 1 results, got 0}}
  fsc.call_routine "R" {} places [1] wanted [7] outputs [-1] ins(%x : memref<4xf32>)
  return
}
