import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { canPlay, choices, drawRounds } from '../../web-demo/game/rounds.ts';
import type { Sample } from '../../web-demo/samples.ts';

const sample = (subject: string, i: number): Sample => ({
  file: `${subject}-${i}`,
  url: `${subject}-${i}`,
  sha256: '0'.repeat(64),
  bytes: 1,
  title: subject,
  subject,
});
const two = (subject: string) => [sample(subject, 1), sample(subject, 2)];
const samples = {
  sounds: ['dog', 'rain', 'rooster', 'sea'].flatMap(two), // there is no picture of the sea
  pictures: ['dog', 'rain', 'rooster', 'airplane', 'engine'].flatMap(two),
};

test('each round has one picture of the sound’s subject among four subjects; no sound comes again before all have come', () => {
  for (let seed = 0; seed < 50; seed++) {
    const random = new Random(seed);
    const rounds = drawRounds(samples, { count: 10, random: () => random.uniform() });
    expect(rounds).toHaveLength(10);
    expect(new Set(rounds.slice(0, 6).map(({ sound }) => sound.file)).size).toBe(6);
    for (const { sound, pictures, answer } of rounds) {
      expect(new Set(pictures.map(({ subject }) => subject)).size).toBe(choices);
      expect(pictures.map(({ subject }) => subject).indexOf(sound.subject)).toBe(answer);
    }
  }
});

test('the answer lies at each of the four places about as often', () => {
  const random = new Random(7);
  const counts = [0, 0, 0, 0];
  for (const { answer } of drawRounds(samples, { count: 4000, random: () => random.uniform() })) {
    counts[answer] = (counts[answer] as number) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120); // four standard deviations
});

test('it cannot be played with three subjects, nor where no sound has its picture', () => {
  expect(canPlay(samples)).toBe(true);
  expect(canPlay({ ...samples, pictures: ['dog', 'rain', 'rooster'].flatMap(two) })).toBe(false);
  expect(canPlay({ ...samples, sounds: two('sea') })).toBe(false);
});
