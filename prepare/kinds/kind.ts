import type { Pairing, Skipped, Split } from '#core/datasets/prepared.ts';
import type { ClassFolder } from '../files/folders.ts';
import type { FileRef } from '../files/tree.ts';

/** What is prepared in one go: a pair of files, a video, a sound, a photo. Plain data: it passes between threads. */
export interface Item {
  /** Its place in the set, the same on every machine; no two items share it. */
  id: string;
  /** The video or recording that it comes from. */
  source: string;
  /** What its split is drawn by, where that is not its source: copies are drawn together. */
  drawnBy?: string;
  /** The set's own; null: drawn by the source. */
  split: Split | null;
  /** The benchmark's own, from 1. */
  fold: number | null;
  categories: string[];
  /** How many files it is made of: what `--max-bad` is a share of. */
  files: number;
}

/** What a set holds, found without decoding anything. */
export interface Listing<T extends Item = Item> {
  description: string;
  licence: string;
  /** In the order of the classifier's outputs; empty: not labelled. */
  categories: string[];
  items: T[];
  /** Files that make no item. */
  skipped: Skipped[];
  /** How the collection was understood, a sentence each, for people to check. */
  notes: string[];
}

export interface Waveform {
  /** `[samples]` float32 in [-1, 1], mono, at the dataset's rate. */
  waveform: Float32Array;
  /** Where it begins in its source. */
  startSeconds: number;
}

export interface Picture {
  jpeg: Uint8Array;
  width: number;
  height: number;
  /** On the sound's clock; null: any moment. */
  timeSeconds: number | null;
}

/** Several where a long video is cut. */
export interface DecodedItem {
  clips: { sound: Waveform | null; pictures: Picture[] }[];
  skipped: Skipped[];
}

/** What changes a clip's bytes. */
export interface ClipSettings {
  sampleRate: number; // Hz
  shortSide: number; // pixels
  /** Of videos: the longest clip. */
  clipSeconds: number;
  /** Of videos. */
  framesPerSecond: number;
}

export interface ListOptions {
  /** By-class: a table `sound,picture` of categories that belong together; null: those of the same name. */
  categoriesFile: string | null;
  /** Of labelled sets whose files lie in folders of folders. */
  classFolder?: ClassFolder;
}

/** One way in which sound and pictures lie on disk. */
export interface Kind<T extends Item = Item> {
  pairing: Pairing;
  /** What settings do not say. */
  defaults: { from: string[]; sampleRate: number; shortSide?: number; itemsPerShard: number };
  /** @throws {InputError} where the folders do not hold such a set. */
  list(from: string[], options: ListOptions): Promise<Listing<T>>;
  /** The files that an item is made of: items that share one, or a copy of one, are of one source. */
  filesOf(item: T): FileRef[];
  /** @throws {InputError} where nothing of the item can be used. */
  decode(item: T, settings: ClipSettings): Promise<DecodedItem>;
}
