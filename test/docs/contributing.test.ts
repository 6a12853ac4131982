import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const git = (...args: string[]) => spawnSync('git', args, { encoding: 'utf8' });
const quoted = [...readFileSync('CONTRIBUTING.md', 'utf8').matchAll(/`git show '(:\/[^']+)'`/g)].map(
  ([, text = '']) => text,
);

/**
 * The first commit of this project: it is missing in shallow clones, and in repositories that were created from the
 * files.
 */
const FIRST = 'Set up the tool chain: esbuild runs, Biome checks layers, Jest tests';
const hasHistory = git('log', '--max-parents=0', '--format=%s').stdout.includes(FIRST);

describe('commits that the maintainers page names as examples', () => {
  test('are one for each kind of thing to add', () => expect(quoted.length).toBeGreaterThanOrEqual(3));

  if (!hasHistory) test.todo('are in the history (NOT RUN: there is no history here)');
  else
    test.each(quoted.filter((text) => text !== ':/text'))('%s is in the history, and changes lib', (text) => {
      const { stdout, status } = git('show', '--format=', '--name-only', text);
      expect(status).toBe(0);
      expect(stdout).toMatch(/^lib\//m);
    });
});
