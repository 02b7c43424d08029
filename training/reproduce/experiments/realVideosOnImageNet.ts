import { expectGolden } from '#core/bundle/golden/check.ts';
import { Random } from '#core/random.ts';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import type { ClipEncoders } from '../../correspondence/canonical/encodeClips.ts';
import {
  efficientNetLite0,
  efficientNetLite0Encoder,
  efficientNetLite0Image,
} from '../../pretrained/efficientNetLite0.ts';
import { imageNetWeights } from '../../pretrained/imageNet.ts';
import { bundleEncoders } from '../bundleEncoders.ts';
import type { Experiment } from '../experiment.ts';
import type { Tools } from '../tools.ts';
import { foldsOf, judgeCanonicalFolds } from './canonicalFolds.ts';
import { datasetOfClips, encodeRealClips, foldValues } from './judgedClips.ts';
import { natureBundleFolder } from './natureBundle.ts';
import { realClips } from './realVideos.ts';

const seed = 0;

export const realVideosOnImageNet: Experiment = {
  name: 'real-videos-on-imagenet',
  title: 'AVC on real videos, a head from pairs on the sounds of `models/nature` and pictures of a network of others',
  published: 'report .64 (.77 on what it learnt from)',
  protocol:
    'clips, folds, pairs and head as in the row above, judged once, with nothing from sounds × photos by category. The sounds are encoded by `models/nature` as it is ' +
    'published, the frames by EfficientNet-Lite0 of others, which was taught the 1,000 categories of ImageNet by 1.28 million photos (weights of Google, Apache 2.0, fetched ' +
    'as a package of the Python index): the mean of its last block, 320 numbers. It stays as it is. Beside it the same with the frames encoded by `models/nature`',
  minutes: 15,
  seed,
  difference:
    'The report learnt from 5,000 videos and nothing else. Here ImageNet has told what is in a picture, and this is no result from scratch; what pictures have to do with ' +
    'sounds is learnt from about 114 clips. It says where the row above loses: with the same sounds and the same head, in what its branch knows of pictures. Sketches on these clips ' +
    'came first, which favours the figure a little: ROC AUC .748 by the last block, .73 to .75 by the 1,280 numbers behind it, .69 by the eleventh block. They also gave .676 where the branches’ ' +
    'numbers of `models/nature` had their deviation over the picture in place of their mean (.674 so), less by earlier layers, and an accuracy of .78 with YAMNet’s sounds in place ' +
    'of ours, which was taught by AudioSet and may have heard some of these clips; so it is no row.',
  async run(tools) {
    const opened = await openBundleFolder(natureBundleFolder);
    await expectGolden(opened, natureBundleFolder);
    const nature = bundleEncoders(opened);
    const { config } = nature.audio;
    const imageNet = efficientNetLite0Encoder(efficientNetLite0(await imageNetWeights(tools.output)));
    const image = { sense: 'image' as const, config: { ...config, image: efficientNetLite0Image }, ...imageNet };
    const found = await judge(tools, { ...nature, image });
    const ownPictures = await judge(tools, nature);
    return {
      values: [
        ...foldValues(found),
        ...foldValues(ownPictures).map((value) => ({ ...value, name: `frames by models/nature: ${value.name}` })),
      ],
    };
  },
};

async function judge(tools: Tools, encoders: ClipEncoders) {
  const clips = await realClips(tools, { shortSide: encoders.image.config.image.shortSide });
  const { learnt, test } = await encodeRealClips(encoders, clips, tools.output);
  return judgeCanonicalFolds({
    parts: foldsOf([...learnt, ...test], 5, new Random(seed, 50)),
    byCategory: [],
    seed,
    groupOf: await datasetOfClips(tools),
    say: (line: string) => tools.output.write(line),
  });
}
