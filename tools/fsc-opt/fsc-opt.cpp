//===- fsc-opt.cpp - The passes, one by one -------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipeline.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  fsc::registerDialects(registry);
  fsc::registerPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "fsc's passes and phases over MLIR text\n", registry));
}
