import { readdirSync, readFileSync } from 'node:fs';
import type { Construct } from 'constructs';
import {
  BasicAuthIngress,
  type BasicAuthIngressProps,
  envoyGateway,
  Grafana,
  type IngressController,
  ingressNginx,
  LokiStack,
  type PlatformProps,
  Pushgateway,
  proxy,
  traefik,
} from '../../lib';
import { GROUP_PATH } from '../../lib/core/grouping-key';
import { configFile, findOnly, type Manifest, podOf } from '../support/manifests';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

const site = (
  controller: IngressController,
  props: Partial<BasicAuthIngressProps> = {},
  build: (ingress: BasicAuthIngress) => void = () => {},
  platform?: PlatformProps,
) =>
  synthesizeChart(
    (chart) => {
      const ingress = new BasicAuthIngress(chart, 'x', {
        name: 'push',
        host: 'push.example.com',
        tls: { secretName: 'push-tls' },
        controller,
        ...props,
      });
      new Pushgateway(chart, 'p', { ingress });
      build(ingress);
    },
    { platform },
  );
const conf = (objects: readonly Manifest[]) => configFile(objects, 'push-guard-config', 'nginx.conf');
const annotations = (objects: readonly Manifest[]) =>
  Object.keys(findOnly(objects, 'Ingress').metadata.annotations ?? {});

test('what is pushed to stands behind a guard, and lets in the guard alone', () => {
  const objects = site(ingressNginx());
  expect(findOnly(objects, 'Ingress').spec.rules[0].http.paths[0].backend.service).toEqual({
    name: 'push-guard',
    port: { number: 8080 },
  });
  const admitted = JSON.stringify(findOnly(objects, 'NetworkPolicy', 'pushgateway').spec.ingress);
  expect(admitted).toContain('push-guard');
  expect(admitted).not.toContain('ingress-nginx');
  expect(JSON.stringify(findOnly(objects, 'NetworkPolicy', 'push-guard').spec.ingress)).toContain(
    'ingress-nginx',
  );
});

test('listens on addresses of IPv6 where nodes have any, as a kernel without them ends nginx', () => {
  const listening = (nodeCidrs: string[]) => {
    const objects = site(ingressNginx(), {}, () => {}, { nodeCidrs });
    return conf(objects).match(/listen .*;/g);
  };
  expect(listening(['10.0.0.0/8', 'fd00::/8'])).toEqual(['listen 8080;', 'listen [::]:8080;']);
  expect(listening(['10.0.0.0/8'])).toEqual(['listen 8080;']);
});

test('each backend has its own rule on the same host', () => {
  const text = conf(
    synthesizeChart((chart) => {
      const ingress = new BasicAuthIngress(chart, 'x', {
        name: 'push',
        host: 'p.example.com',
        tls: { secretName: 's' },
      });
      new Pushgateway(chart, 'p', { ingress });
      new Pushgateway(chart, 's', { ingress, name: 'pushgateway-services', routePrefix: '/services' });
    }),
  );
  expect(text).toContain(`location ~ "^${GROUP_PATH}$" {`);
  expect(text).toContain(`location ~ "^/services${GROUP_PATH}$" {`);
  expect(text).toContain('server pushgateway-services.monitoring.svc:9091;');
});

test('it survives a node: two of them, one away at a time', () => {
  const objects = site(ingressNginx());
  expect(findOnly(objects, 'Deployment').spec.replicas).toBe(2);
  expect(findOnly(objects, 'PodDisruptionBudget').spec.maxUnavailable).toBe(1);
});

