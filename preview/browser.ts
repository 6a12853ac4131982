import { type Browser, chromium } from 'playwright-core';
import { program } from '../test/runtime/programs';

/**
 * Starts Debian's Chromium without a window. Chromium's own sandbox does not start as root, so it is off; the browser
 * only loads pages of this project.
 */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: program('chromium'),
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none', '--force-color-profile=srgb'],
  });
