import { readdirSync, readFileSync } from 'node:fs';
import { Testing } from 'cdk8s';
import { parse, parseAllDocuments } from 'yaml';
import { NodeGroup } from '../imports/apps.kubeedge.io';
import { Application } from '../imports/argoproj.io';
import { Certificate } from '../imports/cert-manager.io';

const crdFiles = readdirSync('imports/crds');

test('cdk8s.yaml names every CRD file, each of one API group, of which there are types', () => {
  expect(parse(readFileSync('cdk8s.yaml', 'utf8')).imports).toEqual(
    crdFiles.map((file) => `imports/crds/${file}`),
  );
  for (const file of crdFiles) {
    const documents = parseAllDocuments(readFileSync(`imports/crds/${file}`, 'utf8'));
    const groups = new Set(documents.map((document) => document.getIn(['spec', 'group'])));
    expect([...groups]).toEqual([file.replace('.yaml', '')]);
  }
  const generated = readdirSync('imports').filter((file) => file.endsWith('.ts'));
  expect(generated).toEqual(crdFiles.map((file) => file.replace('.yaml', '.ts')));
});

test('what a chart makes of them is the manifest, with the names of the API', () => {
  const chart = Testing.chart();
  new NodeGroup(chart, 'north', { spec: { nodes: ['edge-1'], matchLabels: { site: 'north' } } });
  new Certificate(chart, 'push', {
    spec: { secretName: 'push-tls', isCa: false, issuerRef: { name: 'letsencrypt', kind: 'ClusterIssuer' } },
  });
  const source = { repoUrl: 'https://git.example.com/a.git', path: 'dist' };
  new Application(chart, 'cloud', { spec: { project: 'a', source, destination: { name: 'b' } } });
  expect(Testing.synth(chart).map(({ apiVersion, kind, spec }) => ({ apiVersion, kind, spec }))).toEqual([
    {
      apiVersion: 'apps.kubeedge.io/v1alpha1',
      kind: 'NodeGroup',
      spec: { nodes: ['edge-1'], matchLabels: { site: 'north' } },
    },
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      spec: {
        secretName: 'push-tls',
        isCA: false,
        issuerRef: { name: 'letsencrypt', kind: 'ClusterIssuer' },
      },
    },
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      spec: {
        project: 'a',
        source: { repoURL: 'https://git.example.com/a.git', path: 'dist' },
        destination: { name: 'b' },
      },
    },
  ]);
});
