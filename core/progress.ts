/** Where progress is drawn: `process.stderr` in Node. */
export interface ProgressOutput {
  write(text: string): unknown;
  isTTY?: boolean;
}

export interface ProgressOptions {
  label: string;
  total: number;
  /** Done already, before this began. */
  done?: number;
  output: ProgressOutput;
  /** Writes an amount in the total's unit; default a plain number. */
  format?: (amount: number) => string;
}

/** A bar that redraws itself on a terminal, and a plain line every tenth of the way elsewhere. */
export interface Progress {
  update(done: number, note?: string): void;
  end(): void;
}

export function startProgress({ label, total, done: before = 0, output, format = String }: ProgressOptions): Progress {
  const startMs = performance.now();
  let lastDrawMs = Number.NEGATIVE_INFINITY;
  let lastTenth = Math.floor((10 * before) / total);
  return {
    update(done, note = '') {
      const nowMs = performance.now();
      const tenth = Math.floor((10 * done) / total);
      const isDue = output.isTTY ? nowMs - lastDrawMs > 100 || done >= total : tenth > lastTenth;
      if (!isDue) return;
      lastDrawMs = nowMs;
      lastTenth = tenth;
      const share = Math.min(1, done / total);
      const secondsLeft = (((nowMs - startMs) / 1000) * (total - done)) / (done - before);
      const eta = done > before && done < total ? ` · ${formatSeconds(secondsLeft)} left` : '';
      const text = `${label} ${format(done)} of ${format(total)}${note && ` · ${note}`}${eta}`;
      if (output.isTTY) {
        const filled = Math.round(24 * share);
        output.write(`\r\x1b[2K  ${'━'.repeat(filled)}${'─'.repeat(24 - filled)} ${text}`);
      } else output.write(`  ${text}\n`);
    },
    end() {
      if (output.isTTY) output.write('\r\x1b[2K');
    },
  };
}

/** @returns for example "42 s" or "3 min 05 s". */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** @returns for example "274 MB". */
export function formatBytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
