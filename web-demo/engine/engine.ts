import type { GoldenReport } from '#core/bundle/golden/check.ts';
import type { ImageInput } from '#core/bundle/manifest.ts';
import {
  type Classification,
  createMatcher,
  type Encoded,
  type EncodedSound,
  type Match,
  type Matcher,
} from '#core/bundle/matcher.ts';
import { InputError } from '#core/errors.ts';
import { logSpectrogram } from '#core/logSpectrogram.ts';
import { resample } from '#core/media/resample.ts';
import { expectSound } from '#core/media/silence.ts';
import { centreInWindow } from '#core/media/windows.ts';
import { type HiddenPart, hideInPicture, hideInSound } from '../explain/hide.ts';
import { paintSpectrogram } from '../sound/paintSpectrogram.ts';
import { text } from '../text.ts';
import { createMemory } from './memory.ts';
import type { LoadedModel, OpenModel } from './open.ts';
import { readPicture } from './readPicture.ts';
import { readSound } from './readSound.ts';

/** A sound at the model's rate; of one id the numbers are always the same. */
export interface SoundInput {
  id: string;
  /** `[N]` float32 in [-1, 1], mono. */
  waveform: Float32Array;
}

/** A picture of the model's size. */
export interface PictureInput {
  id: string;
  /** RGB uint8 `[H, W, 3]`. */
  image: Uint8Array;
}

export interface Judgement extends Match {
  windowSeconds: number;
  /** As `Matcher.strangeness`. */
  strangeness: { audio: number | null; image: number | null };
  /** Of each stage, when it was computed. */
  milliseconds: { audio: number; image: number; match: number };
}

export interface PaintedSound {
  /** The spectrogram that the model's first layer computes. */
  spectrogram: ImageData;
  seconds: number;
  /** Upper edge of the spectrogram. */
  maxHz: number;
}

/** The model and all that must be done around it, away from the page's thread. */
export interface Engine {
  /**
   * A sound file of any format that `core/media/audio.ts` decodes → `[N]` float32 at the model's rate. `note`: what people should know of it.
   *
   * @param maxSeconds longer sounds are refused; default 120, as by the server.
   */
  readSound(file: Blob, maxSeconds?: number): Promise<{ waveform: Float32Array; note: string | null }>;
  /** To the model's rate. @param sampleRate of the waveform, Hz. */
  resample(waveform: Float32Array, sampleRate: number): Promise<Float32Array>;
  /** A picture file of any format the browser knows → RGB uint8 `[H, W, 3]` of the model's size. */
  readPicture(file: Blob): Promise<Uint8Array>;
  /** What the model hears, to be looked at; needs no model. */
  paint(waveform: Float32Array): Promise<PaintedSound>;

  hear(sound: SoundInput): Promise<Classification[]>;
  see(picture: PictureInput): Promise<Classification[]>;
  match(sound: SoundInput, picture: PictureInput): Promise<Judgement>;
  /** @returns `[pictures][sounds]` scores. */
  matrix(sounds: SoundInput[], pictures: PictureInput[]): Promise<number[][]>;
  /** @returns the score of the pair with one part of it hidden at a time. The sound is one window long at most. */
  matchWithout(sound: SoundInput, picture: PictureInput, parts: HiddenPart[]): Promise<number[]>;
  /** The golden check. @throws {InputError} where the model does not give its trainer's numbers here. */
  check(): Promise<GoldenReport>;
}

