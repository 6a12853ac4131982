import { type Browser, chromium } from 'playwright-core';
import { program } from '../test/runtime/programs';

/** A browser of Debian's, without a window. Its own sandbox does not start as root; it sees pages of ours alone. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: program('chromium'),
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none', '--force-color-profile=srgb'],
  });
