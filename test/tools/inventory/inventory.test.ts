import { ApiObject, type App, Chart } from 'cdk8s';
import { CloudChart, EdgeChart, envoyGateway, nodeCertificate, type Settings, traefik } from '../../../lib';
import { type ImageMirror, replaceRegistryWithMirror } from '../../../lib/core/mirrors';
import { imageCopyCommands } from '../../../lib/tools/inventory/copy-commands';
import { createInventory } from '../../../lib/tools/inventory/inventory';
import { imagesOfManifest as imagesOf } from '../../../lib/tools/synthesis/pods';
import type { SourcedEnvironment } from '../../../lib/tools/synthesis/summary';
import { renderEnvironments } from '../../../lib/tools/synthesis/synthesize';
import { NODE_CA } from '../../support/node-ca';
import { minimalSettings } from '../../support/settings';

const renderEnvironment = (north: (app: App) => void) =>
  renderEnvironments({ north })[0] as SourcedEnvironment;

const renderStack = (settings: Settings) =>
  renderEnvironment((app) => {
    const cloud = new CloudChart(app, 'cloud', { settings });
    new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
  });

/** Returns the inventory of an environment that consists of these objects. */
function inventoryOf(...objects: { kind: string; [field: string]: unknown }[]) {
  const north = renderEnvironment((app) => {
    const chart = new Chart(app, 'cloud');
    objects.forEach((object, index) => {
      const metadata = { name: `object-${index}`, namespace: 'monitoring' };
      new ApiObject(chart, `${index}`, { apiVersion: 'v1', metadata, ...object });
    });
  });
  const { images, environments } = createInventory([north]);
  const [environment] = environments;
  if (!environment) throw new Error('there is no environment');
  return { images, ...environment };
}

const createPod = (image: string, cpu = '100m') => ({
  template: {
    spec: {
      containers: [
        { name: 'a', image, resources: { requests: { cpu, memory: '1Mi' }, limits: { memory: '2Mi' } } },
      ],
    },
  },
});

describe('images', () => {
  test('are each said once, with everything that runs it, also at first and now and then', () => {
    const { images } = inventoryOf(
      { kind: 'Deployment', spec: createPod('example.com/b:1') },
      {
        kind: 'DaemonSet',
        spec: {
          template: {
            spec: {
              ...createPod('example.com/b:1').template.spec,
              initContainers: [{ name: 'i', image: 'example.com/a:1' }],
            },
          },
        },
      },
      { kind: 'CronJob', spec: { jobTemplate: { spec: createPod('example.com/c:1') } } },
    );
    expect(images).toEqual([
      { image: 'example.com/a:1', usedBy: ['north/cloud/DaemonSet/object-1'] },
      {
        image: 'example.com/b:1',
        usedBy: ['north/cloud/Deployment/object-0', 'north/cloud/DaemonSet/object-1'],
      },
      { image: 'example.com/c:1', usedBy: ['north/cloud/CronJob/object-2'] },
    ]);
  });

  describe.each<[string, ImageMirror]>([
    ['one mirror for all', 'harbor.example.com/edge'],
    [
      'a mirror for each registry',
      {
        'docker.io': 'harbor.example.com/dockerhub',
        'quay.io': 'harbor.example.com/quay',
        'registry.k8s.io': 'registry.k8s.io',
      },
    ],
  ])('with %s', (_, mirror) => {
    const overrides = { loki: 'r.example.com/loki:3.8.0' };
    const plain = renderStack({ ...minimalSettings, images: { overrides } });
    const set = renderStack({ ...minimalSettings, images: { mirror, overrides } });

    test('that is considered stand where the setting makes pods look for them', () => {
      const considered = createInventory([plain], mirror).images;
      const pulled = createInventory([set]).images.map(({ image }) => image);
      expect(considered.map((image) => image.mirror).sort()).toEqual(pulled.sort());
      expect(pulled).toContain('r.example.com/loki:3.8.0');
    });

    test('that is set are copied as with one that is considered: all but what is there already', () => {
      const ofSetting = imageCopyCommands(createInventory([set]).images, 'crane');
      expect(ofSetting.sort()).toEqual(
        imageCopyCommands(createInventory([plain], mirror).images, 'crane').sort(),
      );
      const pairs = ofSetting.map((line) => line.split(' ').slice(2));
      const used = set.objects.flatMap(({ manifest }) => imagesOf(manifest));
      const copied = [...new Set(used)].filter((image) => /^harbor/.test(image));
      expect(pairs.map(([, copy]) => copy).sort()).toEqual(copied.sort());
      expect(pairs.flatMap(([source]) => source)).not.toContain('r.example.com/loki:3.8.0');
    });
  });

  test('are copied by their digest where they have one, to a tag', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const image = `quay.io/a/b:1@${digest}`;
    const lines = (tool: string, name = image) =>
      imageCopyCommands(
        [{ image: replaceRegistryWithMirror(name, 'r.example.com'), source: name, usedBy: [] }],
        tool,
      );
    expect(lines('skopeo')).toEqual([
      `skopeo copy --all --preserve-digests docker://quay.io/a/b@${digest} docker://r.example.com/a/b:1`,
    ]);
    expect(lines('crane', `quay.io/a/b@${digest}`)).toEqual([
      `crane copy quay.io/a/b@${digest} r.example.com/a/b:sha256-${'0'.repeat(64)}`,
    ]);
    expect(lines('docker', 'docker.io/node:1')).toEqual([
      'docker buildx imagetools create --prefer-index=false --tag r.example.com/library/node:1 docker.io/library/node:1',
    ]);
  });
});

