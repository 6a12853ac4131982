import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { S3Storage } from '../../lib';
import { CLOUD } from '../stacks/reference-stack';
import type { Manifest } from '../support/manifests';

const PORT = 9_000;
const LABELS = { 'app.kubernetes.io/name': 'store' };

/** The Secret of a bucket that asks for no signature; the client makes one all the same. */
export const STORE_SECRET = {
  name: 'bucket',
  files: { credentials: '[default]\naws_access_key_id = test\naws_secret_access_key = test-of-nothing\n' },
} as const;

/** A bucket in the test's own store. */
export const OBJECT_STORAGE: S3Storage = {
  bucket: 'our-logs',
  endpoint: `http://store.${CLOUD}.svc:${PORT}`,
  credentialsSecretName: STORE_SECRET.name,
};

/** A pod with a bucket in its memory, and its Service. */
export function objectStore(): Manifest[] {
  const program = readFileSync(join(__dirname, 'fixtures', 'object-store.js'), 'utf8');
  const container = {
    name: 'store',
    image: 'library/node:20',
    args: ['-e', program],
    ports: [{ name: 'http', containerPort: PORT }],
  };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'store', namespace: CLOUD },
      spec: {
        replicas: 1,
        selector: { matchLabels: LABELS },
        template: {
          metadata: { labels: LABELS },
          spec: { containers: [container], terminationGracePeriodSeconds: 1 },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'store', namespace: CLOUD },
      spec: { selector: LABELS, ports: [{ name: 'http', port: PORT, targetPort: 'http' }] },
    },
  ];
}
