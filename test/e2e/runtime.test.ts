import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Cluster } from '../runtime/cluster';
import { request } from '../runtime/http';
import { IngressController } from '../runtime/ingress-controller';
import { nginxServers, type References } from '../runtime/nginx-servers';
import type { Node } from '../runtime/node';
import type { Pod } from '../runtime/pod';
import type { ContainerSpec, PodSpec } from '../runtime/pod-spec';
import { run } from '../runtime/programs';
import { secret } from '../runtime/secrets';
import { eventually } from '../runtime/wait';
import type { Manifest } from '../support/manifests';

/** The runtime must be as strict as a cluster, or what runs in it proves nothing. */
describe('the test runtime', () => {
  const cluster = new Cluster();

  beforeAll(() => {
    cluster.addNode({ name: 'cloud-1' });
    cluster.addNode({ name: 'edge-1', labels: { edge: '' }, mtu: 1400 });
  });

  afterAll(async () => {
    await cluster.destroy();
  });

  /** Starts a pod of one container; it sleeps by default. */
  async function start(name: string, container: Partial<ContainerSpec> = {}, pod: Partial<PodSpec> = {}) {
    cluster.apply(workload(name, container, pod));
    return (await cluster.start('StatefulSet', 'test', name))[0] as Pod;
  }

  async function shell(pod: Pod, script: string): Promise<string> {
    const { stdout, stderr } = await pod.container('main').exec('/bin/sh', '-c', script);
    return `${stdout}${stderr}`.trim();
  }

  test('kills what goes over its memory limit, and shows it', async () => {
    const greedy = ['/bin/sh', '-c', 'head -c 64m /dev/zero | tail'];
    const pod = await start('greedy', { command: greedy, resources: { limits: { memory: '16Mi' } } });
    await eventually('a process is killed', () => pod.container('main').memory.kills > 0);
  });

  test('restarts a container that ends by itself', async () => {
    const pod = await start('brief', { command: ['/bin/true'] });
    await eventually('it was started three times', () => pod.container('main').restarts >= 2);
  });

  test('swaps the files of a Secret under a running container', async () => {
    cluster.apply(secret('test', 'token', { token: 'old', gone: '' }));
    const volumeMounts = [{ name: 'token', mountPath: '/token' }];
    const securityContext = { fsGroup: 1000 };
    const pod = await start('reader', { volumeMounts }, { volumes: [tokenVolume], securityContext });
    expect(await shell(pod, 'cd /token; echo *; cat token')).toBe('gone token\nold');
    cluster.apply(secret('test', 'token', { token: 'new' }));
    expect(await shell(pod, 'cd /token; echo *; cat token')).toBe('token\nnew');
  });

  test('gives volumes the owners and modes that a kubelet gives them', async () => {
    const volumeMounts = ['token', 'scratch', 'host'].map((name) => ({ name, mountPath: `/${name}` }));
    const volumes = [
      tokenVolume,
      { name: 'scratch', emptyDir: {} },
      { name: 'host', hostPath: { path: '/var/lib/new', type: 'DirectoryOrCreate' } },
    ];
    const securityContext = { runAsUser: 1000, runAsGroup: 1000, fsGroup: 2000 };
    const pod = await start('owner', { volumeMounts }, { volumes, securityContext });
    const modes = await shell(pod, "stat -L -c '%n %u:%g %a' /token/token /scratch /host; id -G");
    expect(modes.split('\n')).toEqual([
      '/token/token 0:2000 440',
      '/scratch 0:2000 2777',
      '/host 0:0 755',
      '1000 2000',
    ]);
  });

  test('lets root do no more than its capabilities say', async () => {
    const folder = cluster.nodes[0]?.path('/var/lib/private') ?? '';
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chownSync(folder, 1000, 1000);
    const volumeMounts = [{ name: 'private', mountPath: '/private' }];
    const volumes = [{ name: 'private', hostPath: { path: '/var/lib/private' } }];
    const asRoot = (add: string[]) => ({ runAsUser: 0, capabilities: { drop: ['ALL'], add } });
    const plain = await start('plain', { volumeMounts, securityContext: asRoot([]) }, { volumes });
    const mighty = await start(
      'mighty',
      { volumeMounts, securityContext: asRoot(['DAC_OVERRIDE']) },
      { volumes },
    );
    expect(await shell(plain, 'touch /private/file')).toContain('Permission denied');
    expect(await shell(mighty, 'touch /private/file')).toBe('');
  });

  test('tells names of Services only to pods that a cluster would tell', async () => {
    cluster.apply(service('web', 8080));
    await start('web', webServer);
    const inside = await start('inside');
    const outside = await start('outside', {}, { dnsPolicy: 'Default' });
    const lookup = 'for n in web web.test.svc web-0.web.test.svc; do wget -qO- http://$n:8080/; done';
    expect(await shell(inside, lookup)).not.toContain('bad address');
    expect(await shell(outside, lookup)).toContain('bad address');
  });

  test('reloads its ingress for new Ingress objects only, since a reload costs connections', async () => {
    const users = (password: string) => secret('test', 'users', { auth: `edge:{PLAIN}${password}\n` });
    const ready = { ...webServer, readinessProbe: { httpGet: { path: '/', port: 'http' } } };
    cluster.apply(service('late', 8080), workload('late', ready, {}), users('old'));
    cluster.apply(secret('test', 'web-tls', { ...cluster.authority.issue('web.example.com') }));
    cluster.apply(ingress(AUTHENTICATION));
    const controller = new IngressController(cluster, cluster.addNode({ name: 'ingress' }));
    await controller.start();
    await cluster.start('StatefulSet', 'test', 'late');
    cluster.apply(users('new'));
    const edge = cluster.nodes.find(({ name }) => name === 'edge-1') as Node;
    const options = { address: controller.address, authorityFile: cluster.authority.file };
    const ask = (password: string) =>
      request(edge.namespace, 'https://web.example.com/', {
        ...options,
        user: { username: 'edge', password },
      });
    expect((await ask('old')).status).toBe(401);
    expect((await ask('new')).status).toBe(200);
    cluster.apply(ingress({ ...AUTHENTICATION, 'nginx.ingress.kubernetes.io/proxy-body-size': '2m' }));
    await eventually('nginx reloads', () => controller.errorLog.includes('SIGHUP'));
    expect(controller.errorLog.match(/SIGHUP/g)).toHaveLength(1);
  });

  test('counts the bytes of a node as they would be on a wire', async () => {
    const client = await start('client', {}, { nodeSelector: { edge: '' } });
    const [address] = cluster.addresses('test', 'web');
    const before = client.node.uplink.traffic();
    expect(await shell(client, `wget -qO- http://${address}:8080/body | wc -c`)).toBe(`${2 ** 20}`);
    const received = client.node.uplink.traffic().received - before.received;
    const packets = Math.ceil(2 ** 20 / (1400 - 52));
    expect(received).toBeGreaterThanOrEqual(2 ** 20 + packets * 52);
    // A busy machine sends some segments again; counted twice, or without their headers, they would be further off.
    expect(received).toBeLessThan((2 ** 20 + packets * 52) * 1.1);
  });

  test('refuses what it cannot honour, rather than skip it', async () => {
    await expect(start('strange', { lifecycle: {} } as object)).rejects.toThrow('does not support lifecycle');
    cluster.apply(service('shifted', 80));
    await expect(start('shifted', webServer)).rejects.toThrow('maps port 80 to 8080');
    const unknown = ingress({ 'nginx.ingress.kubernetes.io/auth-url': 'http://x' });
    expect(() => nginxServers([unknown], {} as References)).toThrow(
      'does not support the annotation nginx.ingress.kubernetes.io/auth-url',
    );
  });
});

