import { provideTensorFlow } from '../../../../training/tensorflow/provide.ts';

// A process of its own, so that a test can kill it. `node --import tsx provideFake.ts '{"packageFolder": …}'`
const { packageFolder, cacheFolder, sha256, bytes, diskBytes } = JSON.parse(process.argv[2] as string);
const keep = /^tensorflow\/.*\.(so\.2|bin)$/;
await provideTensorFlow(
  {
    name: 'fake-tensorflow-1.0',
    what: 'TensorFlow',
    machine: 'x86_64',
    diskBytes,
    wheels: [{ name: 'fake-tensorflow', version: '1.0', sha256, bytes, keep }],
  },
  { packageFolder, cacheFolder, output: process.stderr },
).catch((error: Error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
