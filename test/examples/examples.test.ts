import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { codeBlocks } from '../support/code-blocks';
import { configFile, findOnly, type Manifest, podOf, runningContainersOf } from '../support/manifests';

const FOLDER = 'examples';
const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.ts'))
  .sort();
const textOf = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

/** The lines of a program that matter: no imports, comments, or empty lines. */
function linesOf(text: string): string[] {
  const program = text.replaceAll(/^import [\s\S]*?;$/gm, '').replaceAll(/^\s*\/\/.*$/gm, '');
  return program.split('\n').filter((line) => line.trim());
}

/** Purpose of each example, asserted on its objects. */
const EFFECTS: Readonly<Record<string, (objects: readonly Manifest[]) => void>> = {
  'settings.ts': (objects) => {
    expect(configFile(objects, 'edge-metrics-agent-config', 'scrape.yaml')).toContain('scrape_interval: 30s');
    expect(configFile(objects, 'edge-log-collector-config', 'fluent-bit.yaml')).toContain('level=debug');
    expect(configFile(objects, 'prometheus-rules', 'edge-storage.yaml')).toContain('ratio < 0.15');
    const all = JSON.stringify(findOnly(objects, 'ConfigMap', 'prometheus-rules').data);
    const silent = all.slice(all.indexOf('alert: EdgeNodeSilent\\n'));
    expect(silent.match(/ for: \w+/)?.[0]).toBe(' for: 15m');
  },
  'props.ts': (objects) => {
    const daemonSet = findOnly(objects, 'DaemonSet');
    expect(daemonSet.spec.updateStrategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: '10%' },
    });
    expect(podOf(daemonSet).nodeSelector).toEqual({ 'example.com/site': 'plant' });
    const [exporter] = runningContainersOf(daemonSet);
    expect(exporter?.args).toEqual(
      expect.arrayContaining(['--collector.disable-defaults', '--collector.textfile']),
    );
  },
  'json-patch.ts': (objects) => {
    expect(podOf(findOnly(objects, 'DaemonSet')).hostAliases).toEqual([
      { ip: '203.0.113.7', hostnames: ['push.example.com'] },
    ]);
  },
  'gpu-exporter.ts': (objects) => {
    const daemonSet = findOnly(objects, 'DaemonSet');
    const { nodeSelector, securityContext, volumes } = podOf(daemonSet);
    const [exporter, push] = runningContainersOf(daemonSet);
    expect(nodeSelector).toEqual({ 'example.com/device': 'jetson' });
    expect(securityContext).toMatchObject({ runAsUser: 0 });
    expect(exporter).toMatchObject({
      args: ['--port=9401'],
      securityContext: { capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
    });
    expect(volumes).toContainEqual({ name: 'jtop', hostPath: { path: '/run/jtop.sock', type: 'Socket' } });
    expect(push?.env).toContainEqual({ name: 'JOB', value: 'jetson-exporter' });
  },
  'grafana.ts': (objects) => {
    const settings = configFile(objects, 'grafana-config', 'grafana.ini');
    expect(settings).toContain('client_secret = $__file{/etc/grafana/secrets/github}');
    expect(settings).toContain('password = $__file{/etc/grafana/secrets/smtp}');
    expect(configFile(objects, 'grafana-datasources', 'datasources.yaml')).toContain('type: tempo');
    expect(configFile(objects, 'grafana-dashboards', 'dashboards.yaml')).toContain('folder: Plants');
  },
  'ingress-controller.ts': (objects) => {
    const { metadata, spec } = findOnly(objects, 'Ingress');
    expect(metadata.annotations).toEqual({
      'nginx.org/client-max-body-size': '8m',
      'nginx.org/basic-auth-secret': 'push-users',
    });
    expect(spec.ingressClassName).toBe('nginx');
    expect(spec.rules[0].http.paths).not.toHaveLength(0);
    const admitted = JSON.stringify(objects.filter(({ kind }) => kind === 'NetworkPolicy'));
    expect(admitted).toContain('"nginx-ingress"');
  },
  'log-agent.ts': (objects) => {
    const [agent] = runningContainersOf(findOnly(objects, 'DaemonSet'));
    expect(agent).toMatchObject({
      image: 'registry.example.com/fluent-bit:5.1.3-1',
      args: ['--config=/etc/log-agent/config/masking.yaml'],
    });
    const names = Object.keys(findOnly(objects, 'ConfigMap', 'edge-log-collector-config').data);
    expect(names).toEqual(
      expect.arrayContaining(['fluent-bit.yaml', 'name.lua', 'mask.lua', 'masking.yaml']),
    );
  },
  'sink.ts': (objects) => {
    const [exporter, ...sidecars] = runningContainersOf(findOnly(objects, 'DaemonSet'));
    expect(sidecars).toEqual([]);
    expect(exporter?.ports).toEqual([
      { name: 'metrics', containerPort: 9800, hostPort: 9800, hostIP: '127.0.0.1', protocol: 'TCP' },
    ]);
    expect(configFile(objects, 'agent-targets', 'modem.json')).toBe(
      '[{"targets":["127.0.0.1:9800"],"labels":{"job":"modem"}}]',
    );
  },
  'sites.ts': (objects) => {
    const exporters = objects.filter(
      ({ kind, metadata }) => kind === 'DaemonSet' && metadata.name === 'edge-node-exporter',
    );
    const hosts = exporters.map((exporter) => JSON.stringify(exporter).match(/push\.\w+\.example\.com/)?.[0]);
    expect(hosts).toEqual(['push.north.example.com', 'push.south.example.com']);
  },
  'alert.ts': (objects) => {
    const rule = configFile(objects, 'prometheus-rules', 'jetson.yaml');
    expect(rule).toContain('alert: JetsonHot');
    expect(rule).toContain('edge_node:fresh');
    expect(rule).toContain('runbook_url: https://wiki.example.com/jetson-hot');
  },
  'dashboard.ts': (objects) => {
    const dashboard = objects.find(({ data }) =>
      JSON.stringify(data ?? {}).includes('Temperature of the GPU'),
    );
    const [text = ''] = Object.values<string>(dashboard?.data ?? {});
    expect(JSON.parse(text)).toMatchObject({ uid: 'jetson', title: 'Jetson' });
    expect(text).toContain('node=~\\"$node\\"');
  },
};

test('every example is asserted to do what it is for', () => {
  expect(Object.keys(EFFECTS).sort()).toEqual(files);
});

test.each(files)('%s does', (file) => {
  EFFECTS[file]?.(objectsOf(file));
});

test.each(files)('%s has at most fifteen lines that matter', (file) => {
  expect(linesOf(textOf(file)).length).toBeLessThanOrEqual(15);
});

test('docs/extending.md shows each of them, as it is', () => {
  const shown = codeBlocks('docs/extending.md').filter(({ language }) => language === 'ts');
  expect(shown.map(({ code }) => code).sort()).toEqual(files.map(textOf).sort());
});

/** The objects that an example writes. */
function objectsOf(file: string): Manifest[] {
  const before = process.env.CDK8S_OUTDIR;
  const dist = mkdtempSync(join(tmpdir(), 'example-'));
  process.env.CDK8S_OUTDIR = dist;
  try {
    require(resolve(FOLDER, file));
    const texts = readdirSync(dist).map((name) => readFileSync(join(dist, name), 'utf8'));
    return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));
  } finally {
    if (before === undefined) delete process.env.CDK8S_OUTDIR;
    else process.env.CDK8S_OUTDIR = before;
    rmSync(dist, { recursive: true });
  }
}
