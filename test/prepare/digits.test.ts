import { expect, test } from 'vitest';
import { digits } from '../../prepare/kinds/digits.ts';

test('images keep the 28 pixels that they have, or get the short side that is asked for', async () => {
  const { sampleRate, shortSide } = digits.defaults;
  expect(shortSide).toBe(28);
  const { items } = await digits.list(digits.defaults.from, { categoriesFile: null });
  const image = items.find((item) => Reflect.get(item, 'side') === 'images') as (typeof items)[number];
  for (const side of [28, 56]) {
    const { clips } = await digits.decode(image, { sampleRate, shortSide: side, clipSeconds: 10, framesPerSecond: 2 });
    expect(clips[0]?.pictures[0]).toMatchObject({ width: side, height: side });
  }
});
