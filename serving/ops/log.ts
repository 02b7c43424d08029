/** What happened, for people and their tools: a line each. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export interface LogOptions {
  format: 'json' | 'text';
  write: (line: string) => void;
}

export function createLog({ format, write }: LogOptions): Log {
  const say =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      const time = new Date().toISOString();
      if (format === 'json') return write(`${JSON.stringify({ time, level, message, ...fields })}\n`);
      const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
      write(`${time} ${level} ${message}${rest.join('')}\n`);
    };
  return { info: say('info'), warn: say('warn'), error: say('error') };
}

/** @returns fields that say what went wrong, down to the first cause. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: String(error) };
  const cause = error.cause === undefined ? {} : { cause: errorFields(error.cause) };
  return { error: error.message, stack: error.stack, ...cause };
}
