import type { SpectrogramOptions } from '#core/spectrogram.ts';
import { addCoarseSpectrogram, planCoarse } from '../../graphs/coarseSpectrogram.ts';
import { logSpectrogramName } from '../../graphs/logSpectrogram.ts';
import { GraphBuilder } from '../../onnx/graph.ts';
import type { ModelProto, NodeProto } from '../../onnx/messages.ts';
import { viewGraph } from '../graphView.ts';

/**
 * The sounds' encoder with a coarse spectrogram in place of its own.
 *
 * @param model as our exporter makes it.
 * @returns null where there is none to be had: for these settings, or in a model that another route made.
 */
export function withCoarseSpectrogram(model: ModelProto, options: SpectrogramOptions): ModelProto | null {
  const plan = planCoarse(options);
  const view = viewGraph(model.graph);
  const [input] = model.graph.input;
  if (!plan || !input || !view.producer.has(logSpectrogramName)) return null;
  const front = new GraphBuilder({ name: 'audio' });
  const waveform = front.input({ name: input.name, type: 'float32', shape: ['batch', options.samples] });
  front.output(addCoarseSpectrogram(front, waveform, options, plan), logSpectrogramName);
  const made = front.build();
  const kept = behindSpectrogram(model.graph.node, view.outputs);
  const read = new Set(kept.flatMap((node) => node.input));
  const values = new Set(kept.flatMap(({ output }) => output).concat(logSpectrogramName));
  return {
    ...model,
    graph: {
      ...model.graph,
      node: [...made.node, ...kept],
      initializer: [...made.initializer, ...model.graph.initializer.filter(({ name }) => read.has(name))],
      valueInfo: [...made.valueInfo, ...model.graph.valueInfo.filter(({ name }) => values.has(name))],
    },
  };
}

/** @returns the nodes that lead from the spectrogram to what is needed, in their order. */
function behindSpectrogram(nodes: readonly NodeProto[], outputs: ReadonlySet<string>): NodeProto[] {
  const needed = new Set(outputs);
  const kept: NodeProto[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.output.some((name) => needed.has(name) && name !== logSpectrogramName)) continue;
    kept.push(node);
    for (const name of node.input) needed.add(name);
  }
  return kept.reverse();
}