test('the test runtime leaves nothing behind', async () => {
  const cluster = new Cluster();
  const name = basename(cluster.folder);
  cluster.addNode({ name: 'cloud-1' });
  const memory = { volumes: [{ name: 'memory', emptyDir: { medium: 'Memory' as const } }] };
  cluster.apply(workload('short', {}, memory));
  await cluster.start('StatefulSet', 'test', 'short');
  await cluster.destroy();
  expect(existsSync(cluster.folder)).toBe(false);
  const rest = [
    run('ip', 'netns', 'list'),
    readFileSync('/proc/mounts', 'utf8'),
    run('ls', '/sys/fs/cgroup/memory'),
  ];
  expect(rest.join('\n')).not.toContain(name);
});

const AUTHENTICATION = {
  'nginx.ingress.kubernetes.io/auth-type': 'basic',
  'nginx.ingress.kubernetes.io/auth-secret': 'users',
  'nginx.ingress.kubernetes.io/auth-secret-type': 'auth-file',
};

const tokenVolume = { name: 'token', secret: { secretName: 'token', defaultMode: 0o400 } };

const webServer: Partial<ContainerSpec> = {
  command: ['/bin/sh', '-c', 'cd /www; touch index.html; head -c 1m /dev/zero > body; exec httpd -f -p 8080'],
  ports: [{ name: 'http', containerPort: 8080 }],
  volumeMounts: [{ name: 'www', mountPath: '/www' }],
};

function workload(name: string, container: Partial<ContainerSpec>, pod: Partial<PodSpec>): Manifest {
  const volumes = [...(pod.volumes ?? []), { name: 'www', emptyDir: {} }];
  const main = { name: 'main', image: 'curlimages/curl:1', command: ['/bin/sleep', '600'], ...container };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace: 'test' },
    spec: {
      template: {
        metadata: { labels: { app: name } },
        spec: { terminationGracePeriodSeconds: 0, ...pod, volumes, containers: [main] },
      },
    },
  };
}

function service(name: string, port: number): Manifest {
  const ports = [{ name: 'http', port, targetPort: 'http' }];
  const metadata = { name, namespace: 'test' };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app: name }, ports } };
}

function ingress(annotations: Record<string, string>): Manifest {
  const metadata = { name: 'web', namespace: 'test', annotations };
  const backend = { service: { name: 'late', port: { number: 8080 } } };
  const path = { path: '/', pathType: 'Prefix', backend };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata,
    spec: {
      tls: [{ hosts: ['web.example.com'], secretName: 'web-tls' }],
      rules: [{ host: 'web.example.com', http: { paths: [path] } }],
    },
  };
}
