import type { VariantContent } from '#core/bundle/graphs.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';

const meaning = {
  fp32: 'as trained',
  fp16: 'weights and arithmetic in float16, the spectrogram in float32; inputs and outputs stay float32',
  int8: 'encoders in 8-bit whole numbers (QDQ), heads stored so',
} as const;

/** @returns a table of size, accuracy and speed beside fp32; empty where that is all there is. */
export function variantSection({ variants, graphs }: BundleManifest): string {
  const names = (['fp32', 'fp16', 'int8'] as const).filter((name) => variants[name]);
  if (names.length < 2) return '';
  const { fp32 } = variants;
  const encoders = graphs.filter(({ kind }) => kind.endsWith('encoder')).map(({ name }) => name);
  const shown = accuracies(variants[names[1] as 'fp16'] as VariantContent, fp32);
  const rows = names.map((name) => {
    const content = variants[name] as VariantContent;
    const share = bytesOf(content) / bytesOf(fp32);
    const times = encoders.map((graph) => milliseconds(content, graph));
    const numbers = shown.map((metric) => (content.metrics[metric] as number).toFixed(4));
    return [
      `\`${name}\``,
      meaning[name],
      `${(bytesOf(content) / 1e6).toFixed(2)} MB (${share.toFixed(2)} ×)`,
      ...numbers,
      ...times,
    ];
  });
  const header = ['variant', 'is', 'graphs', ...shown.map((metric) => metric.replaceAll(/[-_]/g, ' ')), ...encoders];
  const [latency] = fp32.latency ?? [];
  const where = latency
    ? `\n\nTimes: milliseconds of one run with one input, on one thread of ${latency.device}, in ONNX Runtime on the processor.`
    : '';
  return `## Variants

${[header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')}

Of fp32 the accuracy is the trainer's own; of the others it was measured in ONNX Runtime, on the same pairs and items.${where}`;
}

function accuracies(variant: VariantContent, fp32: VariantContent): string[] {
  return Object.keys(fp32.metrics).filter((name) => /(^|-)accuracy$/.test(name) && name in variant.metrics);
}

function milliseconds({ latency = [] }: VariantContent, graph: string): string {
  const measured = latency.find((one) => one.graph === graph && one.batch === 1);
  return measured ? String(measured.milliseconds) : '';
}

function bytesOf({ files }: VariantContent): number {
  return Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
}
