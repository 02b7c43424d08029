import { type Classification, createMatcher, type Match, type Matcher } from '#core/bundle/matcher.ts';
import type { Bundle } from '#core/bundle/open.ts';
import { InputError } from '#core/errors.ts';
import { createMediaDecoder, type MediaDecoder } from './media.ts';

/** All that can be asked of a bundle: files in, an answer out. */
export interface Tasks {
  correspondence: { input: Sound & Picture; answer: Match };
  'classify-audio': { input: Sound; answer: Classification[] };
  'classify-image': { input: Picture; answer: Classification[] };
}
export type TaskName = keyof Tasks;

interface Sound {
  /** A sound file. */
  audio: Uint8Array;
  hopSeconds?: number | undefined;
}
interface Picture {
  /** A picture file. */
  image: Uint8Array;
}

export interface Performed<Name extends TaskName> {
  answer: Tasks[Name]['answer'];
  /** Milliseconds. */
  timings: { decode: number; run: number };
}

/** A bundle and the decoder for what it takes. */
export interface Performer {
  perform<Name extends TaskName>(name: Name, input: Tasks[Name]['input']): Promise<Performed<Name>>;
}

export function createPerformer(bundle: Bundle): Performer {
  const media = nameInputs(createMediaDecoder(bundle.manifest));
  const matcher = createMatcher(bundle);
  return {
    async perform(name, input) {
      const timings = { decode: 0, run: 0 };
      const timed = async <T>(part: keyof typeof timings, work: Promise<T>): Promise<T> => {
        const startMs = performance.now();
        const result = await work;
        timings[part] += performance.now() - startMs;
        return result;
      };
      return { answer: await performers[name]({ media, matcher, timed }, input), timings };
    },
  };
}

interface Means {
  media: MediaDecoder;
  matcher: Matcher;
  timed: <T>(part: 'decode' | 'run', work: Promise<T>) => Promise<T>;
}

const performers: {
  [Name in TaskName]: (means: Means, input: Tasks[Name]['input']) => Promise<Tasks[Name]['answer']>;
} = {
  async correspondence({ media, matcher, timed }, { audio, image, hopSeconds }) {
    const [waveform, pixels] = await timed('decode', Promise.all([media.audio(audio), media.image(image)]));
    return timed('run', matchFiles(matcher, { waveform, pixels, hopSeconds }));
  },
  async 'classify-audio'({ media, matcher, timed }, { audio, hopSeconds }) {
    const waveform = await timed('decode', media.audio(audio));
    const encode = async () => matcher.classify('audio', await matcher.embedAudio(waveform, { hopSeconds }));
    return timed('run', encode());
  },
  async 'classify-image'({ media, matcher, timed }, { image }) {
    const pixels = await timed('decode', media.image(image));
    const encode = async () => matcher.classify('image', await matcher.embedImage(pixels));
    return timed('run', encode());
  },
};

async function matchFiles(
  matcher: Matcher,
  { waveform, pixels, hopSeconds }: { waveform: Float32Array; pixels: Uint8Array; hopSeconds: number | undefined },
): Promise<Match> {
  const sound = await matcher.embedAudio(waveform, { hopSeconds, features: false });
  return matcher.score(sound, await matcher.embedImage(pixels, { features: false }));
}

/** Says which of the two files a complaint is about. */
function nameInputs(media: MediaDecoder): MediaDecoder {
  const named = (name: string) => (error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${name}: ${error.message}`, error.kind, { cause: error });
  };
  return {
    audio: (bytes) => media.audio(bytes).catch(named('audio')),
    image: (bytes) => media.image(bytes).catch(named('image')),
  };
}
