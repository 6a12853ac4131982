import { Construct } from 'constructs';
import type { IngressBackend } from '../contracts/endpoint';
import type { NetworkPeer, NetworkServer } from '../contracts/network';
import type { NodeAdmissionServer } from '../contracts/node-admission';
import { CloudWorkload } from '../core/cloud-workload';
import type { Files } from '../core/config-files';
import { pickOptions } from '../core/option-table';
import { Platform } from '../core/platform';
import { httpProbes } from '../core/probes';
import type { Authentication } from './authentication';
import type { CertificateReport } from './certificate-report';
import { GUARD_CERTIFICATE_REPORT } from './guard-certificates';
import { HEALTH_PATH, renderGuardNginxConfig } from './guard-config';
import type { GuardConfig } from './guard-options';

/** Properties for `Guard`. */
export interface GuardProps extends GuardLimits {
  /** Name of the Kubernetes objects of the guard. */
  readonly name: string;
  /** Namespace of the Kubernetes objects of the guard. */
  readonly namespace: string;
  /**
   * Request header in which the controller passes the name of the authenticated user.
   * @default - the controller passes no user name
   */
  readonly userHeader?: string;
  /**
   * Secret with the users under the key `auth`, if the guard checks passwords itself.
   * @default - the guard checks no passwords
   */
  readonly usersSecretName?: string;
  /**
   * Secret with the certificate of the host, if the guard terminates TLS.
   * @default - the controller terminates TLS
   */
  readonly tlsSecretName?: string;
  /** Authentication of the edge nodes. */
  readonly authentication: Authentication;
  /**
   * Admission program, which decides whether a node may push.
   * @default - all nodes with a valid certificate may push
   */
  readonly nodeAdmission?: NodeAdmissionServer;
  /**
   * How the controller passes the client certificate.
   * @default - the guard terminates TLS and reads the certificate itself
   */
  readonly certificateReport?: CertificateReport;
  /** Realm that browsers show when they ask for the password. */
  readonly realm: string;
  /** Peers that connect to the guard: the pods or the addresses of the ingress controller. */
  readonly clients: readonly NetworkPeer[];
}

type GuardLimits = Pick<GuardConfig, 'maxBodySize' | 'timeoutSeconds' | 'rateLimit' | 'groups'>;

const PORT = 8080;
const TLS_PORT = 8443;
const USERS_DIR = '/etc/nginx/users';
const TLS_DIR = '/etc/nginx/tls';
const CONFIG_DIR = '/etc/nginx/guard';
const CLIENT_CA = 'node-ca.crt';

/**
 * A small nginx between the ingress controller and the backends. The guard is the same for every controller. The
 * guard only forwards requests that its backends allow, such as pushes of known users and nodes, and applies
 * limits.
 */
export class Guard extends Construct {
  private readonly workload: CloudWorkload;
  private readonly backends: IngressBackend[] = [];
  private hasUsers: boolean;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: GuardProps,
  ) {
    super(scope, id);
    const { usersSecretName, tlsSecretName, authentication } = props;
    this.hasUsers = usersSecretName !== undefined;
    const checks = this.hasUsers || authentication.certificates !== undefined;
    this.workload = new CloudWorkload(this, 'Default', {
      name: props.name,
      namespace: props.namespace,
      image: 'nginx',
      uid: 101,
      replicas: 2,
      ports: { http: PORT, ...(tlsSecretName && { https: TLS_PORT }) },
      secrets: {
        ...(usersSecretName && { [USERS_DIR]: usersSecretName }),
        ...(tlsSecretName && { [TLS_DIR]: tlsSecretName }),
      },
      config: [{ name: 'config', mountPath: CONFIG_DIR, files: () => this.renderConfigFiles() }],
      container: {
        command: ['nginx'],
        args: ['-c', `${CONFIG_DIR}/nginx.conf`, '-g', 'daemon off;'],
        // Measured by bench:authentication with 500 nodes that push every 10 s: 10m CPU, or 100m if the guard checks passwords or certificates.
        resources: { cpu: checks ? '100m' : '20m', memory: '16Mi', memoryLimit: '64Mi' },
        ...httpProbes({ ready: HEALTH_PATH, live: HEALTH_PATH }),
      },
    });
    for (const client of props.clients) this.server.admit(client);
    if (this.admission) this.workload.network.allowConnectionTo(this.admission.admissionServer);
  }

  /**
   * Adds a backend. Returns a copy of the backend with the Service of the guard. The controller routes requests to this
   * copy.
   */
  addBackend(backend: IngressBackend): IngressBackend {
    this.backends.push(backend);
    this.workload.network.allowConnectionTo(backend.server);
    const { name: serviceName, namespace } = this.workload;
    return { ...backend, serviceName, namespace, server: this.server };
  }

  /** Enables the password check with the users of a Secret. */
  enablePasswordCheck(secretName: string): void {
    this.hasUsers = true;
    this.workload.mountSecret(USERS_DIR, secretName);
  }

  private get admission(): NodeAdmissionServer | undefined {
    const { authentication, nodeAdmission } = this.props;
    return authentication.certificates && nodeAdmission;
  }

  private get server(): NetworkServer {
    return this.workload.serverForNetworkPolicies(this.props.tlsSecretName ? 'https' : 'http');
  }

  private renderConfigFiles(): Files {
    const { authentication, tlsSecretName } = this.props;
    const { certificates } = authentication;
    return {
      'nginx.conf': renderGuardNginxConfig(this.buildGuardConfig()),
      ...(tlsSecretName && certificates && { [CLIENT_CA]: certificates.ca }),
    };
  }

  private buildGuardConfig(): GuardConfig {
    const { userHeader, realm, authentication, tlsSecretName, certificateReport } = this.props;
    const users = this.hasUsers ? { file: `${USERS_DIR}/auth`, realm } : undefined;
    const ipv6 = Platform.of(this).hasIpv6;
    return {
      ...pickOptions(this.props, ['maxBodySize', 'timeoutSeconds', 'rateLimit', 'groups']),
      port: PORT,
      ipv6,
      backends: this.backends,
      users: users ?? (userHeader ? { header: userHeader } : undefined),
      authentication,
      admissionAddress: this.admission?.admissionAddress,
      certificateReport: certificateReport ?? GUARD_CERTIFICATE_REPORT,
      ...(tlsSecretName && {
        tls: { port: TLS_PORT, ipv6, certificateDir: TLS_DIR, clientCaFile: `${CONFIG_DIR}/${CLIENT_CA}` },
      }),
    };
  }
}
