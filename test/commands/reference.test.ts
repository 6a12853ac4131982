import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const app = (...args: string[]) =>
  spawnSync(process.execPath, ['scripts/run.cjs', 'main.ts', ...args], {
    cwd: join(__dirname, '../..'),
    encoding: 'utf8',
  });

test('the credentials of the reference environment are made for the Secrets that its manifests name', () => {
  const { stdout, stderr, status } = app(
    'credentials',
    '--environment',
    'reference',
    '--host',
    'push.edge.example.com',
  );
  expect(status).toBe(0);
  const [server, client] = parseAllDocuments(stdout).map((document) => document.toJS());
  expect(server).toMatchObject({
    metadata: { namespace: 'monitoring', name: 'push-users' },
    stringData: { auth: expect.stringMatching(/^edge:\$2y\$05\$/) },
  });
  expect(client).toMatchObject({
    metadata: { namespace: 'monitoring-edge', name: 'push-credentials' },
    type: 'kubernetes.io/basic-auth',
    stringData: { username: 'edge' },
  });
  expect(stderr).not.toContain(client.stringData.password);
});
