import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small wheel in TensorFlow's place and a small package in tfjs': downloaded, unpacked, built and linked as the real ones are. */
export interface FakeTensorFlow {
  folder: string;
  /** Where pip finds the wheel. */
  index: string;
  /** In tfjs' place; its addon says 42. */
  packageFolder: string;
  sha256: string;
  bytes: number;
}

const libraries = {
  'libtensorflow_framework.so.2': 'extern "C" int framework() { return 20; }',
  'libtensorflow_cc.so.2': 'extern "C" int answer() { return 42; }',
};

const binding = `#include <node_api.h>
extern "C" int answer();
NAPI_MODULE_INIT() {
  napi_value number;
  napi_create_int32(env, answer(), &number);
  napi_set_named_property(env, exports, "answer", number);
  return exports;
}
`;

/** @param megabytes of the wheel: large enough that there is a time to be killed in. */
export function makeFakeTensorFlow({ megabytes }: { megabytes: number }): FakeTensorFlow {
  const folder = mkdtempSync(join(tmpdir(), 'clapper-setup-'));
  const index = join(folder, 'index');
  const wheelFolder = join(folder, 'wheel');
  const packageFolder = join(folder, 'node_modules/tfjs');
  const info = join(wheelFolder, 'fake_tensorflow-1.0.dist-info');
  for (const path of [index, join(wheelFolder, 'tensorflow/include'), info, join(packageFolder, 'binding')]) {
    mkdirSync(path, { recursive: true });
  }
  for (const [name, source] of Object.entries(libraries)) {
    const args = ['-shared', '-fPIC', '-x', 'c++', '-', '-o', join(wheelFolder, 'tensorflow', name)];
    execFileSync('g++', args, { input: source });
  }
  writeFileSync(join(wheelFolder, 'tensorflow/large.bin'), randomBytes(megabytes * 1e6));
  writeFileSync(join(wheelFolder, 'tensorflow/unwanted.py'), 'print("not kept")\n');
  writeFileSync(join(info, 'METADATA'), 'Metadata-Version: 2.1\nName: fake-tensorflow\nVersion: 1.0\n');
  writeFileSync(join(info, 'WHEEL'), 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n');
  const wheel = join(index, 'fake_tensorflow-1.0-py3-none-any.whl');
  execFileSync('python3', ['-m', 'zipfile', '-c', wheel, 'tensorflow', 'fake_tensorflow-1.0.dist-info'], {
    cwd: wheelFolder,
  });

  writeFileSync(join(packageFolder, 'binding/tfjs_backend.cc'), '');
  writeFileSync(join(packageFolder, 'binding/tfjs_binding.cc'), binding);

  const content = readFileSync(wheel);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { folder, index, packageFolder, sha256, bytes: content.length };
}
