//===- ExternalData.h - Where a model keeps its weights ---------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_TOOLS_COMMON_EXTERNALDATA_H
#define FSC_TOOLS_COMMON_EXTERNALDATA_H

#include <string>
#include <string_view>
#include <vector>

namespace fsc::tools {

/// The files beside the model `path` (with the bytes `model`) that hold its tensors, sorted.
/// Names those only that are regular files inside of the model's folder: for the
/// others, as for a damaged model, it is the compiler that says what is wrong.
std::vector<std::string> externalDataFiles(const std::string &path, std::string_view model);

} // namespace fsc::tools

#endif // FSC_TOOLS_COMMON_EXTERNALDATA_H
