import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './manifests';

const FIXTURES = join(__dirname, '../stacks');

/** Files with the objects of a hand-made system. Tests migrate this system to an environment. */
export const HAND_MADE_FILES = ['reference-cloud.yaml', 'reference-daemonset.yaml'].map((file) =>
  join(FIXTURES, file),
);

/** Returns the objects of the hand-made system. The first object is its namespace. */
export const handMadeManifests = (): Manifest[] =>
  HAND_MADE_FILES.flatMap((file) =>
    parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS()),
  );
