import { afterEach, describe, expect, test, vi } from 'vitest';
import { CallerLeft, WorkerLost } from '../../../serving/engine/errors.ts';
import { createFleet, type Fleet } from '../../../serving/engine/fleet.ts';
import { defaultLimits } from '../../../serving/engine/limits.ts';
import { bundlesToLoad, readModels } from '../../../serving/engine/models.ts';
import { Patience } from '../../../serving/engine/patience.ts';
import type { GraphTask, Item, MediaTask, Result, Task } from '../../../serving/engine/protocol.ts';
import { startWorkerProcess, type WorkerProcess } from '../../../serving/engine/workerProcess.ts';
import { makeWav } from '../../core/media/support/makeWav.ts';
import { workersOf } from '../support/processes.ts';

const result: Result = { task: 'graph', outputs: {}, timings: { decode: 0, infer: 0 } };
const taskNamed = (graph: string): GraphTask => ({
  task: 'graph',
  bundle: 'digits/fp32',
  graph,
  inputs: {},
  outputs: [],
});
const long = 50; // milliseconds, more than what a busy worker is handed beforehand

/** A worker whose end a test decides. */
class FakeWorker implements WorkerProcess {
  costs = {};
  hasEnded = false;
  tasks: string[] = [];
  #waiting: { resolve: (results: Result[]) => void; reject: (error: Error) => void; count: number }[] = [];
  #end = () => {};
  ended = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  perform(tasks: Task[]): Promise<Result[]> {
    this.tasks.push(tasks.map((task) => (task as GraphTask).graph).join('+'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject, count: tasks.length });
    });
  }
  answer(): void {
    const next = this.#waiting.shift();
    next?.resolve(Array.from({ length: next.count }, () => result));
  }
  async end(): Promise<void> {
    this.hasEnded = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new WorkerLost('The worker ended with code 1.'));
    this.#end();
  }
}

describe('workers behind a queue', () => {
  let fleet: Fleet;
  let workers: FakeWorker[];
  let troubles: Error[];
  const start = async (count: number) => {
    [workers, troubles] = [[], []];
    const startWorker = async () => {
      workers.push(new FakeWorker());
      return workers.at(-1) as FakeWorker;
    };
    fleet = createFleet({ workers: count, startWorker, onTrouble: (error) => troubles.push(error) });
    await fleet.start();
  };
  const ask = (name: string, { costMs = long, patience = new Patience(), isLong = false } = {}) => {
    return fleet.perform({ task: taskNamed(name), costMs, queuedMs: performance.now(), patience, isLong });
  };
  /** A fleet looks at what came when all that has come has been read. */
  const seen = () => new Promise((resolve) => setImmediate(resolve));
  const tasks = () => workers.map((worker) => worker.tasks);
  afterEach(() => fleet.close());

  test('each has one task at a time; the next ones wait their turn', async () => {
    await start(2);
    const answers = ['a', 'b', 'c'].map((name) => ask(name));
    await seen();
    expect(tasks()).toEqual([['a'], ['b']]);
    workers[1]?.answer();
    await vi.waitFor(() => expect(tasks()).toEqual([['a'], ['b', 'c']]));
    workers[0]?.answer();
    workers[1]?.answer();
    for (const { queueMs } of await Promise.all(answers)) expect(queueMs).toBeGreaterThanOrEqual(0);
  });

  const askFor = (letters: string) => [...letters].map((name) => ask(name, { costMs: 1 }));

  test('what takes a millisecond goes with what came with it; a whole share is handed over before the batch before is done', async () => {
    await start(1);
    const answers = askFor('abc');
    await seen();
    expect(tasks()).toEqual([['a+b+c']]);
    answers.push(...askFor('def'));
    await seen();
    expect(tasks()).toEqual([['a+b+c']]); // fewer than four wait
    answers.push(...askFor('ghijkl'));
    await seen();
    expect(tasks()).toEqual([['a+b+c', 'd+e+f+g+h+i']]); // half of what is in hand
    workers[0]?.answer();
    workers[0]?.answer();
    await vi.waitFor(() => expect(tasks()).toEqual([['a+b+c', 'd+e+f+g+h+i', 'j+k+l']]));
    workers[0]?.answer();
    await Promise.all(answers);
  });

  test('what comes together makes two batches for each, of eight at most', async () => {
    await start(2);
    const answers = askFor('abcdefghijklmnop');
    await seen();
    expect(tasks()).toEqual([
      ['a+b+c+d', 'i+j+k+l'],
      ['e+f+g+h', 'm+n+o+p'],
    ]);
    for (const worker of workers) for (let i = 0; i < 2; i++) worker.answer();
    await Promise.all(answers);
    const more = askFor('abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz');
    await seen();
    expect(tasks().map((all) => all.slice(2).map((names) => names.split('+').length))).toEqual([
      [8, 8],
      [8, 8],
    ]);
    for (let turn = 0; turn < 4; turn++) {
      for (const worker of workers) worker.answer();
      await seen();
    }
    await Promise.all(more);
  });

  test('when one breaks down its request goes to another, once', async () => {
    await start(2);
    const [broken, well] = ['a', 'b'].map((name) => ask(name));
    await seen();
    await workers[0]?.end();
    await vi.waitFor(() => expect(tasks()).toEqual([['a'], ['b'], ['a']]));
    workers[1]?.answer();
    workers[2]?.answer();
    await Promise.all([broken, well]);
    expect(fleet.restarts).toBe(1);
    expect(troubles).toHaveLength(1);
  });

  test('when one breaks down what nobody waits for any more is not tried again', async () => {
    await start(1);
    const leaving = new Patience();
    const left = expect(ask('left', { patience: leaving })).rejects.toThrow();
    await seen();
    leaving.end(new CallerLeft());
    await left;
    await workers[0]?.end();
    await vi.waitFor(() => expect(workers).toHaveLength(2));
    const next = ask('next');
    await vi.waitFor(() => expect(tasks()).toEqual([['left'], ['next']]));
    workers[1]?.answer();
    await next;
  });

  test('what waits is counted by its sounds, pictures and tensors', async () => {
    await start(1);
    const first = ask('first');
    await seen();
    const item: Item = { kind: 'audio', name: 'audio', from: { file: new Uint8Array() } };
    const media: MediaTask = {
      task: 'media',
      bundle: 'digits/fp32',
      items: [item, item, item],
      judgement: 'nothing',
      features: false,
      keepsRows: false,
      budgetMs: 1,
    };
    const leaving = new Patience();
    const left = fleet.perform({ task: media, costMs: long, queuedMs: 0, patience: leaving }).catch(() => {});
    expect(fleet.waiting).toBe(3);
    leaving.end(new CallerLeft());
    await left;
    expect(fleet.waiting).toBe(0);
    workers[0]?.answer();
    await first;
  });

  test('what breaks two workers is given up', async () => {
    await start(1);
    const poison = expect(ask('poison')).rejects.toThrow(WorkerLost);
    await seen();
    await workers[0]?.end();
    await vi.waitFor(() => expect(tasks()).toEqual([['poison'], ['poison']]));
    await workers[1]?.end();
    await poison;
    await vi.waitFor(() => expect(fleet.alive).toBe(1));
  });

  test('one that broke down while it had nothing to do loses no request', async () => {
    await start(1);
    await workers[0]?.end();
    const late = ask('late');
    await vi.waitFor(() => expect(tasks()).toEqual([[], ['late']]));
    workers[1]?.answer();
    await late;
  });

  test('what nobody waits for any more is not begun', async () => {
    await start(1);
    const first = ask('first');
    await seen();
    const leaving = new Patience();
    const left = expect(ask('left', { patience: leaving })).rejects.toThrow();
    const last = ask('last');
    await seen();
    leaving.end(new CallerLeft());
    await left;
    workers[0]?.answer();
    await vi.waitFor(() => expect(tasks()).toEqual([['first', 'last']]));
    workers[0]?.answer();
    await Promise.all([first, last]);
  });

  test('short work passes long work that waits, and long decoding never takes the last worker', async () => {
    await start(2);
    const busy = ['x', 'y'].map((name) => ask(name, { isLong: name === 'x' }));
    await seen();
    const decode = ask('decode', { costMs: 2000, isLong: true });
    const short = ask('short', { costMs: 10 });
    await seen();
    workers[1]?.answer();
    await vi.waitFor(() => expect(tasks()).toEqual([['x'], ['y', 'short']]));
    workers[1]?.answer();
    await short;
    expect(tasks()).toEqual([['x'], ['y', 'short']]);
    workers[0]?.answer();
    await vi.waitFor(() => expect(tasks().flat()).toContain('decode'));
    for (const worker of workers) worker.answer();
    await Promise.all([...busy, decode]);
  });
});

