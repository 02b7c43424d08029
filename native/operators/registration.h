#pragma once

#include <vector>

#include "cApi.h"

namespace clapper {

/** An operator for the processor, in the words of TensorFlow's op definitions. */
struct Operator {
  const char *name;
  std::vector<const char *> inputs, outputs, attributes;
  void *(*create)(TF_OpKernelConstruction *);
  void (*compute)(void *, TF_OpKernelContext *);
  void (*destroy)(void *);
};

/** @returns whether TensorFlow took it. */
inline bool Register(const Operator &op) {
  TF_OpDefinitionBuilder *definition = TF_NewOpDefinitionBuilder(op.name);
  for (const char *attribute : op.attributes) TF_OpDefinitionBuilderAddAttr(definition, attribute);
  for (const char *input : op.inputs) TF_OpDefinitionBuilderAddInput(definition, input);
  for (const char *output : op.outputs) TF_OpDefinitionBuilderAddOutput(definition, output);
  Status status;
  TF_RegisterOpDefinition(definition, status);
  if (!status.ok()) return false;
  TF_KernelBuilder *kernel = TF_NewKernelBuilder(op.name, "CPU", op.create, op.compute, op.destroy);
  TF_RegisterKernelBuilder(op.name, kernel, status);
  return status.ok();
}

std::vector<Operator> AdamOperators();
std::vector<Operator> BandPowerOperators();
std::vector<Operator> BatchNormReluOperators();
std::vector<Operator> Conv3x3FilterGradOperators();
std::vector<Operator> Conv3x3Bf16Operators();
std::vector<Operator> Conv3x3FilterGradBf16Operators();
std::vector<Operator> ScaleBytesOperators();

}  // namespace clapper