describe('users are checked', () => {
  test('by the controller, where nobody else has to know them', () => {
    const objects = site(ingressNginx());
    expect(annotations(objects)).toContain('nginx.ingress.kubernetes.io/auth-secret');
    expect(conf(objects)).not.toContain('auth_basic');
  });

  test('by the controller that says who they are, in a header of its own', () => {
    const objects = site(traefik(), { rateLimit: { requestsPerSecond: 5 } });
    expect(conf(objects)).toContain('$http_x_auth_user;');
    expect(conf(objects)).not.toContain('auth_basic');
  });

  test.each([
    ['proxy', proxy({ namespace: 'kube-system' })],
    ['ingressNginx with a limit', ingressNginx()],
  ])('by the guard, where the controller does not say: %s', (_, controller) => {
    const objects = site(controller, { rateLimit: { requestsPerSecond: 5 } });
    expect(annotations(objects).filter((name) => name.includes('/auth-'))).toEqual([]);
    expect(conf(objects)).toContain('auth_basic_user_file /etc/nginx/users/auth;');
    expect(JSON.stringify(podOf(findOnly(objects, 'Deployment')).volumes)).toContain(
      '"secretName":"push-users"',
    );
  });
});

test('requests are logged with the address that the controller saw, where the user is known', () => {
  const known = conf(site(traefik({ namespace: 'traefik' })));
  expect(known).toContain(`log_format requests '$client - $user [$time_local] "$request" $outcome';`);
  expect(known).toContain('access_log /dev/stdout requests;');
  expect(known).toMatch(/location = \/-\/guard \{\s+access_log off;/);
  expect(conf(site(ingressNginx()))).toContain('access_log off;\n');
});

test('a limit counts users, with room for a fleet that returns', () => {
  const text = conf(site(traefik(), { rateLimit: { requestsPerSecond: 50 } }));
  expect(text).toContain('proxy_set_header User $user;');
  expect(text).toContain('limit_req_zone $http_user zone=users:10m rate=50r/s;');
  expect(text).toContain('limit_req zone=users burst=500 nodelay;');
  expect(text).not.toContain('$binary_remote_addr');
});

test('the user that is counted is the one whose password was checked, where the guard checks it', () => {
  const text = conf(site(ingressNginx(), { rateLimit: { requestsPerSecond: 5 } }));
  expect(text).toMatch(/map \$remote_user \$user/);
  expect(text).toMatch(/location = \/-\/admission \{\s+internal;.*proxy_pass http:\/\/127\.0\.0\.1:/s);
  expect(text).not.toContain('limit_req_zone $http_authorization');
});

test.each(['fleet', 'reference'])(
  'no backend of %s waits for a body that is still on its way',
  (environment) => {
    const folder = `dist/${environment}/cloud`;
    const texts = readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, 'utf8'));
    const configured = texts.flatMap((text) => text.match(/proxy_request_buffering \w+/g) ?? []);
    const guards = texts.flatMap((text) => text.match(/^ +pid \/tmp\/nginx\.pid;$/gm) ?? []);
    expect(guards.length).toBeGreaterThan(1);
    expect(configured).toEqual(guards.map(() => 'proxy_request_buffering on'));
  },
);

describe('logs, whose agents drop what is refused for good', () => {
  const tls = { secretName: 's' };
  const logs = (controller: IngressController, platform = {}) =>
    synthesizeChart(
      (chart) => {
        const ingress = new BasicAuthIngress(chart, 'x', {
          name: 'logs',
          host: 'l.example.com',
          tls,
          controller,
        });
        new LokiStack(chart, 'l', { ingress });
      },
      { platform },
    );

  test.each([
    ['ingressNginx', ingressNginx()],
    ['traefik', traefik()],
    ['envoyGateway', envoyGateway()],
    ['proxy', proxy({ namespace: 'web' })],
  ])('have their users checked by the guard behind %s, and none by the controller', (_, controller) => {
    const objects = logs(controller);
    const text = configFile(objects, 'logs-guard-config', 'nginx.conf');
    expect(text).toContain('auth_basic_user_file /etc/nginx/users/auth;');
    expect(text).toMatch(/error_page 401 = @retried-401;/);
    const others = objects.filter(({ kind }) => !['ConfigMap', 'Deployment'].includes(kind));
    expect(JSON.stringify(others)).not.toMatch(/auth-secret|basicAuth|logs-users/);
  });

  test('are exposed before what leaves its users to the controller, or elsewhere', () => {
    const build = (chart: Construct, first: 'logs' | 'metrics') => {
      const ingress = new BasicAuthIngress(chart, 'x', { name: 'push', host: 'l.example.com', tls });
      const backends = {
        logs: () => new LokiStack(chart, 'l', { ingress }),
        metrics: () => new Pushgateway(chart, 'p', { ingress }),
      };
      backends[first]();
      backends[first === 'logs' ? 'metrics' : 'logs']();
    };
    expect(refusalMessage((chart) => build(chart, 'metrics'))).toBe(
      'test/x: loki needs a guard that checks users, but the ingress controller already checks the users of this ' +
        'host for pushgateway: use a separate host for each, or pass the ingress to loki first',
    );
    expect(
      configFile(
        synthesizeChart((chart) => build(chart, 'logs')),
        'push-guard-config',
        'nginx.conf',
      ),
    ).toMatch(/error_page 401 = @retried-401;.*error_page 401 = @refused-401;/s);
  });
});

