import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { images } from '../../lib';
import { parseImageReference } from '../../lib/core/image-reference';
import { imagesOfManifest as imagesOf } from '../../lib/tools/synthesis/pods';
import { freePort } from '../runtime/free-port';
import { type Outcome, run, tryRun } from '../runtime/programs';
import { FORMATS, Pusher, type Registry, startRegistry, TokenServer } from './registry';

const ALL = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];
const PASSWORD = 'p:ss word';
const BASIC = `Basic ${Buffer.from(`edge:${PASSWORD}`).toString('base64')}`;

/** A custom edge exporter, and one that runs on every cloud node. */
const MAIN = `
import { readFileSync } from 'node:fs';
import { Chart } from 'cdk8s';
import { EdgeExporter, fromPushgateway, NodeExporter, Platform, run } from '${resolve('lib')}';

const { edge, ...images } = JSON.parse(readFileSync('images.json', 'utf8'));
run({
  site: (app) => {
    const chart = new Chart(app, 'edge');
    Platform.define(chart, { images });
    const sink = fromPushgateway({ host: 'push.example.com', credentialsSecretName: 'push-credentials' });
    new EdgeExporter(chart, 'modem', { name: 'modem', image: edge, port: 9800, sink });
    const cloud = new Chart(app, 'cloud');
    Platform.define(cloud, { images });
    new NodeExporter(cloud, 'node-exporter');
  },
});
`;

/** The whole stack, by one mirror for each registry. */
const STACK = `
import { readFileSync } from 'node:fs';
import { CloudChart, EdgeChart, run } from '${resolve('lib')}';

const images = JSON.parse(readFileSync('images.json', 'utf8'));
const settings = { cluster: 'a', hosts: { metrics: 'push.example.com', logs: 'logs.example.com' }, images };
run({
  site: (app) => {
    const { metrics, logs } = new CloudChart(app, 'cloud', { settings });
    new EdgeChart(app, 'edge', { settings, metrics, logs });
  },
});
`;

let folder: string;
let tokens: TokenServer;
let open: Registry;
let withTokens: Registry;
let withPassword: Registry;
/** Accepts connections, and never responds. */
let mute: Server;
let said = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lock-images-'));
  tokens = new TokenServer(folder);
  tokens.users.set('edge', PASSWORD);
  const token = await tokens.start();
  writeFileSync(join(folder, 'htpasswd'), run('htpasswd', '-nbB', 'edge', PASSWORD));
  const htpasswd = { realm: 'test', path: join(folder, 'htpasswd') };
  open = await startRegistry(folder, 'open');
  withTokens = await startRegistry(folder, 'tokens', token);
  withPassword = await startRegistry(folder, 'password', { htpasswd });
  mute = createServer(() => undefined);
  await new Promise<void>((done) => mute.listen(0, '127.0.0.1', done));
});

afterAll(() => {
  for (const registry of [open, withTokens, withPassword]) registry?.stop();
  tokens?.stop();
  mute?.close();
  rmSync(folder, { recursive: true });
  expect(said).not.toContain(PASSWORD);
  expect(said).not.toContain(BASIC.slice(6));
});

/** An app, with the images that it runs, and what Docker knows of logins. */
class Project {
  readonly folder = mkdtempSync(join(folder, 'app-'));

  constructor(main: string, setting: object, config: object = {}) {
    writeFileSync(join(this.folder, 'main.ts'), main);
    this.set(setting);
    mkdirSync(join(this.folder, 'docker'));
    writeFileSync(join(this.folder, 'docker/config.json'), JSON.stringify(config));
  }

  set(setting: object): void {
    writeFileSync(join(this.folder, 'images.json'), JSON.stringify(setting));
  }

