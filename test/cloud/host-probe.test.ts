import { App } from 'cdk8s';
import { parse } from 'yaml';
import { CloudChart, HostProbe, type Settings } from '../../lib';
import { configFile, findOnly, type Manifest, podOf } from '../support/manifests';
import { minimalSettings } from '../support/settings';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

function probed(more: Partial<Settings>): Manifest[] {
  return new CloudChart(new App(), 'cloud', {
    settings: { ...minimalSettings, hostProbe: {}, ...more },
  }).toJson();
}

const jobOf = (objects: Manifest[]) =>
  parse(configFile(objects, 'prometheus-config', 'prometheus.yaml')).scrape_configs.find(
    ({ job_name }: { job_name: string }) => job_name === 'cloud-host-probe',
  );

const moduleOf = (objects: Manifest[]) =>
  parse(configFile(objects, 'cloud-host-probe-config', 'blackbox.yml')).modules.asks_for_password.http;

test('every public host is probed, on the paths that edge nodes push to', () => {
  const edge: Settings['edge'] = { groups: [{ name: 'north', transport: 'remote-write' }] };
  const objects = probed({ edge, hosts: { ...minimalSettings.hosts, grafana: 'grafana.example.com' } });
  expect(jobOf(objects).static_configs).toEqual([
    {
      targets: [
        'https://push.example.com/metrics/job/host-probe',
        'https://push.example.com/api/v1/write',
        'https://logs.example.com/loki/api/v1/push?client=docker-driver',
        'https://grafana.example.com/',
      ],
    },
  ]);
});

test('a host must refuse who has no password, with a certificate of a public authority or of a private one', () => {
  expect(moduleOf(probed({}))).toMatchObject({ valid_status_codes: [401], fail_if_not_ssl: true });
  expect(moduleOf(probed({})).tls_config).toBeUndefined();
  const objects = probed({ privateCa: { configMapName: 'our-ca', key: 'ca.crt' } });
  const pod = podOf(findOnly(objects, 'Deployment', 'cloud-host-probe'));
  const [{ name }] = pod.volumes.filter(
    ({ configMap }: { configMap?: { name: string } }) => configMap?.name === 'our-ca',
  );
  const [{ mountPath }] = pod.containers[0].volumeMounts.filter((one: { name: string }) => one.name === name);
  expect(moduleOf(objects).tls_config).toEqual({ ca_file: `${mountPath}/ca.crt` });
});

test('nothing is probed, and no alert about it is there, where settings do not ask for it', () => {
  const objects = new CloudChart(new App(), 'cloud', { settings: minimalSettings }).toJson();
  expect(JSON.stringify(objects)).not.toMatch(/host-probe|PublicHost/);
  expect(JSON.stringify(probed({}))).toMatch(/PublicHostFailing.*PublicHostCertificateExpiring/);
});

test('an address without TLS is refused', () => {
  const make = () =>
    synthesizeChart((chart) => new HostProbe(chart, 'p', { urls: ['http://push.example.com/'] }));
  expect(refusalMessage(make)).toContain(
    'urls[0] is "http://push.example.com/"; allowed: a URL that begins with https://',
  );
});
