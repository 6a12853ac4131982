import type { Construct } from 'constructs';
import type { PublicEndpoint } from '../../contracts/endpoint';
import {
  type CertificateFiles,
  certificateFilesOf,
  certificateMounts,
  credentialsMounts,
} from '../../core/client-login';
import { endpointOfGroup } from '../../core/groups';
import type { k8s } from '../../core/k8s';
import { caFileIn, caMounts } from '../../core/private-ca';
import { requireCredentials } from '../../core/required-secrets';
import type { EdgePodOptions } from '../daemon-set';
import { type DevicePorts, deviceOf, type KnownDevice } from '../daemon-set';

/** Options that all edge agents share. */
export interface EdgeAgentOptions extends EdgePodOptions {
  /** Name of the DaemonSet, which differs for each node group. */
  readonly name: string;
  /**
   * Name that all groups share: for folders on nodes, labels of metrics, and objects that are the same for
   * all groups.
   */
  readonly family: string;
  /** Namespace of the objects. */
  readonly namespace: string;
  /** Node group, which is the user to send as if the sink has groups. @default - none */
  readonly group?: string;
  /** Destination of the agent. */
  readonly sink: { readonly endpoint: PublicEndpoint };
}

/** Properties that differ between edge agents. */
export interface EdgeAgentKind {
  /** Name of its folders: `/etc/FOLDER` and `/var/lib/FOLDER`. */
  readonly folder: string;
  /** The option for its port in the properties of a device. */
  readonly port: keyof DevicePorts;
}

/** Address of the agent's HTTP server. */
const LOOPBACK = '127.0.0.1';

/** Names, URLs, folders and mounts of an agent on the nodes of a group. */
export interface AgentSite {
  readonly name: string;
  readonly family: string;
  readonly namespace: string;
  readonly device: KnownDevice;
  /** Endpoint of the sink for the node group. */
  readonly endpoint: PublicEndpoint;
  /** Address and port of the agent's HTTP server. */
  readonly listen: { readonly address: string; readonly port: number };
  /** Folders in the container. */
  readonly dirs: {
    readonly config: string;
    readonly credentials: string;
    readonly ca: string;
    readonly state: string;
  };
  /** Mounts of these folders, and of the node's certificate. `ca` is empty if no private CA is set. */
  readonly mounts: {
    readonly config: k8s.VolumeMount;
    /** Credentials of the agent: user and password, the node's certificate, or both. */
    readonly login: readonly k8s.VolumeMount[];
    readonly ca: readonly k8s.VolumeMount[];
    readonly state: k8s.VolumeMount;
  };
  /** File with the CA certificate that verifies the server. @default - the public CA certificates */
  readonly caFile?: string;
  /** Folder with user and password. @default - the agent has none */
  readonly credentialsDir?: string;
  /** Files with the node's certificate. @default - the agent shows none */
  readonly certificate?: CertificateFiles;
  /** Returns the full URL of a path on the agent's HTTP server. */
  urlOf(path: string): string;
}

/**
 * Resolves what an agent needs to know of its nodes and its sink, and registers the Secret that it mounts.
 */
export function agentSite(scope: Construct, options: EdgeAgentOptions, kind: EdgeAgentKind): AgentSite {
  const { name, family, namespace } = options;
  const endpoint = endpointOfGroup(scope, options.sink.endpoint, options.group);
  requireCredentials(scope, namespace, endpoint);
  const device = deviceOf(scope, options.device);
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
      login: [...credentialsMounts(dirs.credentials, endpoint), ...certificateMounts(endpoint)],
      ca: caMounts(dirs.ca, endpoint),
      state: { name: 'state', mountPath: dirs.state },
    },
    caFile: caFileIn(dirs.ca, endpoint),
    credentialsDir: endpoint.credentialsSecretName && dirs.credentials,
    certificate: certificateFilesOf(endpoint),
    urlOf: (path) => `http://${listen.address}:${listen.port}${path}`,
  };
}
