/** What `--from` must hold, for each kind; apart from the kinds themselves, so that `--help` is quick. */
export const kindSummaries = {
  'av-clips':
    'frames and sound already apart: clips.csv (id,audio_file), frames.csv (file,clip_id,time_s), their files',
  'by-class': 'two folders: labelled sounds and labelled pictures; those of one category belong together',
  digits: 'the spoken and handwritten digits that the repository carries',
  esc50: 'ESC-50: meta/esc50.csv and audio/*.wav, or tars of them',
  'flickr-soundnet': 'folders of STEM.jpg and STEM.wav or STEM.mp3 side by side',
  'imagenet-val': 'ILSVRC2012_val_*.JPEG and the ground-truth file; or labelled photos: a table, or one folder a class',
  videos: 'videos with sound, of any format that FFmpeg reads (it must be installed)',
};
export type KindName = keyof typeof kindSummaries;
