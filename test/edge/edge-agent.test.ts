import { fromLoki } from '../../lib';
import { ConfigReloader } from '../../lib/agents/config-reloader';
import { resolveAgentLayoutAndRegisterSecret } from '../../lib/edge/agent/agent-layout';
import { convertScriptToSidecarWithoutProxy, EdgeAgent } from '../../lib/edge/agent/edge-agent';
import { findOnly, type ManifestContainer, podOf, runningContainersOf } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';

/** An agent of the edge that the library does not have: it reads the journal. */
const objects = synthesizeChart(
  (chart) => {
    const sink = fromLoki({
      host: 'logs.example.com',
      credentialsSecretName: 'logs-credentials',
      groups: ['north'],
      privateCa: { configMapName: 'company-ca', key: 'ca.pem' },
    });
    const device = {
      ports: { logCollector: 9_999 },
      stateDirectory: '/data',
      httpProxy: { address: 'http://proxy.example.com:3128' },
    };
    const pods = { nodeSelector: { site: 'north' }, device };
    const layout = resolveAgentLayoutAndRegisterSecret(
      chart,
      {
        ...pods,
        sink,
        name: 'journal-reader-north',
        family: 'journal-reader',
        namespace: 'monitoring-edge',
        group: 'north',
      },
      { folder: 'journal', port: 'logCollector' },
    );
    const { mounts } = layout;
    new EdgeAgent(chart, 'journal', {
      layout,
      pods,
      files: () => ({ 'journal.yaml': `url: ${layout.endpoint.url}\n` }),
      container: {
        name: 'journal',
        image: 'registry.example.com/journal:1.0.0',
        args: [
          `--config=${layout.dirs.config}/journal.yaml`,
          `--state=${layout.dirs.state}`,
          `--ca=${layout.caFile}`,
        ],
        resources: { cpu: '10m', memory: '16Mi' },
        volumeMounts: [mounts.config, ...mounts.login, mounts.state, ...mounts.ca],
      },
      sidecars: [
        convertScriptToSidecarWithoutProxy(
          new ConfigReloader(chart, 'reloader', {
            agent: layout.family,
            namespace: layout.namespace,
            mounts: [mounts.config, ...mounts.login],
            reloadUrl: layout.urlOf('/reload'),
          }),
        ),
      ],
    });
  },
  { platform: { cluster: 'north' } },
);
const daemonSet = findOnly(objects, 'DaemonSet');
const [agent, reloader] = runningContainersOf(daemonSet) as [ManifestContainer, ManifestContainer];

test('has the files of its configuration, the Secret of its group, the authority, and a folder of the device', () => {
  expect(findOnly(objects, 'ConfigMap', 'journal-reader-north-config').data).toEqual({
    'journal.yaml': 'url: https://logs.example.com\n',
  });
  expect(podOf(daemonSet).volumes).toEqual(
    expect.arrayContaining([
      { name: 'config', configMap: { name: 'journal-reader-north-config', defaultMode: 0o444 } },
      { name: 'credentials', secret: { secretName: 'logs-credentials-north', defaultMode: 0o440 } },
      { name: 'state', hostPath: { path: '/data/journal-reader', type: 'DirectoryOrCreate' } },
    ]),
  );
  expect(agent.args).toContain('--ca=/etc/journal/ca/ca.pem');
  expect(agent.volumeMounts).toContainEqual({ name: 'ca', mountPath: '/etc/journal/ca', readOnly: true });
});

test('knows its node, listens on its loopback address alone, and reaches the cloud by the proxy of the device', () => {
  expect(agent.ports).toEqual([
    { name: 'http', containerPort: 9_999, hostPort: 9_999, hostIP: '127.0.0.1', protocol: 'TCP' },
  ]);
  expect(agent.env).toContainEqual({ name: 'HTTPS_PROXY', value: 'http://proxy.example.com:3128' });
  expect(agent.env).toContainEqual({
    name: 'NODE_NAME',
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } },
  });
});

test('reads its files again when they change, and shows which pods run older scripts', () => {
  expect(reloader.env).toContainEqual({ name: 'RELOAD_URL', value: 'http://127.0.0.1:9999/reload' });
  expect(reloader.env).not.toContainEqual(expect.objectContaining({ name: 'HTTPS_PROXY' }));
  expect(daemonSet.spec.template.metadata.annotations['checksum/config']).toMatch(/^[0-9a-f]{16}$/);
  expect(podOf(daemonSet)).toMatchObject({ shareProcessNamespace: true, securityContext: { runAsUser: 0 } });
});
