import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getObject, getObjectIfExists, listObjects, runKubectl } from '../../../lib/tools/process/kubectl';

const { PATH } = process.env;
let folder: string;

/** Installs a shell script as kubectl. */
function installKubectl(script: string): void {
  writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'kubectl'), 0o755);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
  process.env.PATH = `${folder}:${PATH}`;
});

afterEach(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

test('what it warns of is no part of what it prints', async () => {
  installKubectl(`echo 'Warning: old' >&2; echo '{"items": [{"kind": "Node"}]}'`);
  expect(await listObjects(runKubectl, 'nodes')).toEqual([{ kind: 'Node' }]);
});

test.each([
  ['says', "echo 'Warning: old' >&2; echo refused >&2; exit 1", 'refused'],
  [
    'says, and not what it logs of each attempt',
    `for at in 1 2 3 4 5; do echo 'E1127 07:28:05.123456    4711 memcache.go:265] "Unhandled Error" err="no"' >&2; done
     echo 'The connection to the server 127.0.0.1:1 was refused' >&2; exit 1`,
    'The connection to the server 127.0.0.1:1 was refused',
  ],
  [
    'logs, where it says nothing else',
    `for at in 1 2; do echo 'F1127 07:28:05.123456    4711 main.go:2] no such file' >&2; done; exit 255`,
    'no such file',
  ],
  ['does not say, but its exit code', "echo 'Warning: old' >&2; exit 3", 'exit code 3'],
  ['cannot say any more', 'kill -KILL $$', 'terminated by SIGKILL'],
])('why it failed is what it %s', async (_, script, reason) => {
  installKubectl(script);
  await expect(runKubectl('get', 'nodes', '--output', 'json')).rejects.toThrow(
    new Error(`kubectl get nodes failed: ${reason}`),
  );
});

test.each(['echo "a wrapper says hello"; echo "{}"', 'echo null', 'true'])(
  'an answer of %j that is no object is said to be none, and not repeated',
  async (script) => {
    installKubectl(script);
    await expect(getObject(runKubectl, 'get', 'secret', 'x')).rejects.toThrow(
      /^kubectl get secret did not print a JSON object: check whether (?!.*hello)/,
    );
  },
);

test('one that may be missing is undefined then', async () => {
  installKubectl('true');
  expect(await getObjectIfExists(runKubectl, 'get', 'configmap', 'x')).toBeUndefined();
});
