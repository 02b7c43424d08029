import type { ModelProto } from '../../onnx/messages.ts';
import { lostShare, type Outputs, outputsOf } from '../lostShare.ts';
import type { Samples } from '../runModel.ts';
import { correctBias } from './correctBias.ts';
import { equalize } from './equalize.ts';
import { im2col } from './im2col.ts';
import { integerPooling } from './integerPooling.ts';
import { type Observation, observe } from './observe.ts';
import { type Plan, planInt8 } from './plan.ts';
import { quantizeModel } from './quantize.ts';
import { type CalibrationMethod, rangeOf, triedMethods } from './ranges.ts';

/** How a graph became int8. */
export interface Recipe {
  method: CalibrationMethod;
  equalized: boolean;
  biasCorrected: boolean;
  /** Layers that stayed in float32. */
  leftOut: string[];
  /** What it is heard or seen through, in place of what the graph had. */
  front?: Front;
}

/** Other beginnings of an encoder, which are faster in int8. */
export type Front = 'coarse spectrogram' | 'blocks of pixels';

/** What leaving one layer in float32 would win. */
export interface LayerSensitivity {
  layer: string;
  /** {@link lostShare} with all other layers in int8. */
  lost: number;
}

export interface Int8Encoder {
  model: ModelProto;
  recipe: Recipe;
  /** {@link lostShare} on the samples that chose. */
  lost: number;
  /** Again, with these layers in float32 beside those that were left out already. */
  without(layers: readonly string[]): Promise<Int8Encoder>;
  sensitivity(): Promise<LayerSensitivity[]>;
}

export interface EncoderOptions {
  /** At least two: every other one is calibrated on, the rest judge what pays; in the end all are calibrated on. */
  samples: Samples;
  /** Default: the one that loses least. */
  method?: CalibrationMethod | undefined;
}

/**
 * An encoder in int8. Method and equalisation are taken where they lose less on samples that were not calibrated on; then it is calibrated on all.
 *
 * @param model in float32, with one input.
 */
export async function int8Encoder(model: ModelProto, { samples, method }: EncoderOptions): Promise<Int8Encoder> {
  const seen = samples.filter((_, i) => i % 2 === 0);
  const unseen = samples.filter((_, i) => i % 2 === 1);
  const plain = im2col(integerPooling(model));
  const wanted = await outputsOf(plain, unseen);
  const judge = async (candidate: ModelProto) => lostShare(await outputsOf(candidate, unseen), wanted);
  const base = await observed(plain, seen);
  const equalized = await observed(equalize(plain, channelMaxOf(base.observations)), seen);

  let best: Candidate | undefined;
  for (const [isEqualized, source] of [base, equalized].entries()) {
    for (const one of method ? [method] : triedMethods) {
      const quantized = quantize(source, one);
      const candidate = {
        ...source,
        method: one,
        equalized: isEqualized === 1,
        quantized,
        lost: await judge(quantized),
      };
      if (!best || candidate.lost < best.lost) best = candidate;
    }
  }
  const chosen = best as Candidate;
  const { observations } = await observed(chosen.model, samples); // what was judged by has done its work: ranges are seen on all
  return finish({ ...chosen, observations }, { seen: samples, unseen, wanted, leftOut: [] });
}

interface Source {
  model: ModelProto;
  observations: Map<string, Observation>;
}

interface Candidate extends Source {
  method: CalibrationMethod;
  equalized: boolean;
  quantized: ModelProto;
  lost: number;
}

interface Judging {
  seen: Samples;
  unseen: Samples;
  wanted: Outputs;
  leftOut: readonly string[];
}

async function finish(candidate: Candidate, judging: Judging): Promise<Int8Encoder> {
  const { method, equalized } = candidate;
  const { seen, unseen, wanted, leftOut } = judging;
  const judge = async (quantized: ModelProto) => lostShare(await outputsOf(quantized, unseen), wanted);
  const plan = planInt8(candidate.model.graph, new Set(leftOut));
  const ranges = rangesOf(candidate, plan, method);
  const uncorrected = quantizeModel(candidate.model, { plan, ranges });
  const corrections = await correctBias(candidate.model, { plan, ranges }, seen);
  const corrected = quantizeModel(candidate.model, { plan, ranges, corrections });
  const [lostBefore, lostAfter] = [await judge(uncorrected), await judge(corrected)];
  const biasCorrected = lostAfter < lostBefore;
  const leave = (layers: readonly string[]) => ({ ...judging, leftOut: [...leftOut, ...layers] });
  return {
    model: biasCorrected ? corrected : uncorrected,
    recipe: { method, equalized, biasCorrected, leftOut: [...leftOut] },
    lost: Math.min(lostBefore, lostAfter),
    without: (layers) => finish(candidate, leave(layers)),
    async sensitivity() {
      const all: LayerSensitivity[] = [];
      for (const { name } of plan.layers) {
        all.push({ layer: name, lost: await judge(quantize(candidate, method, [...leftOut, name])) });
      }
      return all.sort((a, b) => a.lost - b.lost);
    },
  };
}

async function observed(model: ModelProto, samples: Samples): Promise<Source> {
  const plan = planInt8(model.graph);
  return { model, observations: await observe(model, ownScales(plan), samples) };
}

/** With a layer left out fewer values are uint8, never others. */
function quantize(source: Source, method: CalibrationMethod, leftOut: readonly string[] = []): ModelProto {
  const plan = planInt8(source.model.graph, new Set(leftOut));
  return quantizeModel(source.model, { plan, ranges: rangesOf(source, plan, method) });
}

function rangesOf({ observations }: Source, plan: Plan, method: CalibrationMethod) {
  return new Map(ownScales(plan).map((value) => [value, rangeOf(observations.get(value) as Observation, method)]));
}

/** Values whose range must be seen. */
function ownScales({ values }: Plan): string[] {
  return [...new Set(values.values())];
}

function channelMaxOf(observations: Map<string, Observation>): Map<string, Float64Array> {
  return new Map([...observations].map(([name, { channelMax }]) => [name, channelMax]));
}
