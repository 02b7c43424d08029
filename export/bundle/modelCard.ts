import type { BundleManifest } from '#core/bundle/manifest.ts';
import type { CheckpointState } from '#core/checkpoint.ts';
import { metricRows } from './metricRows.ts';

export interface ModelCardOptions {
  manifest: BundleManifest;
  state: CheckpointState;
  /** Numbers that were learnt, in all graphs together. */
  parameters: number;
  /** Markdown for the end. */
  notes?: string | undefined;
}

/** @returns `MODEL_CARD.md`: what to know before using the weights. Every number in it comes from the checkpoint. */
export function modelCard({ manifest, state, parameters, notes }: ModelCardOptions): string {
  const { name, input, embeddingSize, classifiers, training } = manifest;
  const { audio, image } = input;
  const seconds = audio.samples / audio.sampleRate;
  const unfinished = state.finished ? '' : ' **Training had not finished.**';
  const sections = [
    `# ${name}`,
    `${manifest.description}

Two encoders turn a sound and an image into embeddings; a small head gives the probability that they belong together
(L3-Net: Arandjelović and Zisserman, "Look, Listen and Learn", ICCV 2017). ${count(parameters)} parameters, ONNX opset 17.`,

    `## Use

For sounds and images like those it was trained on (see Data): to try, to teach, to measure against, and as a start for
training further. Not for deciding about people.

\`\`\`
npx clapper match --bundle models/${name} --audio sound.wav --image picture.png
\`\`\``,

    `## Inputs and outputs

| file | takes | gives |
| --- | --- | --- |
| \`audio.onnx\` | \`waveform\` float32 [batch, ${audio.samples}]: ${seconds} s of mono sound at ${audio.sampleRate} Hz, in [-1, 1] | \`audio_embedding\` [batch, ${embeddingSize.audio}], \`audio_features\` |
| \`image.onnx\` | \`image\` uint8 [batch, ${image.height}, ${image.width}, 3]: RGB, 0 to 255 | \`image_embedding\` [batch, ${embeddingSize.image}], \`image_features\` |
| \`match.onnx\` | \`audio_embedding\`, \`image_embedding\` | \`probability\` [batch]: P(they belong together) |
${classifiers.map(({ name, input, labels }) => `| \`classify-${name}.onnx\` | \`${input}\` | \`probabilities\` [batch, ${labels.length}]: ${labels.join(', ')} |\n`).join('')}
Spectrogram and pixel scaling are inside the graphs. \`manifest.json\` says how media are brought to these rates and sizes;
\`golden.json\` holds inputs by their seeds and what they must give: \`npx clapper verify --bundle models/${name}\` replays it.`,

    `## Data

${state.dataset.name}: ${state.dataset.description}

Licence of the data: ${state.dataset.licence}. Licence of the weights: ${manifest.licence}.`,

    `## Training

${count(training.steps)} steps from random weights, seed ${training.seed}${training.commit ? `, code at commit ${training.commit}` : ''}.${unfinished}

\`\`\`
npx clapper train --preset ${training.preset} --out runs/${name}
\`\`\`

All settings as they were, also where they differ from the preset's, are in \`manifest.json\` under \`training.config\`.`,

    `## Measured

${metricRows(state)}`,

    `## Limits

- It knows only what its data shows: other voices, languages, microphones, drawings or photographs may get confident, wrong scores.
- It was trained on as many mismatched pairs as matching ones. Where matches are rarer, choose a threshold above 0.5.
- It hears ${seconds} s at a time. A longer sound is heard in windows, and its score is the highest of theirs.`,

    notes?.trim() ?? '',
  ];
  return sections.filter(Boolean).join('\n\n');
}

const count = (value: number) => value.toLocaleString('en-US');