  async command(...args: string[]): Promise<Outcome> {
    const program = join(this.folder, 'main.ts');
    const env = {
      ...process.env,
      IMAGES_LOCK: undefined,
      DOCKER_CONFIG: join(this.folder, 'docker'),
      CDK8S_OUTDIR: 'dist',
    };
    const path = `${this.folder}:${process.env.PATH}`;
    const options = { cwd: this.folder, env: { ...env, PATH: path } };
    const outcome = await tryRun('node', [resolve('scripts/run.cjs'), program, ...args], options);
    said += outcome.stdout + outcome.stderr;
    return outcome;
  }

  lock = (...args: string[]) => this.command('lock-images', ...args);

  get lockFile(): string | undefined {
    const path = join(this.folder, 'images.lock.json');
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  }

  get locked(): Record<string, string> {
    return JSON.parse(this.lockFile ?? '{}').images;
  }

  /** Returns the images of the manifests, and those of synthesized charts. */
  get pulled(): string[] {
    const files = readdirSync(join(this.folder, 'dist'), { recursive: true, encoding: 'utf8' });
    const manifests = files
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => parse(readFileSync(join(this.folder, 'dist', file), 'utf8')));
    return [...new Set(manifests.flatMap(imagesOf))].sort();
  }
}

/** Images of both charts in addition to the edge exporter, in a registry. */
async function pushStack(pusher: Pusher, prefix = ''): Promise<void> {
  for (const name of ['nodeExporter', 'curl'] as const) {
    const { repository, tag = '' } = parseImageReference(images[name]);
    await pusher.index(prefix + repository, tag, ALL);
  }
}

