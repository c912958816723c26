//===- Cases.cpp - What a model is run on ---------------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/fsc-run/Cases.h"

#include "tools/common/Files.h"
#include "tools/common/Numpy.h"
#include "tools/common/TensorFile.h"

#include <algorithm>
#include <filesystem>

using namespace fsc::tools;
namespace fs = std::filesystem;

namespace {

Array readArrayFile(const std::string &path, const fsc_value &value) {
  std::string what = "'" + path + "'", bytes = readFile(path);
  if (endsWith(path, ".pb"))
    return readValueProto(bytes, what, value);
  if (isList(value.dtype))
    throw Refusal(what + ": expected a .pb file for input '" + value.name + "', which is a " +
                  fsc_dtype_name(value.dtype));
  if (endsWith(path, ".npz"))
    return readNpy(readNpzMember(bytes, value.name, what), value.dtype, what + ", member '" + value.name + "'");
  return readNpy(bytes, value.dtype, what);
}

class Builder {
public:
  Builder(const Options &options, const fsc::Module &module)
      : options(options), signature(module.inputs()), outputs(module.outputs()), chosen(signature.size(), nullptr) {
    chooseInputs(module);
    checkDims(module);
  }

  /// One set; `folder` has its files, or is empty.
  Case build(const std::string &folder, const std::string &name) const {
    Case result;
    result.name = name;
    result.inputs.resize(signature.size());
    result.sources.resize(signature.size());
    std::map<std::string, int64_t> symbols;
    // Random inputs come last: what files say of a symbol holds for them.
    for (size_t i = 0; i < signature.size(); ++i) {
      std::string path = chosen[i] ? chosen[i]->path : folder.empty() ? "" : inputFile(folder, i);
      if (path.empty())
        continue;
      result.inputs[i] = readArrayFile(path, signature[i]);
      result.sources[i] = path;
      const std::vector<int64_t> &dims = result.inputs[i].dims;
      for (size_t axis = 0; axis < dims.size() && axis < size_t(signature[i].rank); ++axis)
        if (const char *symbol = signature[i].dims[axis].symbol)
          symbols.emplace(symbol, dims[axis]);
    }
    for (size_t i = 0; i < signature.size(); ++i)
      if (result.sources[i].empty()) {
        if (isList(signature[i].dtype))
          throw UsageError(std::string("input '") + signature[i].name + "' is a " + fsc_dtype_name(signature[i].dtype) +
                           ": give it a .pb file\n" + list());
        uint64_t seed = chosen[i] ? chosen[i]->seed : 0;
        // Two inputs of one seed still differ.
        result.inputs[i] = randomArray(signature[i].dtype, randomDims(i, symbols), seed + i * 1000003,
                                       std::string("input '") + signature[i].name + "'");
        result.sources[i] = "random:" + std::to_string(seed);
      }
    readExpected(folder, result);
    return result;
  }

private:
  /// Finds the option for each input.
  void chooseInputs(const fsc::Module &module) {
    const InputOption *rest = nullptr;
    for (const InputOption &input : options.inputs) {
      if (!input.name.empty()) {
        size_t index = find(module, input.name);
        if (chosen[index])
          throw UsageError("input '" + input.name + "' is given twice");
        chosen[index] = &input;
        continue;
      }
      bool forAll = input.path.empty() || endsWith(input.path, ".npz");
      if (rest || (!forAll && signature.size() != 1))
        throw UsageError("the model has " + std::to_string(signature.size()) + " inputs: name the one that '" +
                         input.path + "' is for\n" + list());
      rest = &input;
    }
    static const InputOption zero;
    if (options.inputs.empty() && options.data.empty())
      rest = &zero;
    for (size_t i = 0; i < signature.size(); ++i) {
      if (!chosen[i])
        chosen[i] = rest;
      if (!chosen[i] && options.data.empty())
        throw UsageError(std::string("input '") + signature[i].name +
                         "' is not given: add --input NAME=FILE for it, or --input random:0 for the rest\n" + list());
    }
  }

  size_t find(const fsc::Module &module, const std::string &name) const {
    try {
      return module.findInput(name);
    } catch (const fsc::NotFoundError &error) {
      throw UsageError(std::string("--input: ") + error.what());
    }
  }

  std::string list() const {
    std::string text = "inputs:";
    for (const fsc_value &value : signature)
      text += "\n  " + std::string(value.name) + ": " + signatureText(value);
    return text;
  }

