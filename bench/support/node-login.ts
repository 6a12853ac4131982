import { join } from 'node:path';
import { App } from 'cdk8s';
import {
  basicAuth,
  CloudChart,
  EdgeChart,
  type EdgeSettings,
  ingressNginx,
  nodeCertificate,
  proxy,
  type Settings,
} from '../../lib';
import { Cleanup } from '../../test/runtime/cleanup';
import { NodeAuthority } from '../../test/runtime/node-authority';
import { folderOf, ReferenceStack } from '../../test/stacks/reference-stack';

/** How edge nodes log in at the hosts of an environment. */
export interface NodeLogin {
  /** Whether nodes log in with a certificate. Otherwise they use a password. */
  readonly certificate: boolean;
  /** The component that terminates TLS. */
  readonly tls: 'guard' | 'ingress-nginx';
  readonly edge: EdgeSettings;
}

/** Creates a stack of a new environment whose nodes log in in this way. */
export async function createStackWithLogin(login: NodeLogin, mtu: number): Promise<ReferenceStack> {
  const cleanup = new Cleanup();
  const folder = folderOf(new App(), cleanup);
  try {
    const authority = new NodeAuthority(join(folder, 'authority'));
    const app = new App();
    const settings = settingsOfLogin(login, authority.certificate);
    const { sinks, logs } = new CloudChart(app, 'cloud', { settings });
    new EdgeChart(app, 'edge', { settings, metrics: sinks, logs });
    const stack = await ReferenceStack.create({ dist: folderOf(app, cleanup), mtu });
    authority.enroll(stack.edgeNode);
    return stack;
  } finally {
    await cleanup.run();
  }
}

const settingsOfLogin = ({ certificate, tls, edge }: NodeLogin, ca: string): Settings => ({
  cluster: 'bench',
  hosts: { metrics: 'push.bench.example.com', logs: 'logs.bench.example.com' },
  ingress: {
    authentication: certificate ? nodeCertificate({ ca }) : basicAuth(),
    controller: tls === 'guard' ? PASSING : ingressNginx(),
  },
  edge,
});

const PASSING = proxy({
  namespace: 'ingress-nginx',
  tlsPassthrough: true,
  annotations: { 'nginx.ingress.kubernetes.io/ssl-passthrough': 'true' },
});

/** Returns the log lines of all guards. Guards log the requests with their users. */
export const guardLogLines = ({ guards }: ReferenceStack): string[] =>
  guards.flatMap(({ containers }) => containers.flatMap(({ logs }) => logs));
