/** One thing that an encoder takes: a picture, or the windows of a sound. It is read when its turn comes. */
export interface Item<Input> {
  read(): Promise<Input[]>;
}

export interface LabelledItem<Input> extends Item<Input> {
  label: string;
}

/** A sound and a picture, by their positions in the lists that they come from. */
export interface Pair {
  sound: number;
  picture: number;
  corresponds: boolean;
}

/** What a bundle is judged by. Sounds are `[N]` float32, pictures RGB uint8 `[H, W, 3]`, as the bundle's graphs take them. */
export interface TestSet {
  /** Each sound and each picture once, however many pairs it is in. */
  pairs: { sounds: Item<Float32Array>[]; pictures: Item<Uint8Array>[]; list: Pair[] };
  /** Every label that an item may have. */
  labels: string[];
  sounds: LabelledItem<Float32Array>[];
  pictures: LabelledItem<Uint8Array>[];
}
