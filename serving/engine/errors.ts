/** Not the caller's mistake, and gone in a while: too much to do, still loading, shutting down. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly reason: 'overloaded' | 'starting' | 'draining' | 'deadline_exceeded' | 'worker_lost';
  /** When to ask again. */
  readonly retryAfterSeconds: number;

  constructor(reason: Refusal['reason'], message: string, retryAfterSeconds = 1) {
    super(message);
    this.reason = reason;
    this.retryAfterSeconds = Math.max(1, Math.ceil(retryAfterSeconds));
  }
}

/** A worker ended, or had to be ended, before it answered. */
export class WorkerLost extends Error {
  override name = 'WorkerLost';
}

/** Nobody waits for the answer any more. */
export class CallerLeft extends Error {
  override name = 'CallerLeft';
  constructor(cause?: unknown) {
    super('The caller left.', { cause });
  }
}
