// onnxruntime-web and nothing else, in a worker as the page has one.

/**
 * @typedef {object} Opening
 * @property {string} script onnxruntime-web's own.
 * @property {{ mjs: string, wasm: string }} runtime
 * @property {number} threads
 * @property {Record<'audio' | 'image' | 'match', string>} graphs their addresses.
 * @property {number[]} imageShape
 */
/**
 * @typedef {object} Question What is new, one side or both; the other is the one before.
 * @property {Float32Array} [waveform]
 * @property {Uint8Array} [image]
 */

/** @type {typeof import('onnxruntime-web/wasm')} */
let ort;
/** @type {Record<'audio' | 'image' | 'match', import('onnxruntime-web/wasm').InferenceSession>} */
let sessions;
/** @type {number[]} */
let imageShape;
/** @type {Record<string, import('onnxruntime-web/wasm').Tensor>} */
const embeddings = {};

/** @param {MessageEvent<Opening | Question>} message */
self.onmessage = async ({ data }) => {
  if ('graphs' in data) {
    await open(data);
    postMessage(null);
  } else postMessage(await judge(data));
};

/** @param {Opening} opening */
async function open(opening) {
  ort = await import(opening.script);
  ort.env.wasm.numThreads = opening.threads;
  ort.env.wasm.wasmPaths = opening.runtime;
  imageShape = opening.imageShape;
  /** @param {'audio' | 'image' | 'match'} name */
  const load = async (name) =>
    ort.InferenceSession.create(new Uint8Array(await (await fetch(opening.graphs[name])).arrayBuffer()));
  sessions = { audio: await load('audio'), image: await load('image'), match: await load('match') };
}

/**
 * @param {Question} question
 * @returns {Promise<import('./stages.ts').Stages>}
 */
async function judge({ waveform, image }) {
  const milliseconds = { audio: 0, image: 0, match: 0 };
  /** @param {'audio' | 'image' | 'match'} name @param {Record<string, import('onnxruntime-web/wasm').Tensor>} inputs */
  const timed = async (name, inputs) => {
    const start = performance.now();
    const outputs = await sessions[name].run(inputs);
    milliseconds[name] = performance.now() - start;
    return outputs;
  };
  if (waveform)
    Object.assign(
      embeddings,
      await timed('audio', { waveform: new ort.Tensor('float32', waveform, [1, waveform.length]) }),
    );
  if (image) Object.assign(embeddings, await timed('image', { image: new ort.Tensor('uint8', image, imageShape) }));
  const { audio_embedding, image_embedding } = embeddings;
  if (audio_embedding && image_embedding) await timed('match', { audio_embedding, image_embedding });
  return milliseconds;
}