describe('groups of nodes', () => {
  const groups = ['north', 'south'];

  test('are known by their users, whoever checks these', () => {
    const checked = site(ingressNginx(), { groups });
    expect(conf(checked)).toContain('auth_basic_user_file /etc/nginx/users/auth;');
    const named = conf(site(traefik(), { groups }));
    expect(named).not.toContain('auth_basic');
    expect(named).toContain('map $user $group {\n    "~^north(-[1-9][0-9]{0,8})?$" north;\n    "~^south(');
  });

  test('end the grouping key of what is pushed, and nobody else may', () => {
    const text = conf(site(traefik(), { groups }));
    expect(text).toContain('rewrite ^ $uri/group/$group? break;');
    expect(text).toContain(`if ($uri ~ "^${GROUP_PATH}/group(@base64)?/") {\n        return 403`);
    expect(conf(site(traefik()))).not.toContain('$group');
  });

  test('are the tenants of a Loki that keeps tenants apart', () => {
    const objects = synthesizeChart((chart) => {
      const tls = { secretName: 's' };
      const ingress = new BasicAuthIngress(chart, 'x', { name: 'logs', host: 'l.example.com', tls, groups });
      new LokiStack(chart, 'l', { ingress, multiTenancy: { tenants: groups } });
    });
    expect(configFile(objects, 'logs-guard-config', 'nginx.conf')).toContain(
      'proxy_set_header X-Scope-OrgID $group;',
    );
  });

  test('are given to clients with the name of the Secret that they had', () => {
    let sink: Pushgateway | undefined;
    synthesizeChart((chart) => {
      const tls = { secretName: 's' };
      const ingress = new BasicAuthIngress(chart, 'x', { name: 'push', host: 'p.example.com', tls, groups });
      sink = new Pushgateway(chart, 'p', { ingress });
    });
    expect(sink?.endpoint).toMatchObject({ credentialsSecretName: 'push-credentials', groups });
  });

  test.each([
    ['none', []],
    ['the same', ['a', 'a']],
    ['no name', ['A']],
    ['the successor of another', ['a', 'a-2']],
    ['a word', 'north'],
  ])('are not %s', (_, given) => {
    const message = refusalMessage(() => site(ingressNginx(), { groups: given as string[] }));
    expect(message).toMatch(/^test\/x: groups is .*; allowed: a list of different names/);
  });

  test('may have a number at their end', () => {
    expect(conf(site(traefik(), { groups: ['site-1', 'site-2'] }))).toContain('"~^site-2(-[1-9]');
  });

  test('are of nodes and not of readers', () => {
    const message = refusalMessage((chart) => {
      const tls = { secretName: 's' };
      const ingress = new BasicAuthIngress(chart, 'x', { name: 'g', host: 'g.example.com', tls, groups });
      new Grafana(chart, 'g', { ingress });
    });
    expect(message).toBe(
      'test/x: the option "groups" is set, but the backend grafana does not receive pushes: remove the option, or use another host for this backend',
    );
  });
});

