import type { Variant } from '#core/bundle/graphs.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import type { Bundle, ReadFile } from '#core/bundle/open.ts';

/** What runs graphs. */
export interface GraphRunner {
  /** Of WebAssembly; null: it runs elsewhere. */
  threads: number | null;
  /** Loads the graphs that the manifest lists. */
  load(
    manifest: BundleManifest,
    options: { variant: Variant; read: ReadFile },
  ): Promise<Pick<Bundle, 'run' | 'release'>>;
}

export interface StartOptions {
  /** Is told how many bytes of the runtime have come, and of how many. */
  onBytes: (bytes: number) => void;
  /** Is told when it stops working later. */
  onLost: (error: Error) => void;
}
