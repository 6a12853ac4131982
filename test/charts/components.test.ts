import { parse } from 'yaml';
import type { Settings } from '../../lib';
import type { CloudComponent } from '../../lib/cloud/cloud-component';
import { alertingRule } from '../../lib/core/alerts';
import { firstScrapeJobNameOfComponent, type RuledTargets } from '../../lib/core/component';
import { hostName, listRuleWithSingleError, objectName } from '../../lib/core/option-rules';
import { type OptionTable, optionsRule } from '../../lib/core/option-table';
import { panels } from '../../lib/core/panels';
import { defineNumberThreshold } from '../../lib/core/thresholds';
import { configFile, findOnly } from '../support/manifests';
import { minimalSettings } from '../support/settings';
import { refusalMessage } from '../support/synthesize';

type Library = typeof import('../../lib');
type Components = typeof import('../../lib/charts/components');
type Workloads = typeof import('../../lib/core/cloud-workload');

interface NtpSettings {
  readonly servers: readonly string[];
}

interface NtpEnvironment {
  readonly ntp?: NtpSettings;
  readonly secrets?: { readonly ntp?: string };
}

const NTP = { servers: { rule: listRuleWithSingleError(hostName) } } satisfies OptionTable<NtpSettings>;

/** A complete component that no file of the library names. */
const own: CloudComponent<
  { ntpOffset: number },
  RuledTargets,
  { ntp: { memory: number } },
  { ntp: { memory: `${number}Mi` } },
  NtpEnvironment
> = {
  settings: {
    own: { ntp: { rule: optionsRule<NtpSettings>(NTP), default: undefined } },
    secrets: { ntp: { rule: objectName, default: 'ntp-keys' } },
  },
  settingsProblems: ({ settings: { ntp, secrets } }) =>
    secrets?.ntp && !ntp
      ? ['settings.secrets.ntp has no effect; allowed: settings.ntp, or leave it out']
      : [],
  sizing: {
    needs: ({ groups }) => ({ ntp: { memory: 16 + (groups[0]?.nodes ?? 0) } }),
    rows: ({ ntp }) => [['ntp: memory', `${ntp.memory}Mi`]],
    sizes: ({ ntp }) => ({ ntp: { memory: `${ntp.memory}Mi` } }),
  },
  make: (scope, { settings: { ntp: settings, secrets } }, { ntp = { memory: '16Mi' } }) => {
    const { CloudWorkload }: Workloads = library('core/cloud-workload');
    const workload = new CloudWorkload(scope, 'ntp-exporter', {
      name: 'ntp',
      image: 'registry.example.com/ntp-exporter:1.4.0',
      uid: 65_534,
      ports: { http: 9559 },
      container: {
        args: [...(settings?.servers ?? [])],
        env: [{ name: 'KEYS', value: secrets?.ntp ?? 'ntp-keys' }],
        resources: { cpu: '10m', memory: ntp.memory },
      },
    });
    return [
      {
        component: 'ntp-exporter',
        scrapeServers: [workload.serverForNetworkPolicies('http')],
        scrapeConfigs: [
          { job_name: 'ntp', static_configs: [{ targets: [workload.serviceAddress('http')] }] },
        ],
      },
    ];
  },
  thresholds: { ntpOffset: defineNumberThreshold(1, 60, 5, 'seconds') },
  rules: (environment, { ntpOffset = 5 }) => [
    {
      ruleGroups: [
        {
          name: 'ntp',
          rules: [
            alertingRule('NtpOffset', {
              severity: 'warning',
              expr: `abs(ntp_offset_seconds{job="${firstScrapeJobNameOfComponent('ntp-exporter', environment)}"}) > ${ntpOffset}`,
              summary: 'The clock is off',
              description: 'By {{ $value }} seconds.',
            }),
          ],
        },
      ],
    },
  ],
  dashboards: () => [
    {
      dashboards: [
        {
          uid: 'ntp',
          title: 'NTP',
          description: 'Is the clock right?',
          rows: [
            {
              title: 'Offset',
              panels: [
                panels.timeseries('Offset', 'Seconds.', [
                  { expr: `ntp_offset_seconds{${panels.OF_CLUSTER}}` },
                ]),
              ],
            },
          ],
        },
      ],
    },
  ],
};

