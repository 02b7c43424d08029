/** A file to decode: a sound to a rate, or a picture to a square of that side. */
export type Part = { file: string; rate: number } | { file: string; side: number };

/** What both sides are asked to do, so many times. */
export interface Question {
  parts: Part[];
  repeats: number;
}

export interface Answer {
  /** Of processor time, for one time. */
  milliseconds: number;
}

export interface Measured {
  name: string;
  parts: Part[];
  /** In one turn. */
  repeats: number;
  /** Whether the peer reads this format too. */
  byPeer: boolean;
}

const endings = ['wav', 'flac', 'ogg', 'opus', 'mp3'];
const request = (kind: string): Part[] => [
  { file: `${kind}-10s.ogg`, rate: 8000 },
  { file: '455x256.jpg', side: 28 },
];

export const measured: Measured[] = [
  {
    name: 'request, stereo: 10 s of ogg to 8 kHz, 455 × 256 jpeg to 28',
    parts: request('stereo'),
    repeats: 8,
    byPeer: true,
  },
  { name: 'request, mono', parts: request('mono'), repeats: 8, byPeer: true },
  ...endings.flatMap((ending): Measured[] => [
    sound(`10 s of stereo ${ending} to 8 kHz`, `stereo-10s.${ending}`, { rate: 8000, repeats: 8 }),
    sound(`10 s of mono ${ending} to 48 kHz`, `mono-10s.${ending}`, { rate: 48_000, repeats: 8 }),
    sound(`0.5 s of mono ${ending} to 8 kHz`, `mono-half.${ending}`, { rate: 8000, repeats: 50 }),
  ]),
  ...['m4a', 'webm'].map((ending): Measured => {
    const measure = sound(`0.5 s of mono ${ending} to 8 kHz`, `tone.${ending}`, { rate: 8000, repeats: 50 });
    return { ...measure, byPeer: false };
  }),
  picture('28 × 28 png to 28', '28x28.png', { side: 28, repeats: 100 }),
  picture('455 × 256 jpeg to 28', '455x256.jpg', { side: 28, repeats: 40 }),
  picture('455 × 256 jpeg to 224', '455x256.jpg', { side: 224, repeats: 40 }),
  picture('4000 × 3000 jpeg to 28', '4000x3000.jpg', { side: 28, repeats: 2 }),
  picture('4000 × 3000 jpeg to 224', '4000x3000.jpg', { side: 224, repeats: 2 }),
];

function sound(name: string, file: string, { rate, repeats }: { rate: number; repeats: number }): Measured {
  return { name, parts: [{ file, rate }], repeats, byPeer: true };
}

function picture(name: string, file: string, { side, repeats }: { side: number; repeats: number }): Measured {
  return { name, parts: [{ file, side }], repeats, byPeer: true };
}
