import { bySubject, type Sample, type Samples } from '../samples.ts';

/** Which of these pictures belongs to the sound? */
export interface Round {
  sound: Sample;
  pictures: Sample[];
  /** Of the picture whose subject is the sound's. */
  answer: number;
}

export const choices = 4;

/** Whether the samples are enough: sounds with a picture of their subject, and pictures of other subjects. */
export function canPlay(samples: Samples): boolean {
  return bySubject(samples.pictures).size >= choices && playable(samples).length > 0;
}

/**
 * @param random in [0, 1), as `Math.random`.
 * @returns rounds in which no sound comes again before all have come.
 */
export function drawRounds(samples: Samples, { count, random }: { count: number; random: () => number }): Round[] {
  const pictures = bySubject(samples.pictures);
  const sounds: Sample[] = [];
  while (sounds.length < count) sounds.push(...shuffled(playable(samples), random));
  return sounds.slice(0, count).map((sound) => {
    const others = shuffled(
      [...pictures.keys()].filter((subject) => subject !== sound.subject),
      random,
    ).slice(0, choices - 1);
    const subjects = shuffled([sound.subject, ...others], random);
    const shown = subjects.map((subject) => shuffled(pictures.get(subject) as Sample[], random)[0] as Sample);
    return { sound, pictures: shown, answer: subjects.indexOf(sound.subject) };
  });
}

function playable({ sounds, pictures }: Samples): Sample[] {
  return sounds.filter(({ subject }) => pictures.some((picture) => picture.subject === subject));
}

function shuffled<T>(list: T[], random: () => number): T[] {
  const left = [...list];
  return list.map(() => left.splice(Math.floor(random() * left.length), 1)[0] as T);
}
