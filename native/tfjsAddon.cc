// The file that Node loads as tfjs' addon. While TensorFlow is being loaded it writes two lines about oneDNN to stderr, before
// TF_CPP_MIN_LOG_LEVEL is looked at. So this loads the real addon, which stands beside it, with stderr muted, and hands over.
// Then it gives TensorFlow our own operators (operators/), and names in `clapperOperators` those that can be used.

#include <dlfcn.h>
#include <fcntl.h>
#include <node_api.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace {

class MutedStderr {
 public:
  MutedStderr() : saved_(dup(STDERR_FILENO)) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
  }
  ~MutedStderr() {
    dup2(saved_, STDERR_FILENO);
    close(saved_);
  }

 private:
  int saved_;
};

void *Load(const std::string &path) {
  const char *level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  if (level == nullptr || std::atoi(level) < 1) return dlopen(path.c_str(), RTLD_NOW);
  MutedStderr muted;
  return dlopen(path.c_str(), RTLD_NOW);
}

/** The operators are compiled for processors with these; others use TensorFlow's own. */
bool KnowsInstructions() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return true;
#endif
}

const char *RegisterOperators(const std::string &path) {
  static const char *const names = [&] {  // once, however many of Node's threads load this
    void *operators = KnowsInstructions() ? dlopen(path.c_str(), RTLD_NOW) : nullptr;
    if (operators == nullptr) return "";
    return reinterpret_cast<const char *(*)()>(dlsym(operators, "RegisterClapperOperators"))();
  }();
  return names;
}

}  // namespace

NAPI_MODULE_INIT() {
  Dl_info self;
  dladdr(reinterpret_cast<void *>(&napi_register_module_v1), &self);
  const std::string path(self.dli_fname);
  const std::string folder = path.substr(0, path.rfind('/'));
  // Of what TensorFlow opens on a GPU by its name, its own run path lacks this one's folder (Python adds it).
  dlopen((folder + "/../nvidia/cusolver/lib/libcusolver.so.11").c_str(), RTLD_LAZY);
  void *addon = Load(folder + "/tfjs.so");
  if (addon == nullptr) {
    napi_throw_error(env, nullptr, dlerror());
    return nullptr;
  }
  using Init = napi_value (*)(napi_env, napi_value);
  napi_value binding = reinterpret_cast<Init>(dlsym(addon, "napi_register_module_v1"))(env, exports);
  napi_value names;
  napi_create_string_utf8(env, RegisterOperators(folder + "/operators.so"), NAPI_AUTO_LENGTH, &names);
  napi_set_named_property(env, binding, "clapperOperators", names);
  return binding;
}
