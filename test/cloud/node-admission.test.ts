import { Readable } from 'node:stream';
import { App, Chart } from 'cdk8s';
import {
  BasicAuthIngress,
  CloudChart,
  ingressNginx,
  type LabeledGroup,
  NodeAdmission,
  nodeCertificate,
  Pushgateway,
  proxy,
  type Settings,
} from '../../lib';
import {
  findNodeGroupName,
  implausibleNodeListProblem,
} from '../../lib/cloud/node-admission/admission/node-admission.mjs';
import { WatchedList } from '../../lib/cloud/node-admission/admission/watched-list.mjs';
import { configFile, findOnly, type Manifest, podOf } from '../support/manifests';
import { NODE_CA } from '../support/node-ca';
import { minimalSettings } from '../support/settings';

const controller = proxy({ namespace: 'ingress', tlsPassthrough: true });
const authentication = nodeCertificate({ ca: NODE_CA });

const cloud = (more: Partial<Settings> = {}): Manifest[] => {
  const settings = { ...minimalSettings, ingress: { controller, authentication }, ...more };
  return new CloudChart(new App(), 'cloud', { settings }).toJson();
};

const named = (name: string, resourceVersion = '1') => ({ metadata: { name, resourceVersion } });

describe('manifests', () => {
  test('an environment whose nodes show certificates has it, and each guard asks it', () => {
    const objects = cloud();
    for (const guard of ['push-guard', 'logs-guard']) {
      expect(configFile(objects, `${guard}-config`, 'nginx.conf')).toContain(
        'server cloud-node-admission.monitoring.svc:8080;',
      );
    }
    const policy = JSON.stringify(findOnly(objects, 'NetworkPolicy', 'cloud-node-admission').spec.ingress);
    expect(policy).toContain('push-guard');
    expect(policy).toContain('logs-guard');
    expect(JSON.stringify(cloud({ ingress: { controller } }))).not.toContain('node-admission');
  });

  test('groups follow from the labels of nodes, so they are refused without the list of nodes', () => {
    const make = (membership: 'api-server' | 'pushes') => () =>
      new NodeAdmission(new Chart(new App(), 'own'), 'admission', {
        membership,
        groups: [{ name: 'north', nodeSelector: { site: 'north' } }],
      });
    expect(make('api-server')).not.toThrow();
    expect(make('pushes')).toThrow('the option "groups" is set, but the option "membership" is "pushes"');
    const edge = {
      membership: 'pushes',
      groups: [{ name: 'north', nodeSelector: { site: 'north' } }],
    } as const;
    expect(JSON.stringify(findOnly(cloud({ edge }), 'Deployment', 'cloud-node-admission'))).not.toContain(
      'GROUPS',
    );
  });

  test('TLS sessions are resumed, since it judges the end of the certificate at each request', () => {
    const conf = configFile(cloud(), 'push-guard-config', 'nginx.conf');
    expect(conf).toContain('ssl_session_cache shared:sessions:8m;');
    expect(conf).toMatch(/map \$node \$certificate_end \{\s+"" "";\s+default \$ssl_client_v_end;/);
    expect(conf).toContain('proxy_set_header End $certificate_end;');
    expect(conf).toContain('proxy_cache_key "$http_node $http_fault $http_end";');
  });

  test('ingress-nginx, which resumes them, too, passes the certificate on to it', () => {
    const objects = cloud({ ingress: { controller: ingressNginx(), authentication } });
    expect(configFile(objects, 'push-guard-config', 'nginx.conf')).toContain(
      'default $http_ssl_client_cert;',
    );
    expect(findOnly(objects, 'Ingress', 'push').metadata.annotations).toHaveProperty(
      ['nginx.ingress.kubernetes.io/auth-tls-pass-certificate-to-upstream'],
      'true',
    );
  });

  test('it may read nodes and the one list, and nothing else', () => {
    const { rules } = findOnly(cloud(), 'ClusterRole', 'monitoring-cloud-node-admission');
    expect(rules).toEqual([
      { apiGroups: [''], resources: ['nodes'], verbs: ['list', 'watch'] },
      {
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: ['denied-nodes'],
        verbs: ['list', 'watch'],
      },
    ]);
  });

  test('nodes of other clusters are refused by the list alone', () => {
    const objects = cloud({ edge: { membership: 'pushes' } });
    const { rules } = findOnly(objects, 'ClusterRole', 'monitoring-cloud-node-admission');
    expect(rules.map(({ resources }: { resources: string[] }) => resources)).toEqual([['configmaps']]);
    const { env } = podOf(findOnly(objects, 'Deployment', 'cloud-node-admission')).containers[0];
    expect(JSON.stringify(env)).not.toContain('WATCHES_NODES');
  });

  test('it knows the groups of the settings by the labels of their nodes', () => {
    const groups = [{ name: 'north' }, { name: 'south', nodeSelector: { site: 's' } }];
    const envOf = (edge: Settings['edge']) => {
      const { env } = podOf(findOnly(cloud({ edge }), 'Deployment', 'cloud-node-admission')).containers[0];
      return env.find(({ name }: { name: string }) => name === 'GROUPS')?.value;
    };
    expect(JSON.parse(envOf({ groups, group: 'others' }))).toEqual([
      { name: 'north', nodeSelector: { 'apps.kubeedge.io/belonging-to': 'north' } },
      { name: 'south', nodeSelector: { site: 's' } },
      { name: 'others', nodeSelector: {} },
    ]);
    expect(envOf({ group: 'others' })).toBeUndefined();
    expect(envOf({ groups, membership: 'pushes' })).toBeUndefined();
  });

  test('guards set the group of a node in place of what it says, and of everybody else to none', () => {
    const conf = configFile(cloud(), 'push-guard-config', 'nginx.conf');
    expect(conf).toContain('proxy_set_header Certified-Group $node_group;');
    expect(conf).toContain('proxy_set_header Certified-Group "";');
    const byPassword = configFile(cloud({ ingress: { controller } }), 'push-guard-config', 'nginx.conf');
    expect(byPassword).not.toContain('Certified-Group');
  });

  test('the list of denied nodes is in no manifest, so that nothing reverts it', () => {
    const names = cloud().map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(names).not.toContain('ConfigMap denied-nodes');
  });

  test('an ingress of its own without it admits every valid certificate', () => {
    const chart = new Chart(new App(), 'c', { namespace: 'monitoring' });
    const host = { name: 'push', host: 'push.example.com', controller, authentication };
    new Pushgateway(chart, 'p', { ingress: new BasicAuthIngress(chart, 'x', host), consistencyCheck: false });
    const conf = configFile(chart.toJson(), 'push-guard-config', 'nginx.conf');
    expect(conf).not.toContain('proxy_cache');
    expect(conf).toContain('ssl_session_cache off;');
    expect(conf).toContain('if ($node = "") {');
    expect(new NodeAdmission(chart, 'admission').admissionAddress).toBe(
      'cloud-node-admission.monitoring.svc:8080',
    );
  });
});

test.each([
  [{}, '-'],
  [{ site: 's' }, 'south'],
  [{ site: 's', zone: 'n' }, 'north'],
  [{ site: 'x', constructor: 'n' }, '-'],
])('a node with the labels %j is in the group %s', (labels, expected) => {
  const groups: readonly LabeledGroup[] = [
    { name: 'north', nodeSelector: { zone: 'n' } },
    { name: 'south', nodeSelector: { site: 's' } },
  ];
  expect(findNodeGroupName({ metadata: { labels } }, groups)).toBe(expected);
  expect(findNodeGroupName({ metadata: {} }, [])).toBe('');
});

describe('a list of the API server', () => {
  const ENDED = 'the test ends here';

  /** Answers one request after the other; an error ends the connection. */
  function followed(answers: readonly (object | Error)[], doubt = () => undefined as string | undefined) {
    const asked: string[] = [];
    const rest = [...answers];
    const next = (path: string) => {
      asked.push(path);
      const answer = rest.shift() ?? new Error(ENDED);
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const api = {
      getJson: async (path: string) => next(path),
      openResponseStream: async (path: string) =>
        Readable.from((next(path) as object[]).map((event) => `${JSON.stringify(event)}\n`)),
    };
    const list = new WatchedList(api as never, { path: '/nodes', accept: '{suffix}' }, () => true, doubt);
    void list.listAndWatch();
    const seen = async () => {
      while (rest.length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
      await new Promise((resolve) => setTimeout(resolve, 50));
      return [...(list.values?.keys() ?? [])].sort();
    };
    return { asked, seen };
  }

  const page = (names: readonly string[], metadata: object = { resourceVersion: '7' }) => ({
    metadata,
    items: names.map((name) => named(name)),
  });

  beforeEach(() => jest.spyOn(console, 'log').mockReturnValue(undefined));
  afterEach(() => jest.restoreAllMocks());

  test('is read in pages, and followed from its version on, over the end of a watch', async () => {
    const { asked, seen } = followed([
      page(['a'], { continue: 'more' }),
      page(['b']),
      [
        { type: 'ADDED', object: named('c', '8') },
        { type: 'DELETED', object: named('a', '9') },
        { type: 'BOOKMARK', object: { metadata: { resourceVersion: '12' } } },
      ],
      [{ type: 'MODIFIED', object: named('b', '13') }],
    ]);
    expect(await seen()).toEqual(['b', 'c']);
    expect(asked[1]).toContain('continue=more');
    expect(asked[2]).toMatch(/watch=1.*timeoutSeconds=\d+&resourceVersion=7/);
    expect(asked[3]).toContain('resourceVersion=12');
  });

  test.each([
    ['a version that is too old', [[{ type: 'ERROR', object: { code: 410, message: 'too old' } }]]],
    ['a server that refuses', [new Error('HTTP 503')]],
    ['half an answer', [{ not: 'a list' }]],
  ])('is listed again after %s, and kept until then', async (_, failures) => {
    const { seen } = followed([page(['a', 'b']), ...failures, page(['b', 'c'])] as object[]);
    expect(await seen()).toEqual(['b', 'c']);
  });

  test('that is not believed keeps what was known, beside what is new', async () => {
    let lists = 0;
    const doubt = () => (++lists === 2 ? 'too short' : undefined);
    const { seen } = followed([page(['a', 'b']), new Error('reset'), page(['c'])], doubt);
    expect(await seen()).toEqual(['a', 'b', 'c']);
  });
});

test.each([
  [['a'], undefined, true],
  [[], undefined, false],
  [[], ['a'], false],
  [['a', 'b'], ['a', 'b', 'c', 'd'], true],
  [['a'], ['a', 'b', 'c', 'd'], false],
  [['a', 'e', 'f', 'g'], ['a', 'b', 'c', 'd'], false],
])('a list of %j after %j is believed: %s', (next, before, believed) => {
  const map = (names: readonly string[]) => new Map(names.map((name) => [name, true as const]));
  expect(implausibleNodeListProblem(map(next), before && map(before)) === undefined).toBe(believed);
});