describe('lock-images', () => {
  let project: Project;
  let pusher: Pusher;
  let edge: string;
  let digest: string;

  beforeAll(async () => {
    pusher = new Pusher(open.host);
    await pushStack(pusher);
    edge = `${open.host}/our/modem:1`;
    digest = await pusher.index('our/modem', '1', ALL);
  });

  beforeEach(() => {
    project = new Project(MAIN, { edge, mirror: open.host });
  });

  test('pins every image to the digest of its index, and a synthesis uses that', async () => {
    const { code, stdout, stderr } = await project.lock();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`${edge} is new: ${digest}\n`);
    expect(stdout).toMatch(/\nimages\.lock\.json is written: 3 images, 3 changed\n$/);
    expect(project.locked[edge]).toBe(digest);
    expect(Object.keys(project.locked).sort()).toEqual([images.curl, images.nodeExporter, edge].sort());
    expect((await project.command()).code).toBe(0);
    const { locked, pulled } = project;
    const place = (source: string) => `${open.host}/${source.slice(source.indexOf('/') + 1)}`;
    expect(pulled).toEqual(
      Object.entries(locked)
        .map(([source, pinned]) => `${place(source)}@${pinned}`)
        .sort(),
    );
    const before = project.lockFile;
    expect((await project.lock()).stdout).toBe('images.lock.json is up to date: 3 images\n');
    expect(await project.lock('--check')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('up to date'),
    });
    expect(project.lockFile).toBe(before);
  });

  test('--check says what moved, what is new and what is not used, and writes nothing', async () => {
    await pusher.index('our/moving', '1', ALL);
    const moving = `${open.host}/our/moving:1`;
    project.set({ edge: moving, mirror: open.host });
    await project.lock();
    const before = project.lockFile;
    const moved = await pusher.index('our/moving', '1', ALL, { content: 'other' });
    const check = await project.lock('--check');
    expect(check.code).toBe(2);
    expect(check.stdout).toMatch(`${moving} changed from ${project.locked[moving]} to ${moved}\n`);
    project.set({ edge, mirror: open.host });
    const [added, removed, result] = (await project.lock('--check')).stdout.split('\n');
    expect([added, removed]).toEqual([`${edge} is new: ${digest}`, `${moving} is no longer used`]);
    // The project has no package.json, so the command to run starts with node.
    expect(result).toMatch(/^images\.lock\.json: 3 images, 2 differ; run node \S+ lock-images$/);
    expect(project.lockFile).toBe(before);
    // A synthesis runs nothing that is not pinned.
    const synthesis = await project.command();
    expect(synthesis.code).toBe(1);
    expect(synthesis.stderr).toContain(
      `the image ${edge} is not in images.lock.json: run the command lock-images, and commit the file`,
    );
    expect((await project.lock()).code).toBe(0);
    expect((await project.command()).code).toBe(0);
  });

  test('a lock with the marks of a merge is an error, and is written anew', async () => {
    await project.lock();
    const before = project.lockFile;
    writeFileSync(join(project.folder, 'images.lock.json'), `<<<<<<< HEAD\n${before}`);
    for (const args of [[], ['lock-images', '--check']]) {
      const { code, stderr } = await project.command(...args);
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining('images.lock.json is not a valid image lock'),
      ]);
    }
    expect((await project.lock()).code).toBe(0);
    expect(project.lockFile).toBe(before);
  });

  test('an image has to be for the nodes that may run it', async () => {
    await pusher.index('our/some', '1', ['linux/amd64', 'linux/arm/v5', 'unknown/unknown'], {
      format: FORMATS.docker,
    });
    const some = `${open.host}/our/some:1`;
    project.set({ edge: some, mirror: open.host });
    const { code, stderr } = await project.lock();
    expect(code).toBe(1);
    expect(stderr).toBe(
      `lock-images: the image ${some} supports linux/amd64, linux/arm/v5, but nodes with amd64, arm64, arm may pull it: build or copy ` +
        'the image for arm64, or set images.architectures to the architectures of your nodes\n',
    );
    expect(project.lockFile).toBeUndefined();
    project.set({ edge: some, mirror: open.host, architectures: { edge: ['arm', 'amd64'] } });
    expect((await project.lock()).code).toBe(0);
  });

  test('an image without an index is what its configuration says', async () => {
    const single = await pusher.single('our/single', '1', 'linux/arm64');
    project.set({ edge: `${open.host}/our/single:1`, mirror: open.host });
    expect((await project.lock()).stderr).toContain('supports linux/arm64, but nodes with');
    project.set({ edge: `${open.host}/our/single:1`, mirror: open.host, architectures: { edge: ['arm64'] } });
    expect((await project.lock()).code).toBe(0);
    expect(project.locked[`${open.host}/our/single:1`]).toBe(single);
  });

  test('what is pinned by hand stays, and is looked at', async () => {
    project.set({ edge: `${edge}@${digest}`, mirror: open.host });
    expect((await project.lock()).code).toBe(0);
    expect(Object.keys(project.locked)).toHaveLength(2);
    const none = `${open.host}/our/modem@sha256:${'0'.repeat(64)}`;
    project.set({ edge: none, mirror: open.host });
    expect((await project.lock()).stderr).toContain(
      `${open.host} does not contain our/modem sha256:${'0'.repeat(64)} (404)`,
    );
  });

  test('what a registry does not have, and registries that are not there or do not answer, are said together', async () => {
    const { port } = mute.address() as { port: number };
    const gone = `localhost:${await freePort()}`;
    await project.lock();
    const before = project.lockFile;
    project.set({
      edge: `${open.host}/our/modem:2`,
      overrides: { nodeExporter: `${gone}/a:1`, curl: `localhost:${port}/a:1` },
    });
    // Time for the registries that do answer, however slow this machine is.
    const { code, stderr } = await project.lock('--timeout', '10');
    expect(code).toBe(1);
    expect(stderr).toContain(`${open.host} does not contain our/modem 2 (404)`);
    expect(stderr).toMatch(new RegExp(`${gone} cannot be reached: .*ECONNREFUSED`));
    expect(stderr).toContain(`localhost:${port} did not respond within 10 s`);
    expect(project.lockFile).toBe(before);
    expect(readdirSync(project.folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  });
});

