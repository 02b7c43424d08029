import { encoderFrom, rowEncoder } from '../../classify/encoder.ts';
import { openCheckpoint } from '../../run/openCheckpoint.ts';
import type { Experiment } from '../experiment.ts';
import { canonicalHeads } from './canonicalHeads.ts';
import { foldValues } from './judgedClips.ts';
import { distilledPhotos, natureBranches, pairsByCategory } from './nature.ts';
import { realClips } from './realVideos.ts';

export const realVideosOnDistilled: Experiment = {
  name: 'real-videos-on-distilled',
  title:
    'AVC on real videos, the same head, the branch of photos taught further by a network of others (`models/nature`)',
  published: 'report .64 (.77 on what it learnt from)',
  protocol:
    'clips, folds, pairs, head and all that is chosen as in the row above. The branch of the photos is that of the row “the branch of photos taught further”: it learnt from photos ' +
    'by category and Caltech-101 to tell what EfficientNet-Lite0 gives, and saw no frame of any clip',
  minutes: 15,
  seed: 0,
  difference:
    'Not from scratch: ImageNet has told what is in a picture. The report learnt from 5,000 videos and nothing else, this from about 114.',
  async run(tools) {
    const { sound, photo } = await natureBranches(tools);
    const { longer } = await distilledPhotos(tools, photo);
    const [audio, image] = [await encoderOf(sound.run, 'audio'), await encoderOf(longer.run, 'image')];
    const { shortSide } = image.config.image;
    const [clips, categories] = [await realClips(tools, { shortSide }), await pairsByCategory(tools, shortSide)];
    const { folds } = await canonicalHeads(tools, { audio, image }, { clips, categories });
    return { values: foldValues(folds()) };
  },
};

async function encoderOf(run: string, sense: 'audio' | 'image') {
  const { state, models } = await openCheckpoint(run);
  return rowEncoder(encoderFrom(models, { sense, config: state.config.model }));
}
