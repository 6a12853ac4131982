import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dashboard } from './grafana/model';
import { type Rule, rulesUsedBy } from './seed/rules';

export const PICTURES = 'docs/images';
const RECORD = join(PICTURES, 'dashboards.json');

/** Folders with the code that draws the pictures. All files in these folders count for the digest of each picture. */
const SOURCES = ['preview/grafana', 'preview/page', 'preview/seed'];

export const picturePath = ({ uid }: Dashboard): string => join(PICTURES, `${uid}.webp`);

/** Digest of everything that a picture depends on, by the uid of its dashboard. */
export type Digests = Readonly<Record<string, string>>;

export const readDigests = (): Digests =>
  existsSync(RECORD) ? JSON.parse(readFileSync(RECORD, 'utf8')) : {};

export const digestsFile = (digests: Digests): readonly [path: string, text: string] => [
  RECORD,
  `${JSON.stringify(digests, null, 2)}\n`,
];

/**
 * Returns the digest of each dashboard. It covers the dashboard, the rules that the dashboard uses, and the drawing
 * code.
 */
export function computeDigests(dashboards: readonly Dashboard[], rules: readonly Rule[]): Digests {
  const sources = SOURCES.flatMap((folder) =>
    readdirSync(folder)
      .sort()
      .map((name) => readFileSync(join(folder, name))),
  );
  return Object.fromEntries(
    dashboards.map((dashboard) => {
      const text = JSON.stringify(dashboard);
      const hash = createHash('sha256').update(text);
      hash.update(JSON.stringify(rulesUsedBy(text, rules).map(drawnFields)));
      for (const source of sources) hash.update(source);
      return [dashboard.uid, hash.digest('hex')];
    }),
  );
}

/** Returns the fields of a rule that affect a picture. Annotations do not. */
const drawnFields = ({ record, alert, expr, labels, for: wait }: Rule) => [record, alert, expr, labels, wait];

/**
 * Returns the dashboards whose picture is missing, or whose digest differs from the digest when the picture was drawn.
 */
export function outdatedDashboards(
  dashboards: readonly Dashboard[],
  rules: readonly Rule[],
): readonly Dashboard[] {
  const [now, then] = [computeDigests(dashboards, rules), readDigests()];
  return dashboards.filter((one) => now[one.uid] !== then[one.uid] || !existsSync(picturePath(one)));
}
