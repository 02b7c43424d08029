import type { App } from './app.ts';
import type { Taken } from './intake.ts';
import type { Notice } from './notice.ts';
import type { PanelEntry } from './panels.ts';
import type { Tabs } from './tabs.ts';
import { text } from './text.ts';

/**
 * Gives files to the panel that they are for: a video to its own, several sounds or pictures to the matrix, else one of each to where they are
 * chosen. What has no place is said.
 */
export async function placeFiles(
  { pictures, sounds, videos, others }: Taken,
  { app, entries, tabs, notice }: { app: App; entries: PanelEntry[]; tabs: Tabs; notice: Notice },
): Promise<void> {
  const { sides } = app;
  const has = (id: string) => entries.some((entry) => entry.id === id);
  if (!has('video')) sounds = [...sounds, ...videos]; // what is heard in them
  const refused = [
    ...others.map(({ name }) => text.neither(name)),
    ...(pictures.length > 0 && !sides.picture ? [text.seesNothing] : []),
    ...(sounds.length > 0 && !sides.sound ? [text.hearsNothing] : []),
  ];

  const isSeveral = pictures.length > 1 || sounds.length > 1;
  if (has('matrix') && (isSeveral || tabs.chosen().id === 'matrix')) {
    (await tabs.open('matrix')).take?.({ pictures, sounds });
  } else {
    const [picture, sound] = [pictures.at(-1), sounds.at(-1)];
    if ((picture || sound) && !tabs.chosen().showsPair) tabs.open((entries[0] as PanelEntry).id);
    if (picture) sides.picture?.open(picture, picture.name);
    const note = has('video') && sound?.type.startsWith('video/') ? text.soundAlone : null;
    if (sound) sides.sound?.open(sound, sound.name, { play: true, note });
    const left = [...pictures.slice(0, -1), ...sounds.slice(0, -1)];
    if (left.length > 0) refused.push(text.oneOfEach(left.map(({ name }) => name)));
  }
  if (has('video') && videos.length > 0) {
    const [video, ...left] = videos;
    (await tabs.open('video')).take?.({ videos: [video as File] });
    if (left.length > 0) refused.push(text.oneOfEach(left.map(({ name }) => name)));
  }
  if (refused.length > 0) notice.show(new Error(refused.join(' ')));
  else notice.clear();
}