describe('logins', () => {
  const login = { auth: Buffer.from(`edge:${PASSWORD}`).toString('base64') };
  const modem = 'our/modem:1';

  beforeAll(async () => {
    const password = new Pusher(withPassword.host, { authorization: BASIC });
    await pushStack(password);
    await password.index('our/modem', '1', ALL);
    for (const name of ['our/modem', 'our/secret', ...Object.values(images).map(repositoryOf)]) {
      await pushWithToken(name);
    }
  });

  const repositoryOf = (image: string) => parseImageReference(image).repository;

  async function pushWithToken(repository: string): Promise<void> {
    const header = (await fetch(`http://${withTokens.host}/v2/`)).headers.get('www-authenticate') ?? '';
    const [, realm = ''] = /realm="([^"]+)"/.exec(header) ?? [];
    const url = `${realm}?service=registry&scope=repository:${repository}:pull,push`;
    const answer = await fetch(url, { headers: { authorization: BASIC } });
    const { token } = (await answer.json()) as { token: string };
    const pusher = new Pusher(withTokens.host, { authorization: `Bearer ${token}` });
    const tags = Object.values(images).filter((image) => repositoryOf(image) === repository);
    for (const tag of ['1', ...tags.map((image) => parseImageReference(image).tag ?? '')]) {
      await pusher.index(repository, tag, ALL);
    }
    if (repository !== 'our/secret') tokens.public.add(repository);
  }

  const projectOf = ({ host }: Registry, config?: object, image = modem) =>
    new Project(MAIN, { edge: `${host}/${image}`, mirror: host }, config);

  test('are not needed where tokens are given to everybody', async () => {
    const project = projectOf(withTokens);
    expect(await project.lock()).toMatchObject({ code: 0, stderr: '' });
    expect(Object.keys(project.locked)).toHaveLength(3);
  });

  test('that are missing are said', async () => {
    const basic = await projectOf(withPassword).lock();
    expect(basic).toMatchObject({
      code: 1,
      stderr: `lock-images: the registry ${withPassword.host} requires credentials: run docker login ${withPassword.host}\n`,
    });
    const bearer = await projectOf(withTokens, {}, 'our/secret:1').lock();
    expect(bearer.stderr).toContain(
      `${withTokens.host} denies access to our/secret 1 (401): run docker login`,
    );
  });

  test.each([
    ['the host', (host: string) => ({ [host]: login })],
    ['an address', (host: string) => ({ [`https://${host}/v1/`]: login })],
    ['a user and a password', (host: string) => ({ [host]: { username: 'edge', password: PASSWORD } })],
  ])('are found by %s in auths of config.json', async (_, auths) => {
    expect((await projectOf(withPassword, { auths: auths(withPassword.host) }).lock()).code).toBe(0);
  });

  test('go to the server of tokens, as a password or as a refresh token', async () => {
    for (const one of [login, { identitytoken: PASSWORD }]) {
      const config = { auths: { [withTokens.host]: one } };
      expect(await projectOf(withTokens, config, 'our/secret:1').lock()).toMatchObject({
        code: 0,
        stderr: '',
      });
    }
  });

  test('that are wrong are said, and not what they are', async () => {
    const wrong = { auth: Buffer.from('edge:wrong-password').toString('base64') };
    for (const { host } of [withPassword, withTokens]) {
      const outcome = await projectOf({ host } as Registry, { auths: { [host]: wrong } }).lock();
      expect(outcome.code).toBe(1);
      expect(outcome.stderr).toContain(`docker login ${host}`);
      expect(outcome.stderr).not.toMatch(/wrong-password|ZWRnZTp3/);
    }
  });

  test('come from the helper that the registry, or all of them, have', async () => {
    const { host } = withPassword;
    for (const config of [{ credHelpers: { [host]: 'test' } }, { credsStore: 'test' }]) {
      const project = projectOf(withPassword, config);
      helper(
        project,
        `read server; [ "$1 $server" = 'get ${host}' ] && echo '{"Username":"edge","Secret":"${PASSWORD}"}'`,
      );
      expect(await project.lock()).toMatchObject({ code: 0, stderr: '' });
    }
  });

  test.each([
    [
      'has none',
      "echo 'credentials not found in native keychain'; exit 1",
      'requires credentials: run docker login',
    ],
    // Output of Debian's docker-credential-pass.
    [
      'has none, and ends well',
      `echo '{"ServerURL":"x","Username":"","Secret":""}'`,
      'requires credentials: run docker login',
    ],
    ['is locked', "echo 'the keychain is locked'; exit 1", 'failed: the keychain is locked'],
    ['says something else', 'echo hello', 'docker-credential-test did not print credentials as JSON'],
    ['is not installed', '', 'failed: the program is not installed'],
  ])('of a helper that %s are said to be missing', async (_, script, message) => {
    const project = projectOf(withPassword, { credsStore: 'test' });
    if (script) helper(project, script);
    const { code, stderr } = await project.lock();
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
  });

  test('cannot be read from a configuration that is no JSON', async () => {
    const project = projectOf(withPassword);
    writeFileSync(join(project.folder, 'docker/config.json'), `{"auths": ${PASSWORD}`);
    expect((await project.lock()).stderr).toContain('docker/config.json cannot be read or is not valid JSON');
  });

  function helper({ folder: place }: Project, script: string): void {
    writeFileSync(join(place, 'docker-credential-test'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(place, 'docker-credential-test'), 0o755);
  }
});

