import { expect, test, vi } from 'vitest';
import { ByteLru } from '../../../serving/engine/cache.ts';
import type { Rows } from '../../../serving/engine/protocol.ts';
import { startApp } from '../support/app.ts';
import { asking } from '../support/ask.ts';
import { readDigitFiles } from '../support/digits.ts';

test('an embedding that is kept holds no more memory than it is counted with', async () => {
  const kept = vi.spyOn(ByteLru.prototype, 'set');
  const app = await startApp({ cacheBytes: 1e6 });
  try {
    const { spoken, written } = await readDigitFiles();
    const { ask } = asking((url, init) => app.fetch(url, init));
    await ask('/v1/correspondence', { audio: spoken[1] as Uint8Array, image: written[1] as Uint8Array });
    await ask('/v1/classify/audio', { audio: spoken[2] as Uint8Array });
    expect(kept).toHaveBeenCalledTimes(3);
    for (const [, value, bytes] of kept.mock.calls) {
      const { embeddings, features } = value as Rows;
      for (const data of [embeddings.data, features?.data]) expect(data?.buffer.byteLength ?? 0).toBeLessThan(bytes);
    }
  } finally {
    await app.stop();
    kept.mockRestore();
  }
});
