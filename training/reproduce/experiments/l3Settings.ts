import { sets } from '../values.ts';

/** L3-Net at 44.1 kHz, the rate of ESC-50 and of the clips: 257 bands × 199 frames of a second, as the paper has it at 48 kHz. */
const at44100Hz = ['sampleRate=44100', 'windowLength=440', 'hopLength=220', 'nFft=512'];

/** The network; narrower than the paper's, its first convolution has a stride of 2, and its pictures half the sides. */
export function l3Network(width: number): string[] {
  if (width === 1) return at44100Hz;
  const pictures = ['pictureSize=112', `pictureShortSide=${l3ShortSide(width)}`, 'imageGrid=[3,3]'];
  return [...at44100Hz, `network.width=${width}`, 'network.stemStride=2', ...pictures];
}

/** Of the pictures that its squares are cut from, in pixels. */
export function l3ShortSide(width: number): number {
  return width < 1 ? 128 : 256;
}

/** As a protocol names it. */
export function l3Name(width: number): string {
  return width < 1 ? `${width} of L3-Net’s channels, stem of stride 2` : 'L3-Net as its paper has it';
}

/** A recipe that learns something on two cores in minutes; the whole network takes the paper's. @param steps where it is short. */
export function l3Recipe(width: number, steps: number): string[] {
  if (width === 1) return ['--preset', 'l3'];
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
