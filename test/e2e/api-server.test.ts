import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../lib/doctor/finding';
import { tryRun } from './runtime/programs';
import { DIST } from './stack';

const KUBECONFIG = process.env.E2E_KUBECONFIG;

/** Argo CD's own objects need its CRDs, and are left out. */
const FOLDERS = [join(DIST, 'cloud'), join(DIST, 'edge')];

// No package of Debian holds an API server: what was not run is said, and counted apart.
if (!KUBECONFIG)
  test.todo('an API server takes dist as it is: NOT RUN, set E2E_KUBECONFIG, of a cluster to throw away');
else describe('an API server', () => takesDist(KUBECONFIG));

function takesDist(kubeconfig: string): void {
  const kubectl = (...args: string[]) => tryRun('kubectl', ['--kubeconfig', kubeconfig, ...args]);
  const files = FOLDERS.flatMap((folder) => ['-f', folder]);

  beforeAll(async () => {
    // kubectl applies in the order of file names, and an object needs its namespace.
    const namespaces = FOLDERS.flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.startsWith('Namespace.'))
        .flatMap((name) => ['-f', join(folder, name)]),
    );
    expect(await kubectl('apply', '--server-side', ...namespaces)).toMatchObject({ code: 0 });
  });

  /** What is stored, without what controllers write at any time. */
  async function stored(): Promise<object[]> {
    const { code, stdout, stderr } = await kubectl(
      'get',
      ...files,
      '-o',
      'json',
      '--show-managed-fields=false',
    );
    if (code !== 0) throw new Error(stderr);
    const items: { metadata: { resourceVersion?: string }; status?: object }[] = JSON.parse(stdout).items;
    return items.map(({ status, metadata: { resourceVersion, ...metadata }, ...rest }) => ({
      ...{ ...rest, metadata },
      // A status changes it, too; of an object without one, only an apply does.
      resourceVersion: status ? undefined : resourceVersion,
    }));
  }

  test('takes every object by server-side apply, and has nothing to change the second time', async () => {
    expect(await kubectl('apply', '--server-side', ...files)).toMatchObject({ code: 0 });
    const before = await stored();
    expect(await kubectl('apply', '--server-side', ...files)).toMatchObject({ code: 0 });
    expect(await stored()).toEqual(before);
  });

  test('holds what Argo CD compares: nothing differs from the files', async () => {
    expect(await kubectl('diff', '--server-side', ...files)).toMatchObject({ code: 0, stdout: '' });
  });

  test('takes every object by client-side apply, too', async () => {
    const { code, stderr } = await kubectl('apply', ...files);
    expect([code, stderr.replace(/^Warning: .*last-applied-configuration.*\n/gm, '')]).toEqual([0, '']);
    expect(await kubectl('diff', ...files)).toMatchObject({ code: 0, stdout: '' });
  });

  test('lets npm run doctor look at everything in it, and is left as it was', async () => {
    const before = await stored();
    const command = ['scripts/run.cjs', 'main.ts', 'doctor', '--environment', 'reference', '--json'];
    const env = { ...process.env, KUBECONFIG: kubeconfig };
    const { stdout } = await tryRun('node', command, { env });
    const findings: Finding[] = JSON.parse(stdout).findings;
    // The hosts are of the public Internet, which is not here.
    expect(findings.filter(({ verdict, check }) => verdict === 'unknown' && check !== 'hosts')).toEqual([]);
    expect(findings).toContainEqual(expect.objectContaining({ check: 'Kubernetes', verdict: 'ok' }));
    expect(await stored()).toEqual(before);
  });
}