/** Of a minute, in over a hundred windows. */
const longTask: Task = {
  task: 'media',
  bundle: 'digits/fp32',
  items: [
    {
      kind: 'audio',
      name: 'audio',
      from: { file: makeWav({ channels: [new Float32Array(60 * 8000).map((_, n) => 0.5 * Math.sin(n / 5))] }) },
    },
  ],
  judgement: 'classify',
  features: true,
  keepsRows: false,
  budgetMs: Number.POSITIVE_INFINITY,
};

async function startOne(limits = defaultLimits): Promise<WorkerProcess> {
  const bundles = bundlesToLoad(await readModels({ folders: ['models/digits'], variants: ['fp32'] }));
  return startWorkerProcess({ bundles, threads: 1, provider: 'cpu', limits });
}

test('a process that ends in the middle of its work says so', async () => {
  const worker = await startOne();
  const lost = expect(worker.perform([longTask])).rejects.toThrow(WorkerLost);
  await worker.end();
  await lost;
  expect(worker.hasEnded).toBe(true);
  await expect(worker.perform([longTask])).rejects.toThrow(/has ended/);
});

test('a server that stood still with its workers, as in a frozen container, does not end them for it', async () => {
  const worker = await startOne({ ...defaultLimits, taskSeconds: 2 });
  const [pid] = workersOf(process.pid) as [number];
  process.kill(pid, 'SIGSTOP');
  const answer = worker.perform([longTask]);
  await new Promise((resolve) => setTimeout(resolve, 300)); // until the question is out
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4000);
  setTimeout(() => process.kill(pid, 'SIGCONT'), 100);
  expect(await answer).toMatchObject([{ task: 'media' }]);
  await worker.end();
});

test('a task that takes too long ends its worker', async () => {
  const worker = await startOne({ ...defaultLimits, taskSeconds: 0.01 });
  await expect(worker.perform([longTask])).rejects.toThrow(/longer than 0.01 s/);
  await worker.ended;
});
