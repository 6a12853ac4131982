import type { Construct } from 'constructs';
import type { PublicEndpoint } from '../../contracts/endpoint';
import {
  basicAuthSecretMounts,
  type CertificateFiles,
  nodeCertificateFilePaths,
  nodeCertificateMounts,
} from '../../core/client-login';
import { clientEndpointOfGroup } from '../../core/groups';
import type { k8s } from '../../core/k8s';
import { caFilePath, caMounts } from '../../core/private-ca';
import { registerClientSecretAndExternalSecret } from '../../core/required-secrets';
import type { EdgePodOptions } from '../daemon-set';
import { type DevicePorts, type ResolvedDevice, resolveDeviceProperties } from '../daemon-set';

/** Options that all edge agents share. */
export interface EdgeAgentOptions extends EdgePodOptions {
  /** Name of the DaemonSet, which differs for each node group. */
  readonly name: string;
  /**
   * Name of the agent without its group, such as `edge-log-collector`. Folders on nodes, labels of metrics, and the
   * objects that all groups share, contain this name.
   */
  readonly family: string;
  /** Namespace of the agent's Kubernetes objects. */
  readonly namespace: string;
  /**
   * Node group. If the sink has credentials for each group, the agent authenticates with the credentials of this group.
   * @default - no group
   */
  readonly group?: string;
  /** Destination of the agent's data. */
  readonly sink: { readonly endpoint: PublicEndpoint };
}

/** Properties that differ between edge agents. */
export interface EdgeAgentKind {
  /** Name of the agent's folders in the container: `/etc/FOLDER` and `/var/lib/FOLDER`. */
  readonly folder: string;
  /** Key of the agent's port in `DevicePorts`. */
  readonly port: keyof DevicePorts;
}

/** Address of the agent's HTTP server. */
const LOOPBACK = '127.0.0.1';

/** Names, URLs, folders and mounts of an agent on the nodes of a group. */
export interface AgentLayout {
  readonly name: string;
  readonly family: string;
  readonly namespace: string;
  readonly device: ResolvedDevice;
  /** Endpoint of the sink for the node group. */
  readonly endpoint: PublicEndpoint;
  /** Address and port of the agent's HTTP server. */
  readonly listen: { readonly address: string; readonly port: number };
  /** Folders in the agent's container. */
  readonly dirs: {
    readonly config: string;
    readonly credentials: string;
    readonly ca: string;
    readonly state: string;
  };
  /**
   * Volume mounts for the folders in `dirs`, and for the node's certificate. The list `mounts.ca` is empty if a public
   * CA signed the sink's certificate.
   */
  readonly mounts: {
    readonly config: k8s.VolumeMount;
    /** Mounts of the agent's credentials: user and password, the node's certificate, or both. */
    readonly login: readonly k8s.VolumeMount[];
    readonly ca: readonly k8s.VolumeMount[];
    readonly state: k8s.VolumeMount;
  };
  /** File with the CA certificate that verifies the server. @default - the public CA certificates */
  readonly caFile?: string;
  /** Folder with the files `username` and `password`. @default - the agent sends no password */
  readonly credentialsDir?: string;
  /** Files with the node's certificate and key. @default - the agent sends no client certificate */
  readonly certificate?: CertificateFiles;
  /** Returns the full URL of a path on the agent's HTTP server. */
  urlOf(path: string): string;
}

/**
 * Returns names, URLs, folders and mounts of an agent, according to its options, its device and its sink. Also records
 * that the chart needs the Secret with the agent's credentials.
 * @throws InvalidOptionError when the sink has credentials for each group, and `group` is not one of these groups.
 */
export function resolveAgentLayoutAndRegisterSecret(
  scope: Construct,
  options: EdgeAgentOptions,
  kind: EdgeAgentKind,
): AgentLayout {
  const { name, family, namespace } = options;
  const endpoint = clientEndpointOfGroup(scope, options.sink.endpoint, options.group);
  registerClientSecretAndExternalSecret(scope, namespace, endpoint);
  const device = resolveDeviceProperties(scope, options.device);
  const listen = { address: LOOPBACK, port: device.ports[kind.port] };
  const dirs = {
    config: `/etc/${kind.folder}/config`,
    credentials: `/etc/${kind.folder}/credentials`,
    ca: `/etc/${kind.folder}/ca`,
    state: `/var/lib/${kind.folder}`,
  };
  return {
    name,
    family,
    namespace,
    device,
    endpoint,
    listen,
    dirs,
    mounts: {
      config: { name: 'config', mountPath: dirs.config, readOnly: true },
      login: [...basicAuthSecretMounts(dirs.credentials, endpoint), ...nodeCertificateMounts(endpoint)],
      ca: caMounts(dirs.ca, endpoint),
      state: { name: 'state', mountPath: dirs.state },
    },
    caFile: caFilePath(dirs.ca, endpoint),
    credentialsDir: endpoint.credentialsSecretName && dirs.credentials,
    certificate: nodeCertificateFilePaths(endpoint),
    urlOf: (path) => `http://${listen.address}:${listen.port}${path}`,
  };
}