export function createEngine({ manifest, model }: OpenModel): Engine {
  const { audio, image } = manifest.input;
  const rate = audio?.sampleRate ?? 0;
  const sounds = createMemory<Timed<EncodedSound>>();
  const pictures = createMemory<Timed<Encoded>>();
  let matcher: Promise<Matcher> | null = null;
  const matching = () => {
    matcher ??= model.then(({ bundle }) => createMatcher(bundle));
    return matcher;
  };
  // A session runs once at a time: one question after the other.
  let previous: Promise<unknown> = Promise.resolve();
  const inTurn = <A extends unknown[], R>(work: (matcher: Matcher, ...args: A) => Promise<R>) => {
    return (...args: A): Promise<R> => {
      const result = previous.then(async () => work(await matching(), ...args));
      previous = result.catch(() => {});
      return result;
    };
  };
  const encodeSound = (matcher: Matcher, { id, waveform }: SoundInput) =>
    sounds.recall(id, () => {
      expectSound(waveform);
      return timed(() => matcher.embedAudio(waveform));
    });
  const encodePicture = (matcher: Matcher, { id, image }: PictureInput) =>
    pictures.recall(id, () => timed(() => matcher.embedImage(image)));

  return {
    readSound: (file, maxSeconds) => readSound(file, { sampleRate: rate, maxSeconds }),
    resample: async (waveform, sampleRate) => resample(waveform, sampleRate, rate),
    async readPicture(file) {
      if (!image) throw new InputError(text.seesNothing);
      return readPicture(file, image);
    },
    async paint(waveform) {
      const { spectrogram } = manifest.training.config.model;
      const shown = waveform.length < spectrogram.samples ? centreInWindow(waveform, spectrogram.samples) : waveform;
      const values = logSpectrogram(shown, spectrogram);
      return { spectrogram: paintSpectrogram(values), seconds: values.seconds, maxHz: values.maxHz };
    },

    hear: inTurn(async (matcher, sound: SoundInput) =>
      matcher.classify('audio', (await encodeSound(matcher, sound)).value),
    ),
    see: inTurn(async (matcher, picture: PictureInput) =>
      matcher.classify('image', (await encodePicture(matcher, picture)).value),
    ),
    match: inTurn(async (matcher, sound: SoundInput, picture: PictureInput) => {
      const heard = await encodeSound(matcher, sound);
      const seen = await encodePicture(matcher, picture);
      const match = await timed(() => matcher.score(heard.value, seen.value));
      return {
        ...match.value,
        windowSeconds: audio ? audio.samples / audio.sampleRate : 0,
        strangeness: {
          audio: matcher.strangeness('audio', heard.value),
          image: matcher.strangeness('image', seen.value),
        },
        milliseconds: { audio: heard.milliseconds, image: seen.milliseconds, match: match.milliseconds },
      };
    }),
    matrix: inTurn(async (matcher, sounds: SoundInput[], pictures: PictureInput[]) => {
      const heard: EncodedSound[] = [];
      for (const sound of sounds) heard.push((await encodeSound(matcher, sound)).value);
      const seen: Encoded[] = [];
      for (const picture of pictures) seen.push((await encodePicture(matcher, picture)).value);
      const matches = await matcher.scoreMatrix(heard, seen);
      return matches.map((row) => row.map(({ score }) => score));
    }),
    matchWithout: inTurn(async (matcher, sound: SoundInput, picture: PictureInput, parts: HiddenPart[]) => {
      const heard = (await encodeSound(matcher, sound)).value;
      const seen = (await encodePicture(matcher, picture)).value;
      const { spectrogram } = manifest.training.config.model;
      const scores: number[] = [];
      for (const part of parts) {
        const [otherSound, otherPicture] =
          part.of === 'sound'
            ? [await matcher.embedAudio(hideInSound(sound.waveform, part, spectrogram)), seen]
            : [heard, await matcher.embedImage(hideInPicture(picture.image, part, image as ImageInput))];
        scores.push((await matcher.score(otherSound, otherPicture)).score);
      }
      return scores;
    }),
    check: inTurn(async () => (await (model as Promise<LoadedModel>)).check()),
  };
}

interface Timed<Value> {
  value: Value;
  milliseconds: number;
}

async function timed<Value>(work: () => Promise<Value>): Promise<Timed<Value>> {
  const startMs = performance.now();
  return { value: await work(), milliseconds: performance.now() - startMs };
}
