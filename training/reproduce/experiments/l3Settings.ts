import { sets } from '../values.ts';

/** How much of L3-Net an experiment takes: what two cores can afford, or the paper's network and recipe, for a GPU. */
export type L3Size = 'quarter' | 'whole';
export const l3Sizes: L3Size[] = ['quarter', 'whole'];

/** Of an experiment, and of its runs. */
export function l3Named(name: string, size: L3Size): string {
  return size === 'whole' ? `${name}-whole` : name;
}

/** What every experiment on L3-Net says of itself, by size. @param minutes of the quarter on two cores, of the whole on a GPU. */
export function l3Row(name: string, size: L3Size, { title, minutes }: { title: string; minutes: [number, number] }) {
  if (size === 'quarter') return { name, title, minutes: minutes[0] };
  return {
    name: l3Named(name, size),
    title: `${title}, the paper’s width`,
    minutes: minutes[1],
    needsGpu: true,
  } as const;
}

/** L3-Net at 44.1 kHz, the rate of ESC-50 and of the clips: 257 bands × 199 frames of a second, as the paper has it at 48 kHz. */
const at44100Hz = ['sampleRate=44100', 'windowLength=440', 'hopLength=220', 'nFft=512'];

/** The network; the quarter is narrower than the paper's, its first convolution has a stride of 2, and its pictures half the sides. */
export function l3Network(size: L3Size): string[] {
  if (size === 'whole') return at44100Hz;
  const pictures = ['pictureSize=112', `pictureShortSide=${l3ShortSide(size)}`, 'imageGrid=[3,3]'];
  return [...at44100Hz, 'network.width=0.25', 'network.stemStride=2', ...pictures];
}

/** Of the pictures that its squares are cut from, in pixels. */
export function l3ShortSide(size: L3Size): number {
  return size === 'quarter' ? 128 : 256;
}

/** As a protocol names it. */
export function l3Name(size: L3Size): string {
  return size === 'quarter' ? 'a quarter of L3-Net’s channels, stem of stride 2' : 'L3-Net as its paper has it';
}

/** The side of its squares, as a protocol names it. */
export function l3Squares(size: L3Size): string {
  return `squares of ${size === 'quarter' ? 112 : 224} pixels`;
}

/** A recipe that learns something on two cores in minutes; the whole network takes the paper's. @param steps where it is short. */
export function l3Recipe(size: L3Size, steps: number): string[] {
  if (size === 'whole') return ['--preset', 'l3'];
  const short = [
    'epochs=null',
    `steps=${steps}`,
    'batchSize=32',
    'rowsAtOnce=null',
    'learningRate=1e-3',
    'schedule=cosine',
  ];
  const learning = ['warmup=0.1', 'matchesPerClip=31', 'alignment.weight=1', 'batchNormMomentum=0.9', 'choose=last'];
  return ['--preset', 'l3', ...sets(...short, ...learning, 'evalEvery=200', 'saveEvery=100')];
}
