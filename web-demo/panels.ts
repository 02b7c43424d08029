import type { Ability } from '#core/bundle/abilities.ts';
import type { App, Panel } from './app.ts';
import { canPlay } from './game/rounds.ts';
import { createMatchPanel } from './match/panel.ts';
import { text } from './text.ts';

export interface PanelEntry {
  /** Its part of the address, behind #. */
  id: string;
  title: string;
  /** What the bundle must be able to; one of them is enough. */
  needs: Ability[];
  /** It shows what is chosen: what is dropped there is seen to come. */
  showsPair?: boolean;
  /** Whether the bundle has what it takes; default yes. */
  suits?(app: App): boolean;
  create(app: App): Panel | Promise<Panel>;
}

/** Every feature of the page, in the order of its tabs. All but the first are fetched when they are opened. */
const panels: PanelEntry[] = [
  { id: 'match', title: text.panels.match, needs: ['match'], showsPair: true, create: createMatchPanel },
  {
    id: 'matrix',
    title: text.panels.matrix,
    needs: ['match'],
    create: async (app) => (await import('./matrix/panel.ts')).createMatrixPanel(app),
  },
  {
    id: 'classify',
    title: text.panels.classify,
    needs: ['classify-audio', 'classify-image'],
    showsPair: true,
    create: async (app) => (await import('./classify/panel.ts')).createClassifyPanel(app),
  },
  {
    id: 'video',
    title: text.panels.video,
    needs: ['match'],
    suits: ({ draws }) => !draws,
    create: async (app) => (await import('./video/panel.ts')).createVideoPanel(app),
  },
  {
    id: 'explain',
    title: text.panels.explain,
    needs: ['match'],
    showsPair: true,
    create: async (app) => (await import('./explain/panel.ts')).createExplainPanel(app),
  },
  {
    id: 'game',
    title: text.panels.game,
    needs: ['match'],
    suits: ({ samples }) => canPlay(samples),
    create: async (app) => (await import('./game/panel.ts')).createGamePanel(app),
  },
  {
    id: 'hood',
    title: text.panels.hood,
    needs: ['embed-audio', 'embed-image'],
    create: async (app) => (await import('./hood/panel.ts')).createHoodPanel(app),
  },
  {
    id: 'card',
    title: text.panels.card,
    needs: ['embed-audio', 'embed-image'],
    create: async (app) => (await import('./card/panel.ts')).createCardPanel(app),
  },
];

export function panelsFor(app: App, abilities: readonly Ability[]): PanelEntry[] {
  return panels.filter(
    ({ needs, suits }) => needs.some((ability) => abilities.includes(ability)) && (suits?.(app) ?? true),
  );
}
