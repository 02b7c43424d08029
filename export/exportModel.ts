import { writeFile } from 'node:fs/promises';
import { packageInfo } from '#node/packageInfo.ts';
import { makeWhole } from '#node/unfinished.ts';
import { readLayersModel } from './convert/keras/layersModel.ts';
import { modelGraph } from './convert/modelGraph.ts';
import { sourceAt } from './convert/source.ts';
import { modelBytes } from './onnx/model.ts';

export async function exportModel(options: { model: string; out: string; channelsFirst?: boolean }) {
  const source = sourceAt(options.model);
  const model = await readLayersModel(source.read, source.where, source.file);
  const { graph, warnings } = modelGraph(model, { channelsFirst: options.channelsFirst ?? false });
  const bytes = modelBytes(graph, { doc: '', producerVersion: packageInfo.version, metadata: {} });
  await makeWhole(options.out, (unfinished) => writeFile(unfinished, bytes));
  return { warnings };
}
