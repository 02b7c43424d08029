import type { Page } from 'playwright-core';

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Processor time of the thread, microseconds. */
  tdur?: number;
  args: { name?: string };
}

/**
 * Watches the tasks of the page's thread. By processor time: where other programs have the processor, a task of a few milliseconds stands in the
 * browser's own list of long ones.
 *
 * @returns ends that, with the processor time of the longest task in milliseconds, and their number.
 */
export async function watchMainThread(page: Page): Promise<() => Promise<{ longestMs: number; tasks: number }>> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline', 'devtools.timeline'] },
  });
  return async () => {
    const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
    await session.send('Tracing.end');
    await complete;
    const threadOf = ({ pid, tid }: TraceEvent) => `${pid}:${tid}`;
    const mains = new Set(
      events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(threadOf),
    );
    const tasks = events.filter(
      (event) => event.ph === 'X' && /RunTask$/.test(event.name) && mains.has(threadOf(event)),
    );
    return { longestMs: Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000, tasks: tasks.length };
  };
}
