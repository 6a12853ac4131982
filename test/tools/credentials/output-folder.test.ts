import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOGS, PUSH, parseSecrets, runCredentials } from './environment';

let parent: string;
let folder: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'credentials-'));
  folder = join(parent, 'secrets');
});

afterEach(() => rmSync(parent, { recursive: true }));

const FILES = ['business.push-credentials', 'monitoring-edge.push-credentials', 'monitoring.push-users'].map(
  (name) => `${name}.yaml`,
);
/** A name of a Secret that is too long for the name of a file. */
const TOO_LONG = [
  { namespace: 'monitoring', name: 'a', host: PUSH, side: 'server', format: { key: 'auth', hash: 'sha1' } },
  { namespace: 'z', name: 'x'.repeat(253), host: PUSH, side: 'client' },
] as const;
const writeSecrets = (...args: string[]) => runCredentials(['--host', PUSH, '--output', folder, ...args]);
const readFileOf = (name: string) => readFileSync(join(folder, name), 'utf8');
const fileMode = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('without --output nothing is written to disk', () => {
  runCredentials([]);
  expect(readdirSync(parent)).toEqual([]);
});

describe('--output', () => {
  test('writes a file for each Secret, and prints none', () => {
    const { code, stdout, stderr } = writeSecrets();
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain(`credentials: reference: 3 Secrets in ${folder}\n`);
    expect(readdirSync(folder)).toEqual(['.gitignore', ...FILES]);
    for (const name of FILES) {
      expect([...parseSecrets(readFileOf(name)).keys()]).toEqual([
        name.replace('.', '/').replace('.yaml', ''),
      ]);
    }
  });

  test('lets nobody but the owner read them', () => {
    writeSecrets();
    expect(fileMode(folder)).toBe('700');
    expect(FILES.map((name) => fileMode(join(folder, name)))).toEqual(['600', '600', '600']);
  });

  test('keeps the folder out of git', () => {
    writeSecrets();
    expect(readFileOf('.gitignore')).toBe('*\n');
  });

  test('replaces Secrets of the same names, and leaves the rest of the folder alone', () => {
    writeSecrets();
    const [client = ''] = FILES;
    const before = readFileOf(client);
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    writeFileSync(join(folder, '.gitignore'), '*.yaml\n');
    expect(writeSecrets().code).toBe(0);
    expect(readFileOf(client)).not.toBe(before);
    expect([readFileOf('notes.txt'), readFileOf('.gitignore')]).toEqual(['mine', '*.yaml\n']);
    runCredentials(['--host', LOGS, '--output', folder]);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(FILES));
  });

  test.each([
    ['a Secret of another name', 'kind: Secret\nmetadata: {name: x, namespace: monitoring}\n'],
    ['another object', 'kind: ConfigMap\nmetadata: {name: push-users, namespace: monitoring}\n'],
    ['a Secret without a name', 'kind: Secret\n'],
    ['no YAML', 'a: {'],
    ['several documents', 'a: b\n---\nc: d\n'],
    ['empty', ''],
  ])('does not overwrite a file that is %s, and writes no other', (_, content) => {
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, 'monitoring.push-users.yaml'), content);
    const { code, stderr } = writeSecrets();
    expect(code).toBe(1);
    expect(stderr).toBe(
      `credentials: ${folder}/monitoring.push-users.yaml exists and does not contain the Secret monitoring/push-users: ` +
        'move or delete this file\n',
    );
    expect(readdirSync(folder)).toEqual(['monitoring.push-users.yaml']);
    expect(readFileOf('monitoring.push-users.yaml')).toBe(content);
  });

  test('does not overwrite a folder', () => {
    mkdirSync(join(folder, 'monitoring.push-users.yaml'), { recursive: true, mode: 0o700 });
    expect(writeSecrets().stderr).toContain(
      'monitoring.push-users.yaml exists and does not contain the Secret',
    );
  });

  test.each([0o755, 0o750, 0o701])('neither uses nor changes a folder of mode %o', (open) => {
    mkdirSync(folder);
    chmodSync(folder, open);
    const { code, stderr } = writeSecrets();
    expect(code).toBe(1);
    expect(stderr).toContain(
      `--output is ${folder}, which has mode ${open.toString(8)}, so other users can access`,
    );
    expect([fileMode(folder), readdirSync(folder)]).toEqual([open.toString(8), []]);
  });

  test('is no file', () => {
    writeFileSync(folder, '');
    expect(writeSecrets().stderr).toBe(
      `credentials: --output is ${folder}, which is not a folder; allowed: the path of a folder\n`,
    );
  });

  test('says what the file system says', () => {
    writeFileSync(join(parent, 'file'), '');
    const { code, stderr } = runCredentials(['--output', join(parent, 'file/folder')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^credentials: \S*file\/folder\/\S* cannot be written: ENOTDIR: .*\n$/);
  });

  test('leaves nothing half-written when a file cannot be', () => {
    writeSecrets();
    const before = FILES.map(readFileOf);
    const { code, stderr } = runCredentials(['--output', folder], undefined, { long: TOO_LONG });
    expect(code).toBe(1);
    expect(stderr).toContain('ENAMETOOLONG');
    expect(readdirSync(folder)).toEqual(['.gitignore', ...FILES]);
    expect(FILES.map(readFileOf)).toEqual(before);
  });

  test('leaves no folder and no empty .gitignore, which would keep nothing out, when the first files cannot be', () => {
    expect(runCredentials(['--output', folder], undefined, { long: TOO_LONG }).code).toBe(1);
    expect(readdirSync(parent)).toEqual([]);
  });

  test('makes no folder when there is nothing to write', () => {
    expect(runCredentials(['--output', folder, '--user', 'a b']).code).toBe(1);
    expect(existsSync(folder)).toBe(false);
  });
});
