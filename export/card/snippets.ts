import type { Graph, GraphTensor } from '#core/bundle/graphs.ts';
import { findGraph } from '#core/bundle/graphs.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';

/** Beside a bundle's files, or in a folder for the Hugging Face Hub, which has the graphs in `onnx/`. */
export type CardPlace = 'bundle' | 'hub';

/** @returns programs that run the files, each as it stands: in Node, a browser, Python and, of a bundle, Triton. */
export function snippets(manifest: BundleManifest, place: CardPlace): string {
  const { name } = manifest;
  const [folder, served] = place === 'hub' ? ['onnx', `/models/${name}/onnx`] : [`models/${name}`, `/models/${name}`];
  const chain = chainOf(manifest);
  const last = chain.at(-1) as Graph;
  const result = (last.outputs[0] as GraphTensor).name; // probability, or probabilities
  const inputs = chain.flatMap((graph) => graph.inputs).filter(({ name }) => name === 'waveform' || name === 'image');
  const hint = (tensor: GraphTensor) => comment(tensor, manifest);
  const own = `npx clapper export --bundle models/${name} --to triton --out repository`;
  const triton = place === 'bundle' && findGraph(manifest, 'match') ? tritonProgram(name, { inputs, hint }) : '';
  return [
    `In Node, with \`onnxruntime-node\`:\n\n${fence('js', javascript('onnxruntime-node', folder, { chain, inputs, result, hint }))}`,
    `In a browser, with \`onnxruntime-web\`, the folder being served as \`/models/${name}\`:\n\n${fence('js', javascript('onnxruntime-web/wasm', served, { chain, inputs, result, hint }))}`,
    `In Python, with \`onnxruntime\`:\n\n${fence('python', python(folder, { chain, inputs, result, hint }))}`,
    triton && `In Triton Inference Server (\`${own}\`), with \`tritonclient\`:\n\n${fence('python', triton)}`,
  ]
    .filter(Boolean)
    .join('\n\n');
}

interface Program {
  /** In the order in which they run. */
  chain: Graph[];
  /** What comes from outside. */
  inputs: GraphTensor[];
  /** Output of the last graph. */
  result: string;
  hint: (tensor: GraphTensor) => string;
}

/** Encoders, then the head that reads them: the match head, or the last classifier. */
function chainOf(manifest: BundleManifest): Graph[] {
  const encoders = manifest.graphs.filter(({ kind }) => kind.endsWith('encoder'));
  const head = findGraph(manifest, 'match') ?? manifest.graphs.findLast(({ kind }) => kind === 'classifier');
  if (!head) return encoders.slice(0, 1);
  const read = head.inputs.map(({ name }) => name);
  return [...encoders.filter(({ outputs }) => outputs.some(({ name }) => read.includes(name))), head];
}

function javascript(module: string, folder: string, { chain, inputs, result, hint }: Program): string {
  const tensors = inputs.map((tensor) => {
    const [, ...rest] = tensor.shape;
    const array = tensor.dtype === 'float32' ? 'Float32Array' : 'Uint8Array';
    return `const ${tensor.name} = new ort.Tensor('${tensor.dtype}', new ${array}(${rest.join(' * ')}), [1, ${rest.join(', ')}]); // ${hint(tensor)}`;
  });
  const runs = chain.map(({ name, inputs, outputs }, i) => {
    const given = outputs
      .map((output) => output.name)
      .filter((output) => isRead(output, chain.slice(i + 1)) || output === result);
    return `const { ${given.join(', ')} } = await (await open('${name}')).run({ ${inputs.map((input) => input.name).join(', ')} });`;
  });
  return [
    `import * as ort from '${module}';`,
    '',
    `const open = (graph) => ort.InferenceSession.create(\`${folder}/\${graph}.onnx\`);`,
    ...tensors,
    ...runs,
    `console.log(${result}.data);`,
  ].join('\n');
}

function python(folder: string, { chain, inputs, result, hint }: Program): string {
  const arrays = inputs.map((tensor) => {
    const [, ...rest] = tensor.shape;
    return `${tensor.name} = np.zeros((1, ${rest.join(', ')}), np.${tensor.dtype})  # ${hint(tensor)}`;
  });
  const outside = inputs.map(({ name }) => name);
  const runs = chain.map(({ name, inputs }) => {
    const given = inputs.map(({ name }) => `${name}=${outside.includes(name) ? name : `values["${name}"]`}`);
    return `values |= run("${name}", ${given.join(', ')})`;
  });
  return [
    'import numpy as np',
    'import onnxruntime as ort',
    '',
    '',
    'def run(graph, **inputs):',
    `    session = ort.InferenceSession(f"${folder}/{graph}.onnx")`,
    '    return dict(zip([output.name for output in session.get_outputs()], session.run(None, inputs)))',
    '',
    '',
    ...arrays,
    'values = {}',
    ...runs,
    `print(values["${result}"])`,
  ].join('\n');
}

function tritonProgram(name: string, { inputs, hint }: Pick<Program, 'inputs' | 'hint'>): string {
  const types = { float32: 'FP32', uint8: 'UINT8' } as const;
  const set = inputs.flatMap(({ name, dtype, shape: [, ...rest] }, i) => [
    `inputs.append(triton.InferInput("${name}", [1, ${rest.join(', ')}], "${types[dtype]}"))`,
    `inputs[${i}].set_data_from_numpy(np.zeros((1, ${rest.join(', ')}), np.${dtype}))  # ${hint(inputs[i] as GraphTensor)}`,
  ]);
  return [
    'import numpy as np',
    'import tritonclient.http as triton',
    '',
    'client = triton.InferenceServerClient("localhost:8000")',
    'inputs = []',
    ...set,
    `print(client.infer("${name.replaceAll(/[^\w]/g, '_')}_correspondence", inputs).as_numpy("probability"))`,
  ].join('\n');
}

function isRead(output: string, later: Graph[]): boolean {
  return later.some(({ inputs }) => inputs.some(({ name }) => name === output));
}

function comment({ name }: GraphTensor, { input: { audio } }: BundleManifest): string {
  if (name === 'waveform' && audio)
    return `${audio.samples / audio.sampleRate} s of mono sound at ${audio.sampleRate} Hz, in [-1, 1]`;
  return 'RGB, 0 to 255';
}

function fence(language: string, program: string): string {
  return `\`\`\`${language}\n${program}\n\`\`\``;
}
