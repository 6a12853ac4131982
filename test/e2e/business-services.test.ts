import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-25';
import { buildSync } from 'esbuild';
import { fromPushgateway } from '../../lib';
import type { Pod } from '../runtime/pod';
import { program, tryRun } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import { EDGE, EDGE_NODE_LABELS, ReferenceStack } from '../stacks/reference-stack';
import { codeBlocks } from '../support/code-blocks';

const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

/** Folders of the programs on the edge node, and in the containers. */
const PROGRAMS = '/opt/meter';

/** Client code in the documentation, and how it becomes a program for an image. */
const LANGUAGES = {
  python: { image: 'library/python:3', command: ['/usr/bin/python3', 'main.py'], build: copyTo('main.py') },
  js: { image: 'library/node:20', command: ['/usr/bin/node', 'main.js'], build: bundle },
  go: { image: 'library/busybox:1', command: [`${PROGRAMS}/go/meter`], build: compileGo },
};

/** The one block of a language in the documentation. */
function documented(language: string): string {
  const blocks = codeBlocks('docs/business-services.md').filter((block) => block.language === language);
  expect(blocks).toHaveLength(1);
  return blocks[0]?.code ?? '';
}

describe('business services that push as the documentation shows', () => {
  let stack: ReferenceStack;
  let pushgateway: Pod;
  let services: [string, Pod][];

  beforeAll(async () => {
    stack = await ReferenceStack.create();
    pushgateway = await stack.startCloud('pushgateway-services');
    stack.setClientPassword('not-the-password');
    services = await Promise.all(Object.keys(LANGUAGES).map(startService));
  });

  afterAll(() => stack?.destroy());

  async function startService(language: string): Promise<[string, Pod]> {
    const { image, command, build } = LANGUAGES[language as keyof typeof LANGUAGES];
    const folder = stack.edgeNode.path(`${PROGRAMS}/${language}`);
    mkdirSync(folder, { recursive: true });
    await build(documented(language), folder);
    stack.cluster.apply(...workload(language, image, command));
    const [pod] = await stack.cluster.start('Deployment', EDGE, language);
    if (!pod) throw new Error(`no pod of ${language} was started`);
    return [language, pod];
  }

  const readings = (language: string) =>
    stack
      .pushed(pushgateway, 'meter_readings_total', ':9091/services/metrics')
      .then((lines) =>
        lines.find((line) => line.includes(`{hostname="${language}",instance="",job="meter"} `)),
      );

  test('go on while their password is refused', async () => {
    const refused = (agent: string) =>
      stack.ingress.accessLog.filter((line) => line.includes('" 401 ') && line.includes(`hostname/${agent}`));
    for (const [language] of services) {
      await eventually(`${language} is refused`, () => refused(language).length > 0);
    }
    expect(services.map(([, { containers }]) => containers[0]?.restarts)).toEqual(services.map(() => 0));
  });

  test.each(Object.keys(LANGUAGES))(
    'arrive from %s, once the password is right, without a restart',
    async (language) => {
      stack.setClientPassword(stack.credentials.password);
      const line = await eventually(`${language} has pushed`, () => readings(language));
      // Counts during the wrong password are not lost.
      expect(Number(line.split(' ').pop())).toBeGreaterThan(1);
      expect(services.find(([name]) => name === language)?.[1].containers[0]?.restarts).toBe(0);
    },
  );
});

/** Compiles the program in Java against the signatures of its library, and returns the arguments that run it. */
async function compileJava(folder: string): Promise<string[]> {
  writeFileSync(join(folder, 'Meter.java'), documented('java'));
  const signatures = join(__dirname, 'fixtures/java');
  const flags = ['-Xlint:all', '-Werror', '-d', folder, '--source-path', signatures];
  const built = await tryRun('javac', [...flags, join(folder, 'Meter.java')]);
  expect(built).toMatchObject({ code: 0, stderr: '' });
  return [program('java'), '-cp', folder, 'Meter'];
}

/** Writes or compiles a documented program, and returns the command that runs it on this machine. */
async function buildProgram(language: string, folder: string): Promise<string[]> {
  if (language === 'java') return compileJava(folder);
  await LANGUAGES[language as keyof typeof LANGUAGES].build(documented(language), folder);
  if (language === 'go') return [join(folder, 'meter')];
  return language === 'python' ? ['/usr/bin/python3', 'main.py'] : [process.execPath, 'main.js'];
}

