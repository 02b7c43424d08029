import { classifierGraphName } from '#core/bundle/graphs.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';

/**
 * The YAML that a model card on the Hugging Face Hub begins with (https://huggingface.co/docs/hub/model-cards). JSON's strings and lists are
 * YAML's too.
 */
export function frontMatter(manifest: BundleManifest): string {
  const { name, licence, classifiers, training } = manifest;
  const known = licenceId(licence);
  const tags = [
    'onnx',
    'audio-visual-correspondence',
    'l3-net',
    'clapper',
    ...classifiers.map(({ input }) => `${input.split('_')[0]}-classification`),
  ];
  const measured = results(manifest);
  const lines = [
    ...(known ? [`license: ${known}`] : ['license: other', `license_name: ${JSON.stringify(licence)}`]),
    'library_name: onnx',
    'pipeline_tag: feature-extraction',
    `tags: ${JSON.stringify([...new Set(tags)])}`,
    `datasets: ${JSON.stringify([training.data])}`,
    'metrics: ["accuracy", "roc_auc"]',
    ...(measured.length > 0 ? ['model-index:', `  - name: ${JSON.stringify(name)}`, '    results:', ...measured] : []),
  ];
  return `---\n${lines.join('\n')}\n---\n`;
}

function results({ graphs, classifiers, variants, training }: BundleManifest): string[] {
  const { metrics } = variants.fp32;
  const result = (task: string, list: [type: string, name: string][]) => {
    const measured = list.filter(([, metric]) => metric in metrics);
    if (measured.length === 0) return [];
    return [
      `      - task: {type: ${JSON.stringify(task)}}`,
      `        dataset: {type: ${JSON.stringify(training.data)}, name: ${JSON.stringify(training.data)}, split: "test"}`,
      '        metrics:',
      ...measured.map(
        ([type, metric]) => `          - {type: ${type}, name: ${JSON.stringify(metric)}, value: ${metrics[metric]}}`,
      ),
    ];
  };
  const isMatching = graphs.some(({ kind }) => kind === 'match-head');
  const pairs: [string, string][] = [
    ['accuracy', 'accuracy'],
    ['f1', 'f1'],
    ['roc_auc', 'rocAuc'],
  ];
  return [
    ...(isMatching && 'pairs' in metrics ? result('audio-visual-correspondence', pairs) : []),
    ...classifiers.flatMap(({ name, input }) => {
      const prefix = `${name}-accuracy` in metrics || !('items' in metrics) ? `${name}-` : '';
      const task = `${input.split('_')[0]}-classification`;
      return graphs.some((graph) => graph.name === classifierGraphName(name))
        ? result(task, [['accuracy', `${prefix}accuracy`]])
        : [];
    }),
  ];
}

/** The Hub's own names (https://huggingface.co/docs/hub/repositories-licenses); undefined: it has none for it. */
function licenceId(licence: string): string | undefined {
  const id = licence.toLowerCase().trim().replaceAll(/\s+/g, '-');
  return licences.has(id) ? id : undefined;
}

const licences = new Set([
  ...['apache-2.0', 'mit', 'bsd-2-clause', 'bsd-3-clause', 'cc0-1.0', 'unlicense', 'gpl-3.0', 'lgpl-3.0', 'mpl-2.0'],
  ...[
    'cc-by-2.0',
    'cc-by-3.0',
    'cc-by-4.0',
    'cc-by-sa-3.0',
    'cc-by-sa-4.0',
    'cc-by-nc-2.0',
    'cc-by-nc-3.0',
    'cc-by-nc-4.0',
  ],
  ...['cc-by-nd-4.0', 'cc-by-nc-nd-4.0', 'cc-by-nc-sa-2.0', 'cc-by-nc-sa-3.0', 'cc-by-nc-sa-4.0'],
]);
