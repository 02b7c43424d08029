import { createHash } from 'node:crypto';
import { z } from 'zod';
import { pairingSchema, type Skipped, type Split } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { Random } from '#core/random.ts';
import { byName } from './files/tree.ts';
import type { Item, Listing } from './kinds/kind.ts';
import { checkNegatives } from './negatives.ts';
import { drawSplit } from './splits.ts';

const settingsSchema = z.strictObject({
  name: z.string(),
  kind: z.string(),
  description: z.string(),
  licence: z.string(),
  pairing: pairingSchema,
  sampleRate: z.number().int().min(1000).max(192_000),
  shortSide: z.number().int().min(8).max(4096),
  clipSeconds: z.number().min(1),
  framesPerSecond: z.number().positive(),
  heldOut: z.number().min(0).max(0.45),
  seed: z.number().int().nonnegative(),
  itemsPerShard: z.number().int().positive(),
});
export type PlanSettings = z.infer<typeof settingsSchema>;

/**
 * `plan.json`, in the dataset's folder: all that its bytes depend on besides the files themselves. Every process that prepares a
 * part of it follows the same plan.
 */
export const planSchema = settingsSchema.extend({
  schema: z.literal('clapper-dataset-plan/1'),
  items: z.number().int(),
  files: z.number().int(),
  /** Of what was listed, so that files that came or went are noticed. */
  listing: z.string(),
});
export type Plan = z.infer<typeof planSchema>;

export interface PlannedItem {
  item: Item;
  split: Split;
  /** In the whole set; its clips' keys begin with it. */
  position: number;
}

export interface PlannedSet {
  plan: Plan;
  /** The items of each shard: an even mix of the set, for readers who take one shard after the other. */
  shards: PlannedItem[][];
  categories: string[];
  skipped: Skipped[];
  notes: string[];
}

/** @throws {InputError} for settings out of range, an empty set, and one of which no mismatched pair could be drawn. */
export function planSet({ items, categories, skipped, notes }: Listing, settings: PlanSettings): PlannedSet {
  expectInRange(settings);
  if (items.length === 0) throw new InputError(nothingFound(settings.kind, skipped));
  const sorted = [...items].sort((a, b) => byName(a.id, b.id));
  const twice = sorted.find(({ id }, i) => id === sorted[i + 1]?.id);
  if (twice) throw new InputError(`Two files make the item ${twice.id}. Keep one of them, or rename the other.`);
  const mixed = new Random(settings.seed).shuffle([...sorted]);
  const planned = mixed.map((item, position) => ({
    item,
    position,
    split: item.split ?? drawSplit(item.drawnBy ?? item.source, settings),
  }));
  expectNegatives(planned, settings);
  const { itemsPerShard } = settings;
  const shards = Array.from({ length: Math.ceil(planned.length / itemsPerShard) }, (_, shard) =>
    planned.slice(shard * itemsPerShard, (shard + 1) * itemsPerShard),
  );
  const files = items.reduce((sum, item) => sum + item.files, 0) + skipped.filter(({ broken }) => broken).length;
  const listing = digest(sorted, skipped);
  const plan: Plan = { schema: 'clapper-dataset-plan/1', ...settings, items: items.length, files, listing };
  return { plan, shards, categories, skipped, notes };
}

function expectInRange(settings: PlanSettings): void {
  const { error } = settingsSchema.safeParse(settings);
  if (error) throw new InputError(`The settings are not as expected:\n${z.prettifyError(error)}`);
}

/** Before hours of work: even if everything can be used. What is left at the end is looked at again. */
function expectNegatives(planned: PlannedItem[], { pairing, heldOut }: PlanSettings): void {
  const check = checkNegatives(pairing, 'train');
  for (const { item, split } of planned) {
    if (split === 'train') check.add({ ...item, hasSound: true, hasPicture: true });
  }
  const problem = check.problem();
  if (problem) throw noNegatives(problem, heldOut);
}

export function noNegatives(problem: string, heldOut: number): InputError {
  return new InputError(
    `${problem}, so no mismatched pair can be drawn to learn from. Add sources` +
      (heldOut > 0
        ? `, or keep fewer of them for validation and test with --held-out (now ${100 * heldOut} % each).`
        : '.'),
  );
}

function nothingFound(kind: string, skipped: Skipped[]): string {
  const some = skipped.slice(0, 5).map(({ file, reason }) => `\n  ${file}: ${reason}`);
  const more = skipped.length > 5 ? `\n  … and ${skipped.length - 5} more` : '';
  return `Found nothing to prepare for ${kind}. Check --from.${some.join('')}${more}`;
}

/** Of all that is listed but where it lies: a set is the same on another machine, in tars or unpacked. */
function digest(items: Item[], skipped: Skipped[]): string {
  const sha256 = createHash('sha256');
  const places = ['root', 'inTar', 'folder'];
  for (const entry of [...items, ...skipped]) {
    sha256.update(JSON.stringify(entry, (key, value) => (places.includes(key) ? undefined : value)));
  }
  return sha256.digest('hex');
}