test('bodies and times are limited as asked for, also what the controller cannot', () => {
  const text = conf(site(traefik(), { maxBodySize: '32Mi', timeout: '5m' }));
  expect(text).toContain('client_max_body_size 33554432;');
  expect(text).toContain('proxy_read_timeout 300s;');
});

describe('proxy', () => {
  const objects = synthesizeChart((chart) => {
    const ingress = new BasicAuthIngress(chart, 'x', {
      name: 'grafana',
      host: 'grafana.example.com',
      tls: { clusterIssuer: 'le' },
      controller: proxy({
        namespace: 'kube-system',
        className: 'alb',
        annotations: { 'alb/scheme': 'public, x' },
      }),
    });
    new Grafana(chart, 'g', { ingress });
  });

  test('asks the controller for nothing but TLS and a route', () => {
    expect(findOnly(objects, 'Ingress').metadata.annotations).toEqual({
      'alb/scheme': 'public, x',
      'cert-manager.io/cluster-issuer': 'le',
    });
    expect(findOnly(objects, 'Ingress').spec.ingressClassName).toBe('alb');
  });

  test('checks readers, too, and lets them do what their password is for', () => {
    const text = configFile(objects, 'grafana-guard-config', 'nginx.conf');
    expect(text).toMatch(/location \/ \{[^}]* auth_basic "/);
    expect(text).not.toContain('$request_method');
    expect(text).not.toMatch(/location \/ \{\n {6}return 404/);
  });
});

test.each<[string, Partial<BasicAuthIngressProps>, RegExp]>([
  [
    'a limit of nothing',
    { rateLimit: { requestsPerSecond: 0 } },
    /rateLimit.requestsPerSecond is 0; allowed: a whole/,
  ],
  [
    'a malformed burst',
    { rateLimit: { requestsPerSecond: 1, burst: 1.5 } },
    /rateLimit.burst is 1.5; allowed/,
  ],
])('%s is refused', (_, props, message) => {
  expect(
    refusalMessage(() => {
      site(ingressNginx(), props);
    }),
  ).toMatch(message);
});

test('one host is only pushed to, or it is not', () => {
  expect(
    refusalMessage((chart) => {
      const ingress = new BasicAuthIngress(chart, 'x', {
        name: 'a',
        host: 'a.example.com',
        tls: { secretName: 's' },
      });
      new LokiStack(chart, 'l', { ingress });
      new Grafana(chart, 'g', { ingress });
    }),
  ).toMatch(
    /the backends grafana and loki cannot be on the same host, because only one of the backends needs a guard/,
  );
});

describe('pushes that the guard has in flight at the backend', () => {
  const guard = (props: Partial<BasicAuthIngressProps> = {}) => {
    const objects = synthesizeChart((chart) => {
      const ingress = new BasicAuthIngress(chart, 'x', {
        ...{ name: 'logs', host: 'logs.example.com', tls: { secretName: 'logs-tls' } },
        ...props,
      });
      new LokiStack(chart, 'l', { ingress });
    });
    return configFile(objects, 'logs-guard-config', 'nginx.conf');
  };

  test('are counted by user, or by group, after the password was checked', () => {
    expect(guard()).toContain('proxy_set_header Sender $user;');
    expect(guard({ groups: ['north'] })).toContain('proxy_set_header Sender $group;');
  });

  test('have a limit of their own for each address, below that of the user', () => {
    const [of, ofAddress] = ['in_flight', 'in_flight_of_address'].map((zone) =>
      Number(new RegExp(`limit_conn ${zone} (\\d+);`).exec(guard())?.[1]),
    );
    expect(of).toBeGreaterThan(ofAddress ?? Number.NaN);
  });

  test('are not limited where the backend has no limit', () =>
    expect(conf(site(ingressNginx()))).not.toContain('in_flight'));
});
