import { existsSync } from 'node:fs';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Where a Chromium or Chrome is installed; undefined: nowhere that is known. */
export const installedChromium = places.find((path) => existsSync(path));

export const noChromium = 'No Chromium or Chrome found. On Debian: apt-get install chromium';