describe('the commands that copy images', () => {
  /** Uses the registry on this machine instead of every public one. */
  const PUBLIC = ['docker.io', 'quay.io', 'registry.k8s.io'];

  test('bring every image of the stack to mirrors, with all architectures and the same digests', async () => {
    const pusher = new Pusher(open.host);
    for (const reference of Object.values(images)) {
      const { registry, repository, tag = '' } = parseImageReference(reference);
      await pusher.index(`${registry}/${repository}`, tag, ALL, { content: reference });
    }
    const setting = Object.fromEntries(
      PUBLIC.map((host) => [host, `${open.host}/harbor/${host.split('.')[0]}`]),
    );
    const mirrored = new Project(STACK, { mirror: setting });
    const { code, stdout } = await mirrored.command('inventory', '--mirror', '--copy-tool', 'skopeo');
    expect(code).toBe(0);
    expect((await mirrored.lock()).code).toBe(1);
    const registries = PUBLIC.map(
      (host) => `[[registry]]\nprefix = "${host}"\nlocation = "${open.host}/${host}"\ninsecure = true\n`,
    );
    registries.push(`[[registry]]\nlocation = "${open.host}"\ninsecure = true\n`);
    mkdirSync(join(mirrored.folder, '.config/containers'), { recursive: true });
    writeFileSync(join(mirrored.folder, '.config/containers/registries.conf'), registries.join(''));
    const env = { ...process.env, HOME: mirrored.folder, XDG_CONFIG_HOME: '' };
    const copied = await tryRun('sh', ['-e'], { input: stdout, env });
    expect(copied).toMatchObject({ code: 0, stderr: '' });
    expect(await mirrored.lock()).toMatchObject({ code: 0, stderr: '' });
    // A mirror gives the same lock, because a copy has the digest of its source.
    const direct = new Project(STACK, {
      mirror: Object.fromEntries(PUBLIC.map((host) => [host, `${open.host}/${host}`])),
    });
    expect((await direct.lock()).code).toBe(0);
    expect(direct.locked).toEqual(mirrored.locked);
    expect(Object.keys(mirrored.locked).length).toBeGreaterThan(8);
    await mirrored.command();
    expect(mirrored.pulled.every((image) => image.startsWith(`${open.host}/harbor/`))).toBe(true);
    expect(mirrored.pulled.every((image) => /:[^@/]+@sha256:[0-9a-f]{64}$/.test(image))).toBe(true);
    // Pinned images are copied by digest.
    const pinned = await mirrored.command('inventory', '--mirror');
    const lines = pinned.stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(stdout.trimEnd().split('\n').length);
    expect(lines[0]).toMatch(/docker:\/\/docker\.io\/\S+@sha256:\S+ docker:\/\/\S+:[^@/]+$/);
    expect(await tryRun('sh', ['-e'], { input: lines[0], env })).toMatchObject({ code: 0, stderr: '' });
  });
});