/** A library whose list has one component more. */
const library = <T extends object>(path: string): T => jest.requireActual(`../../lib/${path}`);

function libraryWithOwn(): Library {
  jest.resetModules();
  const { components, THRESHOLDS }: Components = library('charts/components');
  (components as object[]).push(own);
  Object.assign(THRESHOLDS, own.thresholds);
  return library('index');
}

const { CloudChart } = libraryWithOwn();
const { App }: typeof import('cdk8s') = jest.requireActual('cdk8s');

function chart(more: object) {
  const settings = { ...minimalSettings, edge: { fleet: { nodes: 12 } }, ...more } as Settings;
  return new CloudChart(new App(), 'cloud', { settings }).toJson();
}

describe('a component that is one folder and a line in the list', () => {
  const objects = chart({
    alerts: { thresholds: { ntpOffset: 9 } },
    ntp: { servers: ['ntp.example.com'] },
    secrets: { ntp: 'our-ntp-keys' },
  });

  test('is made, read and admitted', () => {
    expect(findOnly(objects, 'Deployment', 'ntp').metadata.namespace).toBe('monitoring');
    const { scrape_configs } = parse(configFile(objects, 'prometheus-config', 'prometheus-0.yaml'));
    expect(scrape_configs).toContainEqual(expect.objectContaining({ job_name: 'ntp' }));
    expect(JSON.stringify(findOnly(objects, 'NetworkPolicy', 'ntp').spec.ingress)).toContain('"port":9559');
  });

  test('has its settings, of its own and among those of all', () => {
    const [container] = findOnly(objects, 'Deployment', 'ntp').spec.template.spec.containers;
    expect(container.args).toEqual(['ntp.example.com']);
    expect(container.env).toContainEqual({ name: 'KEYS', value: 'our-ntp-keys' });
  });

  test('has its settings checked', () => {
    expect(refusalMessage(() => chart({ ntp: { servers: ['ntp.example.com'], server: 1 } }))).toContain(
      'settings.ntp.server is not an option; allowed: the options servers',
    );
    expect(refusalMessage(() => chart({ secrets: { ntp: 'No' } }))).toContain(
      'settings.secrets.ntp is "No"; allowed: ',
    );
  });

  test('has combinations of its settings checked', () => {
    expect(refusalMessage(() => chart({ secrets: { ntp: 'our-ntp-keys' } }))).toContain(
      'cloud: settings.secrets.ntp has no effect; allowed: settings.ntp, or leave it out',
    );
  });

  test('has its rules, with a threshold of the settings and its real name', () => {
    expect(configFile(objects, 'prometheus-rules', 'ntp.yaml')).toContain(
      'abs(ntp_offset_seconds{job="ntp"}) > 9',
    );
  });

  test('has the size that it says for the fleet, and its image', () => {
    const [container] = findOnly(objects, 'Deployment', 'ntp').spec.template.spec.containers;
    expect(container.resources.requests.memory).toBe('28Mi');
    expect(container.image).toBe('registry.example.com/ntp-exporter:1.4.0');
  });

  test('has its dashboard', () => {
    expect(findOnly(objects, 'ConfigMap', 'grafana-dashboard-ntp').data['ntp.json']).toContain(
      '"title": "NTP"',
    );
  });

  test('has its threshold checked', () => {
    expect(refusalMessage(() => chart({ alerts: { thresholds: { ntpOffset: 99 } } }))).toContain(
      'settings.alerts.thresholds.ntpOffset is 99; allowed: a number from 1 to 60 (seconds)',
    );
  });
});
