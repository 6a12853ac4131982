import { type App, Chart, Testing } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { CloudChart, EdgeChart, Grafana, Platform, type PlatformProps, type Settings } from '../../lib';
import { runCommand } from '../../lib/tools/commands/program';
import { renderApp } from '../../lib/tools/synthesis/render';
import type { Manifest } from '../support/manifests';
import { createRecordedIo } from '../support/recorded-io';
import { minimalSettings } from '../support/settings';

const WORKLOADS = ['Deployment', 'StatefulSet'];

function synthesized(settings: Partial<Settings>): Manifest[] {
  const app = Testing.app();
  const all = { ...minimalSettings, ...settings };
  const { sinks: metrics, logs } = new CloudChart(app, 'cloud', { settings: all });
  new EdgeChart(app, 'edge', { settings: all, metrics, logs });
  return renderApp(app).map(({ manifest }) => manifest);
}

const podOf = (all: readonly Manifest[], name: string) =>
  all.find(({ kind, metadata }) => WORKLOADS.includes(kind) && metadata.name === name)?.spec.template.spec;

const termsOf = (pod: Manifest['spec']) =>
  pod.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;

const TAINT = { key: 'pool', value: 'observability', effect: 'NoSchedule' } as const;

describe('where workloads of the cloud run', () => {
  test('is the same for all of them, but for those that say otherwise', () => {
    const all = synthesized({
      scheduling: {
        nodeSelector: { pool: 'observability' },
        tolerations: [TAINT],
        workloads: { loki: { nodeSelector: { disk: 'large' } } },
      },
    });
    const cloud = all.filter(({ kind }) => WORKLOADS.includes(kind));
    expect(cloud.length).toBeGreaterThan(6);
    for (const { metadata, spec } of cloud) {
      const nodeSelector = metadata.name === 'loki' ? { disk: 'large' } : { pool: 'observability' };
      expect(spec.template.spec).toMatchObject({ nodeSelector, tolerations: [TAINT] });
    }
    for (const { spec } of all.filter(({ kind }) => kind === 'DaemonSet')) {
      expect(spec.template.spec.nodeSelector).toBeUndefined();
    }
  });

  test('stays off the edge in each alternative of an affinity', () => {
    const zone = (name: string) => ({
      matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: [name] }],
    });
    const nodeSelectorTerms = [zone('a'), zone('b')];
    const affinity = {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
    };
    const terms = termsOf(podOf(synthesized({ scheduling: { affinity } }), 'prometheus'));
    expect(terms).toHaveLength(2);
    for (const [index, { matchExpressions }] of terms.entries()) {
      expect(matchExpressions).toContainEqual({
        key: 'node-role.kubernetes.io/edge',
        operator: 'DoesNotExist',
      });
      expect(matchExpressions).toContainEqual(nodeSelectorTerms[index]?.matchExpressions[0]);
    }
  });

  test('replicas stay apart beside an affinity of pods that was given', () => {
    const podAffinityTerm = { topologyKey: 'rack', labelSelector: { matchLabels: { noisy: 'yes' } } };
    const podAntiAffinity = {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 5, podAffinityTerm }],
    };
    const pod = podOf(synthesized({ scheduling: { affinity: { podAntiAffinity } } }), 'push-guard');
    expect(
      pod.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution.map(
        ({ weight }: { weight: number }) => weight,
      ),
    ).toEqual([100, 5]);
  });

  test('of a workload that there is not is refused with the names that there are', () => {
    expect(() => synthesized({ scheduling: { workloads: { promethues: {} } } })).toThrow(
      /scheduling\.workloads\.promethues: this workload does not exist; allowed: alertmanager, .*prometheus/,
    );
  });

  test.each<[string, unknown]>([
    ['settings.scheduling.nodeSelector', { pool: 1 }],
    ['settings.scheduling.tolerations[0]', [{ operator: 'Exists', value: 'x' }]],
    ['settings.scheduling.affinity.nodeAffinty', { nodeAffinty: {} }],
    [
      'settings.scheduling.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms',
      { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } },
    ],
    [
      'settings.scheduling.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey',
      { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{}] } },
    ],
  ])('refuses %s', (path, value) => {
    const [, , option = ''] = path.split(/[.[]/);
    const scheduling = { [option]: value };
    expect(() => synthesized({ scheduling })).toThrow(path);
  });
});

describe('labels and annotations of all objects', () => {
  const commonLabels = { 'cost-center': '4711' };
  const commonAnnotations = { 'policy.example.com/owner': 'fleet' };

  test('are on each object and each pod of both sides, beside their own', () => {
    const plain = synthesized({});
    const all = synthesized({ commonLabels, commonAnnotations });
    expect(all).toHaveLength(plain.length);
    for (const [index, { kind, metadata, spec }] of all.entries()) {
      expect({ kind, metadata }).toMatchObject({
        metadata: { labels: commonLabels, annotations: commonAnnotations },
      });
      expect(metadata.labels).toMatchObject(plain[index]?.metadata.labels ?? {});
      const pods = spec?.template;
      if (!pods) continue;
      expect(pods.metadata).toMatchObject({ labels: commonLabels, annotations: commonAnnotations });
    }
  });

  test('are on the Secrets that credentials prints, too', () => {
    const environment = (app: App) => {
      new CloudChart(app, 'cloud', { settings: { ...minimalSettings, commonLabels, commonAnnotations } });
    };
    const { io, written } = createRecordedIo();
    runCommand(['credentials'], { environments: { north: environment }, io });
    const secrets = parseAllDocuments(written.stdout).map((document) => document.toJS());
    expect(secrets.length).toBeGreaterThan(1);
    for (const { metadata } of secrets)
      expect(metadata).toMatchObject({ labels: commonLabels, annotations: commonAnnotations });
  });

  test('change no selector, and no claim of a volume: both are immutable', () => {
    const immutable = (all: Manifest[]) =>
      all.map(({ spec }) => JSON.stringify([spec?.selector, spec?.volumeClaimTemplates]));
    expect(immutable(synthesized({ commonLabels, commonAnnotations }))).toEqual(immutable(synthesized({})));
  });

  test.each<[Partial<PlatformProps>]>([
    [{ commonLabels: { 'app.kubernetes.io/name': 'other' } }],
    [{ commonLabels: { team: 'a team' } }],
    [{ commonAnnotations: { 'argocd.argoproj.io/sync-wave': '3' } }],
    [{ commonAnnotations: { 'edge-observability.io/config-checksum': 'x' } }],
  ])('refuse keys that the stack sets itself, and values that are none: %j', (props) => {
    const chart = new Chart(Testing.app(), 'chart');
    const [option = ''] = Object.keys(props);
    expect(() => Platform.define(chart, props)).toThrow(option);
  });

  test('are on objects of constructs that stand alone in a chart of an app', () => {
    const chart = new Chart(Testing.app(), 'chart');
    Platform.define(chart, { commonLabels });
    new Grafana(chart, 'grafana');
    for (const { metadata } of Testing.synth(chart)) expect(metadata.labels).toMatchObject(commonLabels);
  });
});
