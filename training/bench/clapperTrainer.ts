import { Adam } from '../adam.ts';
import type { CorrespondenceConfig } from '../correspondence/config.ts';
import { createCorrespondenceTask } from '../correspondence/task.ts';
import type { Batch, Batches } from '../task.ts';
import type { tf } from '../tensorflow/load.ts';

/** Takes steps of training to measure them. */
export interface Trainer {
  /**
   * @param from one batch that is with TensorFlow already, or the loader's next.
   * @returns the loss, which the caller frees.
   */
  step(from: 'memory' | 'loader'): Promise<tf.Scalar>;
  close(): Promise<void>;
}

/** What `train.ts` does in a step. */
export async function createClapperTrainer(config: CorrespondenceConfig): Promise<Trainer> {
  const task = await createCorrespondenceTask(config, null);
  const optimizer = new Adam(task.variables, config.weightDecay);
  const learn = (batch: Batch) => optimizer.minimize(() => batch.loss().loss, config.learningRate);

  const oneBatch = task.startBatches(0);
  const held = await oneBatch.next();
  learn(held).dispose(); // gives its arrays to TensorFlow; they are freed when their batches are closed

  let batches: Batches | null = null;
  return {
    async step(from) {
      if (from === 'memory') return learn(held);
      batches ??= task.startBatches(1);
      const batch = await batches.next();
      const loss = learn(batch);
      batch.dispose();
      return loss;
    },
    async close() {
      held.dispose();
      await oneBatch.close();
      await batches?.close();
    },
  };
}
