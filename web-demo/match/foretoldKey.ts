import type { BundleFile } from '#core/bundle/graphs.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';

/** Scores of sample pairs, that the build has computed. */
export type Foretold = Record<string, number>;

/** Names a pair by what was judged and the model that judges: an answer for other bytes is never shown. */
export function foretoldKey(
  { variants, golden }: Pick<BundleManifest, 'variants' | 'golden'>,
  pair: { sound: Pick<BundleFile, 'sha256'>; picture: Pick<BundleFile, 'sha256'> },
): string {
  const graphs = Object.values(variants.fp32.files).map(({ sha256 }) => sha256);
  return [golden.sha256, ...graphs, pair.sound.sha256, pair.picture.sha256]
    .map((sha256) => sha256.slice(0, 8))
    .join('');
}
