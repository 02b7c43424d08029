import { backends } from '../engine/settings.ts';

/** Whether the page's host answers questions; one that only sends files does not. */
export const canAnswer = import.meta.env.MODE !== 'static';

export const hostBackends = backends.filter((backend) => canAnswer || backend !== 'server');
