import { checkpointState } from '../../run/checkpointState.ts';
import { measured } from '../../run/measured.ts';
import type { RunFolder } from '../../run/runFolder.ts';
import { saveCheckpoint } from '../../run/savedCheckpoints.ts';
import type { TrainOptions, TrainResult } from '../../run/trainOptions.ts';
import type { SvmConfig } from '../config.ts';
import { fitSvmProbe } from './fitSvm.ts';

/**
 * A run of one step: fits the probe, and saves it with the network that it stands on.
 *
 * @throws {InputError} where it is stopped before its end.
 */
export async function runSvmProbe(
  run: RunFolder,
  { config, runDir, commit, output, signal }: TrainOptions<SvmConfig>,
): Promise<TrainResult> {
  const step = 1;
  const { dataset, trials, finish, contents } = await fitSvmProbe(config, { output, signal });
  const metrics = measured(finish.metrics);
  for (const { cost, accuracy } of trials) await run.log({ step, split: 'validation', cost, accuracy });
  await run.log({ step, split: 'test', ...metrics });
  const state = checkpointState({
    config,
    step,
    chosen: null,
    commit,
    dataset,
    contents,
    known: { ...finish, metrics },
    finished: true,
  });
  const nothing = new Float32Array();
  const checkpoint = await saveCheckpoint(runDir, {
    state,
    golden: contents.golden,
    models: contents.models,
    optimizer: { step, moments: [nothing, nothing] },
  });
  return { checkpoint, step, finished: true, metrics };
}