describe('the documented programs in all languages, which push to an HTTP server', () => {
  const languages = [...Object.keys(LANGUAGES), 'java'];
  const folders: string[] = [];
  let server: Server;
  let pushes: IncomingMessage[];

  beforeEach(async () => {
    pushes = [];
    server = createServer((request, response) => {
      pushes.push(request);
      request.resume().on('end', () => response.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(() => {
    server.close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  /** Runs a program until its first push, which it sends after ten seconds. */
  async function firstPush(language: string, env: NodeJS.ProcessEnv): Promise<IncomingMessage> {
    const folder = mkdtempSync(join(tmpdir(), 'meter-'));
    folders.push(folder);
    const [file = '', ...args] = await buildProgram(language, folder);
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/services`;
    const child = spawn(file, args, {
      cwd: folder,
      env: { ...process.env, PUSHGATEWAY_URL: url, NODE_NAME: language, ...env },
      stdio: 'ignore',
    });
    try {
      return await eventually(`the program in ${language} pushes`, () =>
        pushes.find((push) => push.url === `/services/metrics/job/meter/hostname/${language}`),
      );
    } finally {
      child.kill();
    }
  }

  test('send no password if there is none, as on the host network', async () => {
    const sent = await Promise.all(languages.map((language) => firstPush(language, {})));
    expect(sent.map(({ headers }) => headers.authorization)).toEqual(languages.map(() => undefined));
  });

  test('send the user and the password in the folder of the credentials', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'credentials-'));
    folders.push(folder);
    writeFileSync(join(folder, 'username'), 'edge\n');
    writeFileSync(join(folder, 'password'), 'secret');
    const env = { PUSHGATEWAY_CREDENTIALS_DIR: folder };
    const sent = await Promise.all(languages.map((language) => firstPush(language, env)));
    const expected = `Basic ${Buffer.from('edge:secret').toString('base64')}`;
    expect(sent.map(({ headers }) => headers.authorization)).toEqual(languages.map(() => expected));
  });
});

/** An edge Deployment, connected as documented; its image trusts the CA of the test. */
function workload(language: string, image: string, command: string[]) {
  const chart = new Chart(new App(), language, { namespace: EDGE });
  const env = [
    { name: 'NODE_NAME', value: language },
    { name: 'SSL_CERT_FILE', value: AUTHORITIES },
    { name: 'NODE_EXTRA_CA_CERTS', value: AUTHORITIES },
  ];
  const workingDir = `${PROGRAMS}/${language}`;
  const volumeMounts = [{ name: 'program', mountPath: workingDir, readOnly: true }];
  const deployment = new k8s.KubeDeployment(chart, 'deployment', {
    metadata: { name: language },
    spec: {
      selector: { matchLabels: { app: language } },
      template: {
        metadata: { labels: { app: language } },
        spec: {
          nodeSelector: EDGE_NODE_LABELS,
          terminationGracePeriodSeconds: 1,
          containers: [{ name: 'meter', image, command, workingDir, env, volumeMounts }],
          volumes: [{ name: 'program', hostPath: { path: workingDir } }],
        },
      },
    },
  });
  const sink = {
    host: 'push.edge.example.com',
    basePath: '/services',
    credentialsSecretName: 'push-credentials',
  };
  fromPushgateway(sink).connect(deployment);
  return chart.toJson();
}

function copyTo(name: string) {
  return (code: string, folder: string): void => writeFileSync(join(folder, name), code);
}

function bundle(code: string, folder: string): void {
  const stdin = { contents: code, resolveDir: process.cwd() };
  buildSync({ stdin, bundle: true, platform: 'node', outfile: join(folder, 'main.js'), logLevel: 'error' });
}

/** Debian's Go libraries lie in a GOPATH. */
async function compileGo(code: string, folder: string): Promise<void> {
  writeFileSync(join(folder, 'main.go'), code);
  const env = { ...process.env, CGO_ENABLED: '0', GO111MODULE: 'off', GOPATH: '/usr/share/gocode' };
  const binary = join(folder, 'meter');
  const built = await tryRun('go', ['build', '-o', binary, join(folder, 'main.go')], { env });
  expect(built).toMatchObject({ code: 0, stderr: '' });
  chmodSync(binary, 0o755);
}
