import { Construct } from 'constructs';
import type { IngressBackend } from '../contracts/endpoint';
import type { NetworkPeer } from '../contracts/network';
import { CloudWorkload } from '../core/cloud-workload';
import { Platform } from '../core/platform';
import { httpProbes } from '../core/probes';
import { guardConfig, HEALTH_PATH } from './guard-config';
import type { GuardConfig } from './guard-options';

/** Properties for `Guard`. */
export interface GuardProps extends Omit<GuardConfig, 'port' | 'ipv6' | 'backends' | 'users'> {
  readonly name: string;
  readonly namespace: string;
  /** Request header in which the controller passes the authenticated user's name. */
  readonly userHeader?: string;
  /** Secret with the users for the guard's own password check, under the key `auth`. */
  readonly usersSecretName?: string;
  readonly realm: string;
  /** Peers that connect to the guard: the ingress controller. */
  readonly clients: readonly NetworkPeer[];
}

const PORT = 8080;
const USERS_DIR = '/etc/nginx/users';

/**
 * A small nginx between the ingress controller and backends that receive pushes, which is the same for every
 * controller. Users with a push password can only push.
 */
export class Guard extends Construct {
  private readonly workload: CloudWorkload;
  private readonly backends: IngressBackend[] = [];

  constructor(scope: Construct, id: string, props: GuardProps) {
    super(scope, id);
    this.workload = new CloudWorkload(this, 'Default', {
      name: props.name,
      namespace: props.namespace,
      image: 'nginx',
      uid: 101,
      replicas: 2,
      ports: { http: PORT },
      secrets: props.usersSecretName ? { [USERS_DIR]: props.usersSecretName } : {},
      config: [
        {
          name: 'config',
          mountPath: '/etc/nginx/guard',
          files: () => ({ 'nginx.conf': guardConfig({ ...props, ...this.config(props) }) }),
        },
      ],
      container: {
        command: ['nginx'],
        args: ['-c', '/etc/nginx/guard/nginx.conf', '-g', 'daemon off;'],
        // 500 nodes that push every 10 s need 10m CPU, and 100m if the guard checks their passwords:
        // bench:authentication.
        resources: { cpu: props.usersSecretName ? '100m' : '20m', memory: '16Mi', memoryLimit: '64Mi' },
        ...httpProbes({ ready: HEALTH_PATH, live: HEALTH_PATH }),
      },
    });
    for (const client of props.clients) this.workload.server('http').admit(client);
  }

  /** Returns the guard as the backend that the controller routes to. */
  before(backend: IngressBackend): IngressBackend {
    this.backends.push(backend);
    this.workload.network.connect(backend.server);
    const { name: serviceName, namespace } = this.workload;
    return { ...backend, serviceName, namespace, server: this.workload.server('http') };
  }

  private config({ userHeader, usersSecretName, realm }: GuardProps): Omit<GuardConfig, keyof GuardLimits> {
    const users = usersSecretName ? { file: `${USERS_DIR}/auth`, realm } : undefined;
    return {
      port: PORT,
      ipv6: Platform.of(this).hasIpv6,
      backends: this.backends,
      users: users ?? (userHeader ? { header: userHeader } : undefined),
    };
  }
}

type GuardLimits = Pick<GuardConfig, 'maxBodySize' | 'timeoutSeconds' | 'rateLimit' | 'groups'>;
