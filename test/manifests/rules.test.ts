import { createHash } from 'node:crypto';
import { allowsNode } from '../runtime/scheduling';
import { EXAMPLE_NAMES, exampleManifests } from '../support/examples';
import {
  allFields,
  containersOf,
  findOnly,
  type Manifest,
  podOf,
  runsOnEdge,
  workloads,
} from '../support/manifests';
import { randomParts } from '../support/randomness';

const each = (objects: readonly Manifest[]) =>
  test.each(
    objects.map(
      (object) => [`${object.kind} ${object.metadata.namespace}/${object.metadata.name}`, object] as const,
    ),
  );

/** Pods that need more than their namespace's neighbours, and why. */
// Container logs are readable by root only.
const RUNS_AS_ROOT = [
  'log-collector',
  'edge-log-collector',
  // So is the folder on the host with its queue.
  'edge-metrics-agent',
];

const CLOUD_NODE = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };
const EDGE_NODE = { ...CLOUD_NODE, 'node-role.kubernetes.io/edge': '' };

const CLUSTER_SCOPED = ['Namespace', 'ClusterRole', 'ClusterRoleBinding'];

describe.each(EXAMPLE_NAMES)('the example %s', (example) => {
  const all = exampleManifests(example);
  const running = workloads(all);
  const edge = running.filter(runsOnEdge);
  const cloud = running.filter((workload) => !runsOnEdge(workload));

  test('it has an edge and a cloud', () => {
    expect(edge.length).toBeGreaterThan(0);
    expect(cloud.length).toBeGreaterThan(5);
  });

  describe('no secret stands in the manifests', () => {
    test('no Secret object is synthesized', () => {
      expect(all.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    });

    test('what looks random is found: passwords of 128 bits and more, and digests', () => {
      const digests = Array.from({ length: 200 }, (_, index) =>
        createHash('sha256').update(`${index}`).digest(),
      );
      const passwords = digests.flatMap((digest) => [
        digest.subarray(0, 24).toString('base64url'),
        digest.subarray(0, 16).toString('hex'),
        digest.toString('base64'),
      ]);
      expect(passwords.filter((password) => randomParts(`password: ${password}\n`).length === 0)).toEqual([]);
    });

    each(all)('%s holds no password, hash or key', (_, object) => {
      const text = JSON.stringify(object);
      expect(randomParts(text)).toEqual([]);
      expect(text).not.toMatch(/\$apr1\$|\$2[aby]\$|\{SHA\}|-----BEGIN/);
      expect(text).not.toMatch(/:\/\/[^/"\s]*:[^/"\s]*@/);
    });

    each(running)('%s takes secrets from mounted folders only', (_, workload) => {
      const names = allFields(podOf(workload)).map(([name]) => name);
      expect(names).not.toContain('secretKeyRef');
      expect(names).not.toContain('secretRef');
      expect(names).not.toContain('subPath');
    });
  });

  describe('every container is hardened', () => {
    each(running)('%s asks for resources and limits its memory', (_, workload) => {
      for (const { resources } of containersOf(workload)) {
        expect(Object.keys(resources.requests)).toEqual(['cpu', 'memory']);
        expect(resources.limits).toHaveProperty('memory');
      }
    });

    each(running)('%s has a read-only root, no privileges and no capabilities', (_, workload) => {
      for (const { securityContext } of containersOf(workload)) {
        expect(securityContext).toMatchObject({
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        });
        expect(securityContext?.capabilities?.add).toBeUndefined();
        expect(securityContext?.privileged).toBeUndefined();
      }
      expect(podOf(workload).securityContext.seccompProfile).toEqual({ type: 'RuntimeDefault' });
    });

    each(running)('%s runs as root only where the job needs it', (_, workload) => {
      const { runAsNonRoot, runAsUser } = podOf(workload).securityContext;
      if (RUNS_AS_ROOT.some((name) => `${workload.metadata.name}-`.startsWith(`${name}-`)))
        expect(runAsUser).toBe(0);
      else {
        expect(runAsNonRoot).toBe(true);
        expect(runAsUser).toBeGreaterThan(0);
      }
    });

    each(running)('%s runs a version that cannot change', (_, workload) => {
      for (const { image } of containersOf(workload))
        expect(image).toMatch(/:v?\d+\.\d+\.\d+(-[a-z0-9.-]+)?$/);
    });

    each(running)('%s passes the Pod Security level of its namespace', (_, workload) => {
      const { labels = {} } = findOnly(all, 'Namespace', workload.metadata.namespace).metadata;
      const pod = podOf(workload);
      const needsHost =
        pod.hostNetwork || pod.hostPID || pod.volumes.some((volume: object) => 'hostPath' in volume);
      expect(labels['pod-security.kubernetes.io/enforce']).toBe(needsHost ? 'privileged' : 'restricted');
    });
  });

  describe('every cloud workload survives and is reachable by whom it serves only', () => {
    each(cloud)('%s runs on nodes of the cloud, and is kept off the edge', (_, workload) => {
      expect(allowsNode(podOf(workload), { labels: CLOUD_NODE })).toBe(true);
      expect(allowsNode(podOf(workload), { labels: EDGE_NODE })).toBe(false);
      expect(allowsNode(podOf(workload), { labels: { ...CLOUD_NODE, 'kubernetes.io/os': 'windows' } })).toBe(
        false,
      );
    });

    each(running)('%s is kept off an edge node that just joined and has no label yet', (_, workload) => {
      expect(allowsNode(podOf(workload), { labels: {} })).toBe(false);
    });

    each(cloud)('%s has probes', (_, workload) => {
      // The reloader serves nothing, and ends when it cannot work.
      for (const container of containersOf(workload).filter(({ name }) => name !== 'config-reloader')) {
        expect(container).toHaveProperty('readinessProbe');
        expect(container).toHaveProperty('livenessProbe');
      }
    });

    each(cloud)('%s has a disruption budget where it has replicas', (_, workload) => {
      if ((workload.spec.replicas ?? 1) === 1) return;
      const budget = findOnly(all, 'PodDisruptionBudget', workload.metadata.name);
      expect(budget.spec.selector).toEqual(workload.spec.selector);
    });

    each(cloud.filter((workload) => !podOf(workload).hostNetwork))(
      '%s has a network policy of its own',
      (_, workload) => {
        const policy = findOnly(all, 'NetworkPolicy', workload.metadata.name);
        expect(policy.metadata.namespace).toBe(workload.metadata.namespace);
        expect(policy.spec.podSelector).toEqual(workload.spec.selector);
        expect(policy.spec.policyTypes).toEqual(['Ingress', 'Egress']);
      },
    );

    each(all.filter(({ kind, metadata }) => kind === 'Namespace' && !/edge/.test(metadata.name)))(
      '%s denies what no policy allows',
      (_, { metadata }) => {
        const { spec } = findOnly(all, 'NetworkPolicy', `${metadata.name}-default-deny`);
        expect(spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
      },
    );

    each(all.filter(({ kind }) => kind === 'NetworkPolicy'))('%s names ports and peers', (_, { spec }) => {
      for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
        expect(rule.ports.length).toBeGreaterThan(0);
        expect((rule.from ?? rule.to).length).toBeGreaterThan(0);
      }
    });

    each(all.filter(({ kind }) => kind === 'StatefulSet'))('%s keeps its data on a volume', (_, { spec }) => {
      const [claim] = spec.volumeClaimTemplates;
      const [container] = spec.template.spec.containers;
      expect(container.volumeMounts).toContainEqual(expect.objectContaining({ name: claim.metadata.name }));
    });
  });

  describe('every edge workload stands alone', () => {
    each(edge)('%s needs neither the API server nor cluster DNS nor Services', (_, workload) => {
      expect(podOf(workload)).toMatchObject({
        automountServiceAccountToken: false,
        dnsPolicy: 'Default',
        enableServiceLinks: false,
      });
      expect(JSON.stringify(podOf(workload))).not.toMatch(/\.svc\b/);
    });

    each(edge)('%s listens on the loopback address', (_, workload) => {
      const listeners = containersOf(workload).flatMap(({ args = [] }) =>
        args.filter((arg) => /listen/.test(arg)),
      );
      for (const listener of listeners) expect(listener).toContain('=127.0.0.1:');
    });

    each(edge)('%s does not stall on nodes that are offline', (_, workload) => {
      const { type, rollingUpdate } = workload.spec.updateStrategy;
      expect(type === 'OnDelete' || /%$/.test(rollingUpdate.maxUnavailable)).toBe(true);
    });
  });

  describe('nothing drifts, and an upgrade is possible', () => {
    each(running)('%s selects by a stated name that is in no other workload', (_, workload) => {
      const { matchLabels } = workload.spec.selector;
      expect(Object.keys(matchLabels)).toEqual(['app.kubernetes.io/name']);
      expect(workload.spec.template.metadata.labels).toMatchObject(matchLabels);
      const rivals = running.filter(
        ({ spec }) =>
          spec.selector.matchLabels['app.kubernetes.io/name'] === matchLabels['app.kubernetes.io/name'],
      );
      expect(rivals).toEqual([workload]);
    });

    each(all)('%s has no empty list that the API server would drop', (_, object) => {
      const empty = allFields(object).filter(([, value]) => Array.isArray(value) && value.length === 0);
      expect(empty).toEqual([]);
    });

    each(all)(
      '%s has a name that is not derived from a path, and a namespace where it needs one',
      (_, object) => {
        expect(object.metadata.name).not.toMatch(/-c[0-9a-f]{7}$/);
        expect(object.metadata.namespace === undefined).toBe(CLUSTER_SCOPED.includes(object.kind));
      },
    );

    each(running)('%s is rolled, or shown as outdated, by a change of its files', (_, workload) => {
      const files = podOf(workload).volumes.filter((volume: object) => 'configMap' in volume);
      const { annotations = {} } = workload.spec.template.metadata;
      expect('checksum/config' in annotations).toBe(files.length > 0);
    });

    each(running)('%s mounts only ConfigMaps that are synthesized with it', (_, workload) => {
      for (const { configMap } of podOf(workload).volumes) {
        if (configMap)
          expect(findOnly(all, 'ConfigMap', configMap.name).metadata.namespace).toBe(
            workload.metadata.namespace,
          );
      }
    });

    each(all)(
      '%s is small enough for client-side apply, which keeps a copy in an annotation',
      (_, object) => {
        const { annotations = {} } = object.metadata;
        const bytes =
          Buffer.byteLength(JSON.stringify(object)) + Buffer.byteLength(JSON.stringify(annotations));
        expect(bytes).toBeLessThan(262_144);
      },
    );
  });

  describe('permissions are the least that do the job', () => {
    each(all.filter(({ kind }) => /Role$/.test(kind)))(
      '%s has no wildcards and reads no Secrets',
      (_, { rules }) => {
        for (const { resources = [], verbs } of rules) {
          expect([...resources, ...verbs]).not.toContain('*');
          expect(resources).not.toContain('secrets');
          for (const verb of verbs) expect(['get', 'list', 'watch']).toContain(verb);
        }
      },
    );
  });
});
