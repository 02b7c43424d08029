import { type Ability, abilitiesOf } from './abilities.ts';
import type { Variant } from './graphs.ts';
import type { BundleManifest } from './manifest.ts';

/** What a list of models says of each: `/v1/models`. */
export interface Listing {
  name: string;
  version: string;
  description: string;
  /** Of the weights. */
  licence: string;
  variants: Variant[];
  /** Of fp32, on the test split. */
  metrics: Record<string, number>;
  abilities: Ability[];
}

/** @param variants those that can be asked for. */
export function listingOf(manifest: BundleManifest, variants: Variant[]): Listing {
  const { name, version, description, licence } = manifest;
  const { metrics } = manifest.variants.fp32;
  return { name, version, description, licence, variants, metrics, abilities: abilitiesOf(manifest) };
}
