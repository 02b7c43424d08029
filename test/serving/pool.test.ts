import { afterEach, describe, expect, test, vi } from 'vitest';
import { createPool, type Pool } from '../../serving/pool/pool.ts';
import type { TaskMessage } from '../../serving/pool/protocol.ts';
import { startWorkerThread, WorkerLost, type WorkerThread } from '../../serving/pool/workerThread.ts';
import type { Performed, TaskName } from '../../serving/tasks.ts';
import { makeWav } from '../core/media/support/makeWav.ts';

const answer: Performed<TaskName> = { answer: { score: 1, windows: [] }, timings: { decode: 0, run: 0 } };

/** A thread whose end a test decides. */
class FakeThread implements WorkerThread {
  hasEnded = false;
  ended = Promise.resolve();
  tasks: TaskMessage[] = [];
  #settle: { resolve: (answer: Performed<TaskName>) => void; reject: (error: Error) => void } | undefined;

  perform(task: TaskMessage): Promise<Performed<TaskName>> {
    this.tasks.push(task);
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }
  answer(): void {
    this.#settle?.resolve(answer);
  }
  die(): void {
    this.hasEnded = true;
    this.#settle?.reject(new WorkerLost('The worker ended with code 1.'));
  }
  async end(): Promise<void> {
    this.die();
  }
}

describe('worker threads behind a queue', () => {
  let pool: Pool;
  let threads: FakeThread[];
  let troubles: Error[];
  const start = async (workers: number) => {
    [threads, troubles] = [[], []];
    const startThread = async () => {
      threads.push(new FakeThread());
      return threads.at(-1) as FakeThread;
    };
    pool = createPool({ workers, startThread, onTrouble: (error) => troubles.push(error) });
    await pool.start();
  };
  const ask = (model: string, signal = new AbortController().signal) => {
    return pool.perform({ model, name: 'classify-image', input: { image: new Uint8Array(1) }, signal });
  };
  const models = () => threads.map(({ tasks }) => tasks.map(({ model }) => model));
  afterEach(() => pool.close());

  test('each has one task at a time; the next ones wait their turn', async () => {
    await start(2);
    const answers = ['a', 'b', 'c'].map((model) => ask(model));
    await vi.waitFor(() => expect(models()).toEqual([['a'], ['b']]));
    threads[1]?.answer();
    await vi.waitFor(() => expect(models()).toEqual([['a'], ['b', 'c']]));
    threads[0]?.answer();
    threads[1]?.answer();
    for (const { timings } of await Promise.all(answers)) expect(timings.queue).toBeGreaterThanOrEqual(0);
  });

  test('when one breaks down its request alone fails, the others are answered, and another takes over', async () => {
    await start(2);
    const [broken, well, waiting] = ['a', 'b', 'c'].map((model) => ask(model));
    const failure = expect(broken).rejects.toThrow(WorkerLost);
    await vi.waitFor(() => expect(models()).toEqual([['a'], ['b']]));
    threads[0]?.die();
    await failure;
    await vi.waitFor(() => expect(models()).toEqual([['a'], ['b'], ['c']]));
    threads[1]?.answer();
    threads[2]?.answer();
    await Promise.all([well, waiting]);
    expect(troubles).toHaveLength(1);
  });

  test('one that broke down while it had nothing to do loses no request', async () => {
    await start(1);
    threads[0]?.die();
    const late = ask('late');
    await vi.waitFor(() => expect(models()).toEqual([[], ['late']]));
    threads[1]?.answer();
    await late;
  });

  test('what nobody waits for any more is not begun', async () => {
    await start(1);
    const first = ask('first');
    const leaving = new AbortController();
    const left = expect(ask('left', leaving.signal)).rejects.toThrow();
    const last = ask('last');
    leaving.abort();
    await vi.waitFor(() => expect(models()).toEqual([['first']]));
    threads[0]?.answer();
    await left;
    await vi.waitFor(() => expect(models()).toEqual([['first', 'last']]));
    threads[0]?.answer();
    await Promise.all([first, last]);
  });
});

test('a thread that ends in the middle of its work says so', async () => {
  const thread = await startWorkerThread({ folders: { digits: 'models/digits' }, threads: 1 });
  const audio = makeWav({ channels: [new Float32Array(60 * 8000)] }); // a minute, in over a hundred windows
  const task = { model: 'digits', name: 'classify-audio', input: { audio } } as const;
  const lost = expect(thread.perform(task)).rejects.toThrow(WorkerLost);
  await thread.end();
  await lost;
  expect(thread.hasEnded).toBe(true);
  await expect(thread.perform(task)).rejects.toThrow(/has ended/);
});
