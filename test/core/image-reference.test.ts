import { image, parseImageReference, registryHost, registryPrefix } from '../../lib/core/image-reference';
import type { Rule } from '../../lib/core/validation';

const DIGEST = `sha256:${'0'.repeat(64)}`;

test.each([
  ['quay.io/prometheus/prometheus:v3', 'quay.io', 'prometheus/prometheus'],
  ['localhost:5000/a:1', 'localhost:5000', 'a'],
  ['localhost/a:1', 'localhost', 'a'],
  ['docker.io/grafana/loki:3', 'docker.io', 'grafana/loki'],
  ['grafana/loki:3', 'docker.io', 'grafana/loki'],
  ['index.docker.io/grafana/loki:3', 'docker.io', 'grafana/loki'],
  ['docker.io/node:24', 'docker.io', 'library/node'],
  ['docker.io/library/node:24', 'docker.io', 'library/node'],
  ['node:24', 'docker.io', 'library/node'],
])('%s is in the registry %s as %s', (reference, registry, repository) => {
  expect(parseImageReference(reference)).toMatchObject({ registry, repository });
});

test('a reference has a tag, a digest, or both', () => {
  expect(parseImageReference(`r.example.com/a:1@${DIGEST}`)).toMatchObject({ tag: '1', digest: DIGEST });
  expect(parseImageReference(`r.example.com/a@${DIGEST}`).tag).toBeUndefined();
});

test.each<[string, Rule, readonly string[], readonly string[]]>([
  [
    'an image',
    image,
    [
      'quay.io/prometheus/prometheus:v3.14.0',
      'localhost:5000/a:1',
      `docker.io/a/b@${DIGEST}`,
      `docker.io/a/b:latest@${DIGEST}`,
      'r.example.com/a__b/c--d/e.f_g:1',
    ],
    [
      'quay.io/prometheus/prometheus',
      'quay.io/prometheus/prometheus:latest',
      'prometheus:v3',
      'a/b:',
      'a/b@sha256:00',
      'quay.io/../etc:1',
      'quay.io/a/.:1',
      'quay.io//a:1',
      'quay.io/A/b:1',
      'https://quay.io/a:1',
      'quay.io/a:1\n',
      `quay.io/a:${'1'.repeat(129)}`,
    ],
  ],
  [
    'a mirror',
    registryPrefix,
    ['registry.example.com', 'r:5000/mirror/x', 'localhost', '10.0.0.1:5000', 'harbor.example.com/a/b'],
    [
      '',
      'https://r.example.com',
      'r.example.com/',
      'r.example.com/a/',
      '../../etc',
      'r.example.com/../etc',
      'r.example.com//a',
      // A runtime would look for it at Docker Hub.
      'harbor',
      'harbor/edge',
      'R.example.com',
      'r.example.com:',
      'r.example.com:0',
      'r.example.com:65536',
      'r.example.com/a:1',
      'user:password@r.example.com',
      '.example.com',
      'r..example.com',
      '-r.example.com',
      'r.example.com/a\n',
      ' r.example.com',
    ],
  ],
  [
    'a registry',
    registryHost,
    ['quay.io', 'docker.io', 'localhost:5000', 'registry.k8s.io'],
    ['quay', 'quay.io/prometheus', 'https://quay.io', 'index.docker.io', 'registry-1.docker.io', ''],
  ],
])('%s has its rule', (_, rule, accepted, refused) => {
  expect(accepted.filter((value) => !rule.accepts(value))).toEqual([]);
  expect(refused.filter((value) => rule.accepts(value))).toEqual([]);
  for (const value of [null, 1, {}, []]) expect(rule.accepts(value)).toBe(false);
});
