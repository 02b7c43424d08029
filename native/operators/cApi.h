#pragma once

// What TensorFlow's stable C API has for operators, declared here because its own tensorflow/c/kernels.h includes headers that the
// wheel's C part lacks.

#include <cstddef>
#include <cstdint>
#include <vector>

extern "C" {
struct TF_Status;
struct TF_Tensor;
struct TF_OpDefinitionBuilder;
struct TF_KernelBuilder;
struct TF_OpKernelConstruction;
struct TF_OpKernelContext;
enum TF_DataType { TF_FLOAT = 1 };
enum TF_Code { TF_OK = 0 };

TF_Status *TF_NewStatus();
void TF_DeleteStatus(TF_Status *);
TF_Code TF_GetCode(const TF_Status *);

int TF_NumDims(const TF_Tensor *);
int64_t TF_Dim(const TF_Tensor *, int dim);
void *TF_TensorData(const TF_Tensor *);
void TF_DeleteTensor(TF_Tensor *);

TF_OpDefinitionBuilder *TF_NewOpDefinitionBuilder(const char *name);
void TF_OpDefinitionBuilderAddAttr(TF_OpDefinitionBuilder *, const char *spec);
void TF_OpDefinitionBuilderAddInput(TF_OpDefinitionBuilder *, const char *spec);
void TF_OpDefinitionBuilderAddOutput(TF_OpDefinitionBuilder *, const char *spec);
void TF_RegisterOpDefinition(TF_OpDefinitionBuilder *, TF_Status *);

TF_KernelBuilder *TF_NewKernelBuilder(const char *op, const char *device, void *(*create)(TF_OpKernelConstruction *),
                                      void (*compute)(void *, TF_OpKernelContext *), void (*destroy)(void *));
void TF_RegisterKernelBuilder(const char *name, TF_KernelBuilder *, TF_Status *);
void TF_OpKernelConstruction_GetAttrFloat(TF_OpKernelConstruction *, const char *name, float *, TF_Status *);
void TF_OpKernelConstruction_GetAttrInt64(TF_OpKernelConstruction *, const char *name, int64_t *, TF_Status *);
void TF_OpKernelConstruction_GetAttrBool(TF_OpKernelConstruction *, const char *name, unsigned char *, TF_Status *);
int TF_NumInputs(TF_OpKernelContext *);
void TF_GetInput(TF_OpKernelContext *, int i, TF_Tensor **, TF_Status *);
TF_Tensor *TF_AllocateOutput(TF_OpKernelContext *, int i, TF_DataType, const int64_t *dims, int rank, size_t bytes,
                             TF_Status *);
void TF_OpKernelContext_Failure(TF_OpKernelContext *, TF_Status *);
}

namespace clapper {

class Status {
 public:
  Status() : status_(TF_NewStatus()) {}
  ~Status() { TF_DeleteStatus(status_); }
  Status(const Status &) = delete;
  operator TF_Status *() { return status_; }
  bool ok() const { return TF_GetCode(status_) == TF_OK; }

 private:
  TF_Status *status_;
};

/** An operator's inputs and outputs, of four bytes each value, while it computes. */
class Arguments {
 public:
  explicit Arguments(TF_OpKernelContext *context) : context_(context), inputs_(TF_NumInputs(context)) {
    for (size_t i = 0; i < inputs_.size(); i++) TF_GetInput(context, static_cast<int>(i), &inputs_[i], status_);
  }
  ~Arguments() {
    for (TF_Tensor *tensor : inputs_) TF_DeleteTensor(tensor);
    for (TF_Tensor *tensor : outputs_) TF_DeleteTensor(tensor);
    if (!status_.ok()) TF_OpKernelContext_Failure(context_, status_);
  }
  Arguments(const Arguments &) = delete;

  bool ok() const { return status_.ok(); }

  int InputCount() const { return static_cast<int>(inputs_.size()); }

  const float *Input(int i) const { return static_cast<const float *>(TF_TensorData(inputs_[i])); }

  std::vector<int64_t> Shape(int i) const {
    std::vector<int64_t> shape(TF_NumDims(inputs_[i]));
    for (size_t d = 0; d < shape.size(); d++) shape[d] = TF_Dim(inputs_[i], static_cast<int>(d));
    return shape;
  }

  /** @returns null where there is no memory left: then not {@link ok}, and TensorFlow is told when this object goes. */
  float *Output(int i, const std::vector<int64_t> &shape) {
    size_t bytes = sizeof(float);
    for (int64_t size : shape) bytes *= size;
    TF_Tensor *tensor =
        TF_AllocateOutput(context_, i, TF_FLOAT, shape.data(), static_cast<int>(shape.size()), bytes, status_);
    if (!status_.ok()) return nullptr;
    outputs_.push_back(tensor);
    return static_cast<float *>(TF_TensorData(tensor));
  }

 private:
  TF_OpKernelContext *context_;
  Status status_;
  std::vector<TF_Tensor *> inputs_, outputs_;
};

}  // namespace clapper
