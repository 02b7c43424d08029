import { findGraph, type Graph } from '#core/bundle/graphs.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { settingsOf } from '../bundle/settings.ts';
import { exampleSection } from './exampleSection.ts';
import { metricRows } from './metricRows.ts';
import { type CardPlace, snippets } from './snippets.ts';
import { variantSection } from './variantSection.ts';

/** Everything behind this line of a card was handed in; the rest follows from the manifest. */
const notesBegin = '<!-- notes -->';

/**
 * @param notes markdown for the end.
 * @returns `MODEL_CARD.md`: what to know before using the weights. Every number in it comes from the manifest.
 */
export function modelCard(manifest: BundleManifest, notes?: string, place: CardPlace = 'bundle'): string {
  const { name, description, licence, input } = manifest;
  const { data, dataDescription, dataLicence, parameters } = manifest.training;
  const isBundle = place === 'bundle';
  const both = (audio: string, image: string) =>
    [input.audio && audio, input.image && image].filter(Boolean).join(' and ');
  const sections = [
    `# ${name}`,
    `${description}

${architecture(manifest)} ${parameters === undefined ? '' : `${count(parameters)} parameters, `}ONNX opset 17.`,

    `## Use

For ${both('sounds', 'images')} like those it was trained on (see Data): to try, to teach, to measure against, and as a start for
training further. Not for deciding about people.

${isBundle ? `\`\`\`\n${usage(manifest)}\n\`\`\`\n\n` : ''}${snippets(manifest, place)}`,

    `## Inputs and outputs

| file | takes | gives |
| --- | --- | --- |
${graphRows(manifest, isBundle ? '' : 'onnx/').join('\n')}

Inside the graphs: ${both('spectrogram', 'pixel scaling')}. \`${isBundle ? 'manifest.json' : 'preprocessor_config.json'}\` says how media are brought to these rates and sizes;
\`golden.json\` holds inputs by their seeds and what they must give${isBundle ? `: \`npx clapper verify --bundle models/${name}\` replays it` : ''}.`,

    `## Data

${[data, dataDescription].filter(Boolean).join(': ')}

${dataLicence === undefined ? '' : `Licence of the data: ${dataLicence}. `}Licence of the weights: ${licence}.`,

    `## Training

${training(manifest)}

All settings as they were, also where they differ from the preset's, are in \`${isBundle ? 'manifest.json' : 'config.json'}\` under \`training.config\`.`,

    `## Measured

${metricRows(manifest)}`,

    variantSection(manifest),

    `## Limits

${limits(manifest).join('\n')}`,

    isBundle ? exampleSection(manifest) : '', // the Hub's folder has none of the files

    notes?.trim() ? `${notesBegin}\n\n${notes.trim()}` : '',
  ];
  return sections.filter(Boolean).join('\n\n');
}

/** @returns what was handed in for the end of a card. */
export function notesOf(card: string): string | undefined {
  return card.split(`${notesBegin}\n`)[1]?.trim();
}

const source = 'L3-Net: Arandjelović and Zisserman, "Look, Listen and Learn", ICCV 2017';

function architecture(manifest: BundleManifest): string {
  const { input } = manifest;
  if (findGraph(manifest, 'match')) {
    return `Two encoders turn a sound and an image into embeddings; a small head gives the probability that they belong together
(${source}).`;
  }
  return `An encoder, the branch of L3-Net for ${input.audio ? 'sounds' : 'images'}, gives an embedding and features, which a small head reads
(${source}).`;
}

function usage(manifest: BundleManifest): string {
  const { name, input } = manifest;
  if (findGraph(manifest, 'match'))
    return `npx clapper match --bundle models/${name} --audio sound.wav --image picture.png`;
  const question = input.audio ? 'audio=@sound.wav' : 'image=@picture.png';
  const route = `v1/classify/${input.audio ? 'audio' : 'image'}`;
  return `npx clapper serve --bundle models/${name}
curl -F ${question} -F topK=3 http://127.0.0.1:3000/${route}`;
}

function graphRows(manifest: BundleManifest, folder: string): string[] {
  return manifest.graphs.map((graph) => {
    const side = (tensors: Graph['inputs']) =>
      tensors
        .map(({ name, dtype, shape }) => `\`${name}\` ${dtype} [${shape.join(', ')}]${note(name, manifest)}`)
        .join(', ');
    const labels = manifest.classifiers.find(({ name }) => graph.name === `classify-${name}`)?.labels;
    return `| \`${folder}${graph.name}.onnx\` | ${side(graph.inputs)} | ${side(graph.outputs)}${labels ? `: ${labels.join(', ')}` : ''} |`;
  });
}

/** What a name and a shape do not say. */
function note(tensor: string, { input: { audio } }: BundleManifest): string {
  const notes: Record<string, string | undefined> = {
    waveform: audio && `: ${audio.samples / audio.sampleRate} s of mono sound at ${audio.sampleRate} Hz, in [-1, 1]`,
    image: ': RGB, 0 to 255',
    probability: ': P(they belong together)',
  };
  return notes[tensor] ?? '';
}

function training({ name, training }: BundleManifest): string {
  const { preset, steps, seed, commit, testFold, finished, config } = training;
  const { classifier, from, branches, data } = settingsOf({ config });
  const taken = (['audio', 'image'] as const).filter((sense) => typeof branches[sense] === 'string');
  const given = taken.length > 0 ? `weights (${taken.map((sense) => `branches.${sense}`).join(', ')})` : 'weights';
  const start = from !== 'random' || taken.length > 0 ? `another checkpoint's ${given}` : 'random weights';
  const learning =
    classifier === 'svm'
      ? `A linear SVM for each class, on features of ${start}, which stayed as they were`
      : `${count(steps)} steps from ${start}`;
  const facts = [learning, `seed ${seed}`, commit && `code at commit ${commit}`];
  const flags = [
    `--preset ${preset}`,
    data.folder !== undefined && '--data DIR',
    from !== 'random' && '--from CHECKPOINT',
    ...taken.map((sense) => `--set branches.${sense}=CHECKPOINT`),
    `--out runs/${name}`,
  ];
  const fold = testFold === null ? '' : ` Fold ${testFold} was held out for the test.`;
  const unfinished = finished ? '' : ' **Training had not finished.**';
  return `${facts.filter(Boolean).join(', ')}.${fold}${unfinished}

\`\`\`
npx clapper train ${flags.filter(Boolean).join(' ')}
\`\`\``;
}

function limits(manifest: BundleManifest): string[] {
  const { input, classifiers } = manifest;
  const { audio } = input;
  const match = findGraph(manifest, 'match');
  const seconds = audio && audio.samples / audio.sampleRate;
  const over = match
    ? 'its score is the highest of theirs, less what luck gives the highest of many'
    : "each class has the windows' geometric mean";
  return [
    'It knows only what its data shows: other voices, languages, microphones, drawings or photographs may get confident, wrong scores.',
    match &&
      'It was trained on as many mismatched pairs as matching ones. Where matches are rarer, choose a threshold above 0.5.',
    classifiers.length > 0 && 'A classifier always chooses among its labels, also where none of them is right.',
    seconds && `It hears ${seconds} s at a time. A longer sound is heard in windows, and ${over}.`,
  ].flatMap((limit) => (limit ? [`- ${limit}`] : []));
}

const count = (value: number) => value.toLocaleString('en-US');
