// Runs a model in TensorFlow.js, in a process of its own: export/ itself never loads TensorFlow.js, and works where there is none.
// Plain JavaScript, so that Node 20 starts it as it is. See tfjs.ts for what it is sent and what it answers.

/** @typedef {{ shape: number[], dtype: string, data: Float32Array | Int32Array }} Rows */
/** @typedef {{ name: string, shape: number[], dtype: 'float32' | 'int32' | 'bool' | 'complex64' }} Spec */
/** @typedef {{ inputs: string[], outputs: string[] }} Nodes */
/** @typedef {{ artifacts: any, nodes?: Nodes, weightSpecs: Spec[], weightData: Uint8Array, inputs: Rows[], native: boolean }} Job */

console.warn = console.log = console.info = () => {}; // it advertises other packages

const javaScript = await import('@tensorflow/tfjs').catch(() => null); // while the job is still being made
process.send?.({ ready: javaScript !== null });

process.once('message', async (/** @type {Job} */ job) => {
  process.send?.(await run(job).catch((error) => ({ failed: String(error.message) })), () => process.exit());
});
process.once('disconnect', () => process.exit());

/** @param {Job} job */
async function run({ artifacts, nodes, weightSpecs, weightData, inputs, native }) {
  const tf = native ? await import('@tensorflow/tfjs-node-gpu') : javaScript;
  if (!tf) throw new Error('TensorFlow.js is not installed');
  if (!native) await tf.setBackend('cpu');
  const bytes = weightData.buffer.slice(weightData.byteOffset, weightData.byteOffset + weightData.byteLength);
  const load = async () => ({
    ...artifacts,
    modelTopology: nodes ? artifacts.modelTopology : asRun(artifacts.modelTopology),
    weightSpecs,
    weightData: /** @type {ArrayBuffer} */ (bytes),
  });
  const tensors = inputs.map(({ shape, dtype, data }) => tf.tensor(data, shape, /** @type {'float32'} */ (dtype)));
  const predict = async () => {
    if (nodes) {
      const feeds = Object.fromEntries(nodes.inputs.map((name, i) => [name, /** @type {any} */ (tensors[i])]));
      return (await tf.loadGraphModel({ load })).executeAsync(feeds, nodes.outputs);
    }
    const [first] = tensors;
    const batchSize = Math.max(1, inputs[0]?.shape[0] ?? 1);
    const model = await tf.loadLayersModel({ load });
    return model.predict(tensors.length === 1 && first ? first : tensors, { batchSize });
  };
  const results = [await predict()].flat();
  const outputs = results.map((tensor) => ({ shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) }));
  return { outputs, version: tf.version.tfjs };
}

/**
 * What the weights replace can take minutes to draw in plain JavaScript: zeros instead. What acts in training only is left out: tfjs refuses
 * the names that Keras gives to some of it (`L2`).
 *
 * @param {any} value
 * @returns {any}
 */
function asRun(value) {
  if (Array.isArray(value)) return value.map(asRun);
  if (!value || typeof value !== 'object') return value;
  const zeros = { class_name: 'Zeros', config: {} };
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      if (/(_r|R)egularizer$|(_c|C)onstraint$/.test(key)) return [key, null];
      return [key, one && /(_i|I)nitializer$/.test(key) ? zeros : asRun(one)];
    }),
  );
}
