import type { Wheel, WheelSet } from '#node/wheels/wheel.ts';

export const tensorflowVersion = '2.21.0';

/** The library and the C headers that tfjs' addon includes. */
const tensorflowFiles =
  /^tensorflow\/(libtensorflow_(cc|framework)\.so\.2|include\/(tensorflow\/c|xla\/tsl\/c)\/.*\.h|include\/(tensorflow\/core|tsl)\/platform\/ctstring.*\.h)$/;

/** Libraries, and what TensorFlow compiles kernels with: `ptxas` and `libdevice`. TensorFlow looks for them in `../nvidia/*`. */
const cudaFiles = /^nvidia\/\w+\/(lib\/.*\.so[.\d]*|bin\/ptxas|nvvm\/libdevice\/.*)$/;

function tensorflow(name: string, bytes: number, sha256: string): Wheel {
  return { name, version: tensorflowVersion, bytes, sha256, keep: tensorflowFiles };
}

function cuda(name: string, version: string, bytes: number, sha256: string): Wheel {
  return { name: `nvidia-${name}-cu12`, version, bytes, sha256, keep: cudaFiles };
}

/** Keyed by Node's `process.platform`-`process.arch`, then by what they compute on. */
export const builds: Record<string, { cpu: WheelSet; gpu?: WheelSet }> = {
  'linux-x64': {
    cpu: {
      name: `tensorflow-cpu-${tensorflowVersion}-x86_64`,
      what: 'TensorFlow',
      machine: 'x86_64',
      wheels: [
        tensorflow('tensorflow-cpu', 274000871, 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb'),
      ],
      diskBytes: 1.2e9,
    },
    gpu: {
      name: `tensorflow-gpu-${tensorflowVersion}-x86_64`,
      what: 'TensorFlow',
      machine: 'x86_64',
      // The wheel's own `and-cuda` extra, resolved: CUDA 12.9, cuDNN 9.28. Any driver for CUDA 12 or later runs it.
      wheels: [
        tensorflow('tensorflow', 572611111, 'b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0'),
        cuda('cublas', '12.9.3.13', 581217458, 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72'),
        cuda('cuda-cupti', '12.8.90', 10248621, 'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182'),
        cuda('cuda-nvcc', '12.9.86', 40546229, '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0'),
        cuda('cuda-nvrtc', '12.9.86', 89568129, '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4'),
        cuda('cuda-runtime', '12.9.79', 3493179, '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3'),
        cuda('cudnn', '9.28.0.42', 716538495, '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375'),
        cuda('cufft', '11.4.1.4', 200877592, 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28'),
        cuda('curand', '10.3.10.19', 68295626, '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e'),
        cuda('cusolver', '11.7.5.82', 338117415, '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88'),
        cuda('cusparse', '12.5.10.65', 366465088, '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78'),
        cuda('nccl', '2.32.3', 351526311, 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c'),
        cuda('nvjitlink', '12.9.86', 39748338, 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9'),
      ],
      diskBytes: 7e9,
    },
  },
  'linux-arm64': {
    cpu: {
      name: `tensorflow-cpu-${tensorflowVersion}-aarch64`,
      what: 'TensorFlow',
      machine: 'aarch64',
      wheels: [
        // Named without -cpu, but the index has no CUDA in the wheel for this machine.
        tensorflow('tensorflow', 281946471, 'b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552'),
      ],
      diskBytes: 1.2e9,
    },
  },
};
