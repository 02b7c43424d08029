/** Where progress is drawn: `process.stderr` in Node. */
export interface ProgressOutput {
  write(text: string): unknown;
  isTTY?: boolean;
  /** Of the terminal. */
  columns?: number;
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

/** A bar that redraws itself on a terminal; elsewhere a plain line every tenth of the way, and when ten minutes have passed. */
export interface Progress {
  update(done: number, note?: string): void;
  /** Writes a line above the bar. */
  say(line: string): void;
  end(): void;
}

export function startProgress({ label, total, done: before = 0, output, format = String }: ProgressOptions): Progress {
  const clear = output.isTTY ? '\r\x1b[2K' : '';
  const startMs = performance.now();
  let lastDrawMs = output.isTTY ? Number.NEGATIVE_INFINITY : startMs;
  let lastTenth = Math.floor((10 * before) / total);
  return {
    update(done, note = '') {
      const nowMs = performance.now();
      const tenth = Math.floor((10 * done) / total);
      const sinceMs = nowMs - lastDrawMs;
      const isDue = output.isTTY ? sinceMs > 100 || done >= total : tenth > lastTenth || sinceMs > 600_000;
      if (!isDue) return;
      lastDrawMs = nowMs;
      lastTenth = tenth;
      const share = Math.min(1, done / total);
      const secondsLeft = (((nowMs - startMs) / 1000) * (total - done)) / (done - before);
      const eta = done > before && done < total ? ` · ${formatSeconds(secondsLeft)} left` : '';
      const text = `${label} ${format(done)} of ${format(total)}${note && ` · ${note}`}${eta}`;
      if (output.isTTY) {
        // A line that is too long would wrap, and be drawn below itself: the bar gets shorter first, then the text.
        const room = (output.columns || 80) - 4;
        const bar = Math.max(0, Math.min(24, room - text.length));
        const filled = Math.round(bar * share);
        output.write(`${clear}  ${'━'.repeat(filled)}${'─'.repeat(bar - filled)} ${text.slice(0, room)}`);
      } else output.write(`  ${text}\n`);
    },
    say: (line) => output.write(`${clear}${line}\n`),
    end: () => output.write(clear),
  };
}

/** @returns for example "42 s", "3 min 05 s" or "12 h 07 min". */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const twoDigits = (count: number) => String(count % 60).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoDigits(whole)} s`;
  return `${Math.floor(whole / 3600)} h ${twoDigits(Math.floor(whole / 60))} min`;
}

/** @returns for example "274 MB" or "14 kB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1e5) return `${Math.ceil(bytes / 1e3)} kB`;
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
