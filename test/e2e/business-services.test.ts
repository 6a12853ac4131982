import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-25';
import { buildSync } from 'esbuild';
import { fromPushgateway } from '../../lib';
import type { Pod } from '../runtime/pod';
import { tryRun } from '../runtime/programs';
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

test('the lines for Java compile against the signatures of its library', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'java-'));
  try {
    writeFileSync(join(folder, 'Meter.java'), documented('java'));
    const signatures = join(__dirname, 'fixtures/java');
    const arguments_ = ['-Xlint:all', '-Werror', '-d', folder, '--source-path', signatures];
    expect(await tryRun('javac', [...arguments_, join(folder, 'Meter.java')])).toMatchObject({
      code: 0,
      stderr: '',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
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
