import { describe, expect, test } from 'vitest';
import { layerConverters } from '../../../export/convert/layers/index.ts';
import { families } from './cases/index.ts';
import { compare, makeModel } from './support/parity.ts';
import { tf } from './support/tfjs.ts';

const used = new Set<string>();

for (const [family, cases] of Object.entries(families)) {
  describe(`${family} give in ONNX Runtime what they give in TensorFlow.js`, () => {
    for (const [name, one] of Object.entries(cases)) {
      test(name, async () => {
        const model = makeModel(one);
        for (const layer of model.layers) used.add(layer.getClassName());
        for (const batch of one.batch ? [one.batch] : [1, 3]) {
          const { difference, transposes, warnings } = await compare(model, one, batch);
          expect(difference, `batch ${batch}`).toBeLessThanOrEqual(one.tolerance ?? 1e-5);
          if (one.transposes !== undefined) expect(transposes).toBe(one.transposes);
          if (one.warns) expect(warnings.join('\n')).toMatch(one.warns);
        }
        model.dispose();
      });
    }
  });
}

test('every class of layer that tfjs has is among them', () => {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  const classes = Object.entries(classNameMap).flatMap(([name, [made]]) =>
    made.prototype instanceof tf.layers.Layer ? name : [],
  );
  expect(classes.length).toBeGreaterThan(60);
  const inside = /Cell(s)?$|^(InputLayer|LayersModel|Model|Functional|Sequential)$/; // cells and models, which other cases hold
  const random = /^Random/; // does other things each time
  expect(classes.filter((name) => !inside.test(name) && !random.test(name) && !used.has(name))).toEqual([]);
  expect(classes.filter((name) => !inside.test(name) && !(name in layerConverters))).toEqual([]);
});
