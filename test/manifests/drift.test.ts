import { App, Testing } from 'cdk8s';
import { CloudChart, EdgeChart, envoyGateway, type Settings, traefik } from '../../lib';
import { missingDefaults, unusualQuantities } from '../support/api-defaults';
import { EXAMPLE_NAMES, exampleManifests } from '../support/examples';
import type { Manifest } from '../support/manifests';
import { allSettings, minimalSettings } from '../support/settings';

function made(settings: Settings): Manifest[] {
  const app = new App();
  const cloud = new CloudChart(app, 'cloud', { settings });
  const edge = new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
  return [...Testing.synth(cloud), ...Testing.synth(edge)];
}

/** Every kind that the stack can be made of. */
const environments: [string, Manifest[]][] = [
  ...EXAMPLE_NAMES.map((name): [string, Manifest[]] => [`the example ${name}`, exampleManifests(name)]),
  ['an environment with every setting', made(allSettings)],
  [
    'an environment behind Envoy Gateway, with a store of Secrets',
    made({
      ...minimalSettings,
      ingress: { controller: envoyGateway() },
      secretStore: { name: 'vault' },
    }),
  ],
  ['an environment behind Traefik', made({ ...minimalSettings, ingress: { controller: traefik() } })],
];

const broken = (manifests: readonly Manifest[], problemsOf: (manifest: Manifest) => string[]) =>
  manifests.flatMap((manifest) =>
    problemsOf(manifest).map((problem) => `${manifest.kind} ${manifest.metadata.name}: ${problem}`),
  );

describe.each(environments)('after %s is applied, Argo CD shows no difference', (_, manifests) => {
  test('by a field that the API server fills in', () => {
    expect(broken(manifests, missingDefaults)).toEqual([]);
  });

  test('by a quantity that the API server writes in another form', () => {
    expect(broken(manifests, unusualQuantities)).toEqual([]);
  });

  test('by a null that the API server drops', () => {
    expect(
      manifests.filter((manifest) => /:null[,}]/.test(JSON.stringify({ ...manifest, data: {} }))),
    ).toEqual([]);
  });
});

test('what is looked for is found', () => {
  const [statefulSet] = made(minimalSettings).filter(({ kind }) => kind === 'StatefulSet');
  if (!statefulSet) throw new Error('there is no StatefulSet');
  const [claim] = statefulSet.spec.volumeClaimTemplates;
  const spec = { ...statefulSet.spec, volumeClaimTemplates: [{ ...claim, kind: undefined }] };
  expect(missingDefaults({ ...statefulSet, spec })).toEqual(['spec.volumeClaimTemplates.kind']);
  const requests = {
    cpu: '1000m',
    memory: '1024Mi',
    storage: '1.5Gi',
    fine: '100m',
    too: '512Mi',
    whole: '2',
  };
  expect(unusualQuantities({ ...statefulSet, spec: { requests } })).toEqual(['1000m', '1024Mi', '1.5Gi']);
});