describe('what is asked for', () => {
  test('counts replicas in the cloud, and the volumes of each', () => {
    const { cloud } = inventoryOf(
      { kind: 'Deployment', spec: { replicas: 3, ...createPod('example.com/a:1', '200m') } },
      {
        kind: 'StatefulSet',
        spec: {
          ...{ replicas: 2, ...createPod('example.com/a:1') },
          volumeClaimTemplates: [{ spec: { resources: { requests: { storage: '2Gi' } } } }],
        },
      },
      { kind: 'PersistentVolumeClaim', spec: { resources: { requests: { storage: '1Gi' } } } },
    );
    expect(cloud).toEqual({
      cpu: expect.closeTo(0.8),
      memory: 5 * 2 ** 20,
      memoryLimit: 10 * 2 ** 20,
      storage: 5 * 2 ** 30,
      workloads: ['Deployment/object-0', 'StatefulSet/object-1'],
    });
  });

  test('tells the cloud side, each cloud node and each edge node apart', () => {
    const [inventory] = createInventory([renderStack(minimalSettings)]).environments;
    expect(inventory?.cloud.workloads).toContain('StatefulSet/prometheus');
    expect(inventory?.eachCloudNode.workloads).toContain('DaemonSet/node-exporter');
    expect(inventory?.eachEdgeNode).toMatchObject([
      {
        architectures: ['amd64', 'arm64', 'arm'],
        workloads: expect.arrayContaining(['DaemonSet/edge-node-exporter']),
      },
    ]);
  });
});

describe('what can be reached from outside', () => {
  const addresses = (settings: Settings) =>
    createInventory([renderStack(settings)]).environments.flatMap(({ endpoints }) =>
      endpoints.map(({ address, paths, tlsSecret }) => [address, paths, tlsSecret]),
    );

  test('are the hosts of Ingresses with their paths and certificates, and ports of nodes', () => {
    expect(addresses(minimalSettings)).toEqual(
      expect.arrayContaining([
        ['push.example.com', ['/metrics', '/services/metrics'], 'push-tls'],
        ['logs.example.com', ['/loki/api/v1/push'], 'logs-tls'],
        ['IP of the node:9100', undefined, undefined],
        ['127.0.0.1:9100', undefined, undefined],
      ]),
    );
  });

  test('are the hosts of routes, too', () => {
    expect(addresses({ ...minimalSettings, ingress: { controller: envoyGateway() } })).toContainEqual([
      'logs.example.com',
      ['/loki/api/v1/push'],
      'logs-tls',
    ]);
  });

  test.each([
    ['TLSRoute', envoyGateway()],
    ['IngressRouteTCP', traefik()],
  ])(
    'are the hosts whose TLS is passed on by a %s, with the paths that the guard serves',
    (_, controller) => {
      const ingress = { controller, authentication: nodeCertificate({ ca: NODE_CA }) };
      expect(addresses({ ...minimalSettings, ingress })).toContainEqual([
        'logs.example.com',
        ['/loki/api/v1/push'],
        undefined,
      ]);
    },
  );

  test('are Services that ask for a port of the nodes or an address', () => {
    const { endpoints } = inventoryOf(
      { kind: 'Service', spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }, { port: 81 }] } },
      { kind: 'Service', spec: { type: 'LoadBalancer', ports: [{ port: 443 }] } },
      { kind: 'Service', spec: { type: 'ClusterIP', ports: [{ port: 443 }] } },
    );
    expect(endpoints.map(({ address, by }) => [address, by])).toEqual([
      ['every node:30080', 'Service monitoring/object-0'],
      ['every node:port that Kubernetes assigns', 'Service monitoring/object-0'],
      ['load balancer:443', 'Service monitoring/object-1'],
    ]);
  });
});

test('permissions say who may do what, where, and by which role', () => {
  const subjects = [
    { kind: 'ServiceAccount', namespace: 'monitoring', name: 'a' },
    { kind: 'User', name: 'b' },
  ];
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
  const { permissions } = inventoryOf(
    { kind: 'Role', metadata: { name: 'r', namespace: 'monitoring' }, rules },
    { kind: 'RoleBinding', subjects, roleRef: { kind: 'Role', name: 'r' } },
    { kind: 'ClusterRoleBinding', subjects: [subjects[1]], roleRef: { kind: 'ClusterRole', name: 'view' } },
  );
  expect(permissions).toEqual([
    { subject: 'ServiceAccount monitoring/a', role: 'Role r', namespace: 'monitoring', rules },
    { subject: 'User b', role: 'ClusterRole view' },
    { subject: 'User b', role: 'Role r', namespace: 'monitoring', rules },
  ]);
});
