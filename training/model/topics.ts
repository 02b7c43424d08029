import type { Classifier } from '../task.ts';
import { tf } from '../tensorflow/load.ts';

/** What a sound and a picture may both be about, and what tells it from the embedding of each. */
export interface Topics {
  labels: string[];
  audio: Classifier;
  image: Classifier;
}

/**
 * The categories of both branches' classifiers as topics; a category that only one side knows is never shared.
 *
 * @returns null where a side has no classifier that is linear in the embedding.
 */
export function topicsOf(classifiers: readonly Classifier[]): Topics | null {
  const isLinear = ({ model }: Classifier) =>
    model.layers.filter((layer) => layer.getClassName() === 'Dense').length === 1;
  const of = (input: Classifier['input']) => classifiers.find((each) => each.input === input && isLinear(each));
  const [audio, image] = [of('audio_embedding'), of('image_embedding')];
  return audio && image ? { labels: [...new Set([...audio.labels, ...image.labels])], audio, image } : null;
}

/** Logit of a topic that a side does not know: a probability of 0 in float32. */
const unknown = -100;

/** @param match as `createMatchHead` makes it, of kind `topics`. */
export function setTopics(match: tf.LayersModel, { labels, audio, image }: Topics): void {
  for (const { input, labels: known, model } of [audio, image]) {
    const layer = match.getLayer(input === 'audio_embedding' ? 'audio_topics' : 'image_topics');
    const places = labels.map((label) => known.indexOf(label));
    tf.tidy(() => {
      const [kernel, bias] = model.getLayer('probabilities').getWeights() as [tf.Tensor2D, tf.Tensor1D];
      // One column more than there are categories, for those that the side does not know.
      const columns = tf.tensor1d(
        places.map((place) => (place < 0 ? known.length : place)),
        'int32',
      );
      const wider = tf.concat([kernel, tf.zeros([kernel.shape[0], 1])], 1);
      layer.setWeights([tf.gather(wider, columns, 1), tf.gather(tf.concat([bias, tf.tensor1d([unknown])]), columns)]);
    });
  }
}
