import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { elementCount } from '#core/elementCount.ts';
import { median } from '#node/median.ts';

// Run as a program: `latency.ts TURNS FILE FILE …` prints the median milliseconds of one run of each, in alternating turns on one thread.

const [turns, ...files] = process.argv.slice(2);
const options = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 } as const;
const sessions = await Promise.all(files.map((file) => InferenceSession.create(readFileSync(file), options)));
const times = files.map((): number[] => []);
for (let turn = -1; turn < Number(turns); turn++) {
  for (const [i, session] of sessions.entries()) {
    const feeds = Object.fromEntries(session.inputMetadata.map((input) => [input.name, zeros(input)]));
    const before = process.cpuUsage();
    await session.run(feeds);
    const { user, system } = process.cpuUsage(before);
    if (turn >= 0) times[i]?.push((user + system) / 1000); // the first one warms up
  }
}
console.log(JSON.stringify(times.map(median)));

function zeros(input: InferenceSession.ValueMetadata): Tensor {
  if (!input.isTensor) throw new TypeError(`Expected a tensor but "${input.name}" is none.`);
  const dims = input.shape.map((size) => (typeof size === 'number' ? size : 1));
  return new Tensor('float32', new Float32Array(elementCount(dims)), dims);
}