  /// Every --dim must name something.
  void checkDims(const fsc::Module &module) const {
    std::vector<std::string> names = module.symbols();
    for (const fsc_value &value : signature)
      for (int32_t axis = 0; axis < value.rank; ++axis)
        if (value.dims[axis].size < 0)
          names.push_back(std::string(value.name) + "." + std::to_string(axis));
    for (const auto &[name, size] : options.dims)
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        std::string known;
        for (const std::string &other : names)
          known += (known.empty() ? "'" : ", '") + other + "'";
        throw UsageError("--dim: no dimension is named '" + name + "'; the model has " +
                         (known.empty() ? "none of variable size" : known));
      }
  }

  std::vector<int64_t> randomDims(size_t index, const std::map<std::string, int64_t> &symbols) const {
    const fsc_value &value = signature[index];
    std::vector<int64_t> dims;
    for (int32_t axis = 0; axis < value.rank; ++axis) {
      int64_t size = value.dims[axis].size;
      if (size < 0) {
        size = 1;
        if (const char *symbol = value.dims[axis].symbol) {
          if (auto known = symbols.find(symbol); known != symbols.end())
            size = known->second;
          if (auto given = options.dims.find(symbol); given != options.dims.end())
            size = given->second;
        }
        auto given = options.dims.find(std::string(value.name) + "." + std::to_string(axis));
        if (given != options.dims.end())
          size = given->second;
      }
      dims.push_back(size);
    }
    return dims;
  }

  std::string inputFile(const std::string &folder, size_t index) const {
    std::string path = folder + "/input_" + std::to_string(index) + ".pb";
    std::error_code error;
    if (!fs::exists(path, error))
      throw Refusal("expected '" + path + "' for input '" + signature[index].name + "', which is not there");
    return path;
  }

  void readExpected(const std::string &folder, Case &result) const {
    result.expected.resize(outputs.size());
    std::error_code error;
    for (size_t i = 0; !folder.empty(); ++i) {
      std::string path = folder + "/output_" + std::to_string(i) + ".pb";
      if (!fs::exists(path, error)) {
        if (i >= outputs.size())
          return;
        continue;
      }
      if (i >= outputs.size())
        throw Refusal("'" + path + "' is for no output: the model has " + std::to_string(outputs.size()));
      result.expected[i] = readValueProto(readFile(path), "'" + path + "'", outputs[i]);
    }
  }

  const Options &options;
  std::vector<fsc_value> signature, outputs;
  std::vector<const InputOption *> chosen; // null: from the data folder
};

/// "test_data_set_10" comes after "test_data_set_9".
bool byNumber(const std::string &a, const std::string &b) { return a.size() != b.size() ? a.size() < b.size() : a < b; }

} // namespace

std::string fsc::tools::signatureText(const fsc_value &value) {
  if (isList(value.dtype)) {
    std::string of = signatureText(value.element[0]);
    return std::string(fsc_dtype_name(value.dtype)) +
           (value.dtype == FSC_MAP ? " from " + of + " to " + signatureText(value.element[1]) : " of " + of);
  }
  if (value.rank < 0)
    return std::string(fsc_dtype_name(value.dtype)) + " of any shape";
  std::string text = std::string(fsc_dtype_name(value.dtype)) + " [";
  for (int32_t axis = 0; axis < value.rank; ++axis) {
    const fsc_dim &dim = value.dims[axis];
    text +=
        (axis ? ", " : "") + (dim.size >= 0 ? std::to_string(dim.size) : std::string(dim.symbol ? dim.symbol : "?"));
  }
  return text + "]";
}

std::vector<Case> fsc::tools::makeCases(const Options &options, const Module &module) {
  Builder builder(options, module);
  if (options.data.empty())
    return {builder.build("", "")};
  std::error_code error;
  if (!fs::is_directory(options.data, error))
    throw Refusal("--data: expected a folder, got '" + options.data + "'");
  std::vector<std::string> names;
  for (const fs::directory_entry &entry : fs::directory_iterator(options.data, error))
    if (entry.path().filename().string().rfind("test_data_set_", 0) == 0 && entry.is_directory(error))
      names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end(), byNumber);
  if (names.empty())
    return {builder.build(options.data, "")};
  std::vector<Case> cases;
  for (const std::string &name : names)
    cases.push_back(builder.build(options.data + "/" + name, name));
  return cases;
}
