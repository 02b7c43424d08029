import type { Clip } from '../prepared.ts';

/** A clip of several categories is in the group of each. */
export function groupByCategory(clips: Clip[]): Map<string, Clip[]> {
  const groups = new Map<string, Clip[]>();
  for (const clip of clips) {
    for (const category of clip.categories) {
      const group = groups.get(category);
      if (group) group.push(clip);
      else groups.set(category, [clip]);
    }
  }
  return groups;
}
