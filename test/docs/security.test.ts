import { readFileSync } from 'node:fs';
import { exampleManifests } from '../support/examples';

const page = readFileSync('docs/security.md', 'utf8');

/** Rows of the table of roles: name, resources, verbs. */
const documented = [...page.matchAll(/^\| `([\w-]+)`(?:, in `\w+`)? \| ([^|]+) \| ([^|]+) \| [^|]+ \|$/gm)]
  .map(([, role = '', resources = '', verbs = '']) => ({
    role,
    resources: resources.split(', ').map((text) => text.trim()),
    verbs: verbs.split(', ').map((text) => text.trim()),
  }))
  .filter(
    ({ role }) => role.startsWith('monitoring-') && role !== 'monitoring-nodes' && role !== 'monitoring-edge',
  );

const granted = exampleManifests('reference', 'cloud')
  .filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role')
  .flatMap(({ metadata, rules }) =>
    (rules as Rule[]).flatMap((rule) =>
      [...(rule.resources ?? []), ...(rule.nonResourceURLs ?? [])].map(
        (resource) => `${metadata.name} ${resource} ${rule.verbs.join()}`,
      ),
    ),
  );

interface Rule {
  readonly resources?: string[];
  readonly nonResourceURLs?: string[];
  readonly verbs: string[];
}

test('the table of roles says what is granted, and all of it', () => {
  const said = documented.flatMap(({ role, resources, verbs }) =>
    resources.map((resource) => `${role} ${resource} ${verbs.join()}`),
  );
  expect(said.sort()).toEqual([...granted].sort());
});

test('nothing is granted by a wildcard, and nobody reads Secrets', () => {
  for (const grant of granted) expect(grant).not.toMatch(/\*| secrets /);
});

test.each(exampleManifests('reference').filter(({ kind }) => kind === 'Namespace'))(
  'the level of $metadata.name is the one that is written',
  ({ metadata }) => {
    const level = metadata.labels?.['pod-security.kubernetes.io/enforce'];
    expect(page).toContain(`| \`${metadata.name}\` | ${level} |`);
  },
);
