import { Random } from '../../random.ts';
import type { Clip } from '../prepared.ts';
import { evenDraws } from './evenDraws.ts';
import { groupByCategory } from './groupByCategory.ts';
import { heardPictures } from './moment.ts';

/** A clip to hear and a clip to see; of a video, both are the same. */
export interface ClipDraw {
  sound: Clip;
  picture: Clip;
}

/** Endless draws in which every clip occurs equally often. */
export interface ClipDraws {
  at(position: number): ClipDraw;
  /** All that may be drawn. */
  sounds: Clip[];
  pictures: Clip[];
}

/** Clips that are seen and heard at the same moment. */
export function drawsOfSameClip(clips: Clip[], options: { sampleRate: number; seed: number }): ClipDraws {
  const usable = clips.filter((clip) => heardPictures(clip, options).length > 0);
  const draw = evenDraws(usable.length, options.seed);
  return {
    at(position) {
      const clip = usable[draw(position)] as Clip;
      return { sound: clip, picture: clip };
    },
    sounds: usable,
    pictures: usable,
  };
}

/** Every sound equally often, each with a picture of its category, every picture of a category equally often. */
export function drawsOfSameCategory(clips: Clip[], { seed }: { seed: number }): ClipDraws {
  const picturesOf = groupByCategory(clips.filter((clip) => clip.pictures.length > 0));
  const categoriesOf = (clip: Clip) => clip.categories.filter((category) => picturesOf.has(category));
  const sounds = clips.filter((clip) => clip.sound && categoriesOf(clip).length > 0);
  const soundsOf = groupByCategory(sounds);
  const rankOf = new Map(
    [...soundsOf].map(([category, group]) => [category, new Map(group.map((clip, i) => [clip, i]))]),
  );
  const random = new Random(seed);
  const drawSound = evenDraws(sounds.length, random.uint32());
  const drawPicture = new Map(
    [...picturesOf].map(([category, { length }]) => [category, evenDraws(length, random.uint32())]),
  );

  return {
    at(position) {
      const sound = sounds[drawSound(position)] as Clip;
      const epoch = Math.floor(position / sounds.length);
      const categories = categoriesOf(sound);
      const category = categories[epoch % categories.length] as string;
      // The sounds of a category take its pictures one after the other, in each epoch those that follow the last epoch's.
      const taken = epoch * (soundsOf.get(category)?.length ?? 0) + (rankOf.get(category)?.get(sound) ?? 0);
      const picture = drawPicture.get(category)?.(taken) ?? 0;
      return { sound, picture: (picturesOf.get(category) as Clip[])[picture] as Clip };
    },
    sounds,
    pictures: [...new Set([...soundsOf.keys()].flatMap((category) => picturesOf.get(category) ?? []))],
  };
}
