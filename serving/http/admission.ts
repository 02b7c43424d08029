import { Refusal } from '../engine/errors.ts';

/** Bytes of bodies that are being received or worked on, of all requests together: memory is what many uploads can exhaust, not sockets. */
export interface BodyBudget {
  readonly maxBytes: number;
  /** Now. */
  readonly heldBytes: number;
  /** Bodies that are being received. */
  readonly receiving: number;
  open(): Receipt;
}

export interface Receipt {
  /** @throws {Refusal} where all bodies together become too much. */
  hold(bytes: number): void;
  /** Called where the body comes too slowly. */
  onTooSlow: (error: BodyTooSlow) => void;
  /** The body is whole, or given up; its bytes are held on. */
  received(): void;
  /** Nothing of the body is needed any more. */
  release(): void;
}

export interface BodyBudgetOptions {
  /** Of one body. */
  maxBytes: number;
  /** Of all together. */
  totalBytes: number;
  /** A body has so long before its rate counts. */
  graceSeconds: number;
  /** The slowest that a body may come after that. */
  minBytesPerSecond: number;
}

/** A body came more slowly than people's uploads do. */
export class BodyTooSlow extends Error {
  override name = 'BodyTooSlow';
}

export function createBodyBudget(options: BodyBudgetOptions): BodyBudget {
  const { maxBytes, totalBytes, graceSeconds, minBytesPerSecond } = options;
  const open = new Set<{ startMs: number; bytes: number; receipt: Receipt }>();
  let heldBytes = 0;
  // One clock for all: a timer for each body would cost more than most bodies.
  const sweep = () => {
    const nowMs = performance.now();
    for (const { startMs, bytes, receipt } of open) {
      const seconds = (nowMs - startMs) / 1000 - graceSeconds;
      if (seconds <= 0 || bytes >= seconds * minBytesPerSecond) continue;
      receipt.onTooSlow(
        new BodyTooSlow(
          `Expected a body of at least ${minBytesPerSecond} bytes a second after ${graceSeconds} s but ${bytes} bytes came. Send it faster.`,
        ),
      );
    }
  };
  setInterval(sweep, 250).unref();
  return {
    maxBytes,
    get heldBytes() {
      return heldBytes;
    },
    get receiving() {
      return open.size;
    },
    open() {
      const receipt: Receipt = {
        onTooSlow: () => {},
        hold(bytes) {
          if (heldBytes + bytes > totalBytes) {
            throw new Refusal(
              'overloaded',
              `${(heldBytes / 1e6).toFixed(0)} MB of bodies are being received already. Try again in a moment.`,
            );
          }
          entry.bytes += bytes;
          heldBytes += bytes;
        },
        received: () => open.delete(entry),
        release() {
          open.delete(entry);
          heldBytes -= entry.bytes;
          entry.bytes = 0;
        },
      };
      const entry = { startMs: performance.now(), bytes: 0, receipt };
      open.add(entry);
      return receipt;
    },
  };
}
