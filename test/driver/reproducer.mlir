// A defect of the compiler is exit code 4, the IR it failed on and the command that replays it. Here it is a schedule
// that no target makes.
// RUN: rm -rf %t && mkdir %t && cd %t
// RUN: %python %S/Inputs/exit-code.py 4 fsc-compile %s --start-from=schedule -o x.so 2>&1 | FileCheck %s
// CHECK: error: FSC-E901: {{.*}}internal: expected a schedule with sizes of at least 0
// CHECK: error: FSC-E901: internal error in phase lower; to replay it: fsc-opt 'fsc-reproducer.mlir' '--fsc-phase-lower=target=cpu opt-level=2'
// RUN: not fsc-opt fsc-reproducer.mlir '--fsc-phase-lower=target=cpu opt-level=2' 2>&1 | FileCheck %s --check-prefix=REPLAY
// REPLAY: error: {{.*}}internal: expected a schedule with sizes of at least 0
// RUN: not ls x.so

func.func @main(%x: tensor<4xf32> {fsc.name = "x"}) -> (tensor<4xf32> {fsc.name = "y"}) {
  %0 = tensor.empty() : tensor<4xf32>
  %1 = fsc.kernel <pointwise>, #fsc.schedule<"loops", cost = 1, tile = [-4]> ins(%x : tensor<4xf32>) outs(%0 : tensor<4xf32>) {
  ^bb0(%a: tensor<4xf32>, %b: tensor<4xf32>):
    %2 = fsc.relu(%a) : (tensor<4xf32>) -> tensor<4xf32>
    fsc.yield %2 : tensor<4xf32>
  } -> tensor<4xf32>
  return %1 : tensor<4xf32>
}
