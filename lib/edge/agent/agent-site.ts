import type { Construct } from 'constructs';
import type { PublicEndpoint } from '../../contracts/endpoint';
import { endpointOf } from '../../core/groups';
import type { k8s } from '../../core/k8s';
import { caFileIn, caMounts } from '../../core/private-ca';
import { requireCredentials } from '../../core/required-secrets';
import type { EdgePodOptions } from '../daemon-set';
import { type DevicePorts, deviceOf, type KnownDevice } from '../daemon-set';

/** Options that every agent of the edge has. */
export interface EdgeAgentOptions extends EdgePodOptions {
  /** Name of the DaemonSet: each group of nodes has another one. */
  readonly name: string;
  /**
   * Its name where the group of its nodes does not matter: on the nodes' disks, in labels of what is measured, of
   * objects that are the same for all groups.
   */
  readonly family: string;
  /** Where its objects are made. */
  readonly namespace: string;
  /** The group of these nodes: where the sink knows groups, whose user they send as. @default - none */
  readonly group?: string;
  /** Where the agent sends to. */
  readonly sink: { readonly endpoint: PublicEndpoint };
}

/** What tells the agents of the edge apart. */
export interface EdgeAgentKind {
  /** Name of its folders: `/etc/FOLDER` and `/var/lib/FOLDER`. */
  readonly folder: string;
  /** Its entry among the ports of a device. */
  readonly port: keyof DevicePorts;
}

/** Address of the agent's own HTTP server. */
const LOOPBACK = '127.0.0.1';

/** Names, addresses, folders and mounts of an agent on the nodes of one group. */
export interface AgentSite {
  readonly name: string;
  readonly family: string;
  readonly namespace: string;
  readonly device: KnownDevice;
  /** Where the agent sends to, as the group of its nodes. */
  readonly endpoint: PublicEndpoint;
  /** The agent's own HTTP server. */
  readonly listen: { readonly address: string; readonly port: number };
  /** Folders of the container. */
  readonly dirs: {
    readonly config: string;
    readonly credentials: string;
    readonly ca: string;
    readonly state: string;
  };
  /** Mounts of these folders; `ca` has none where a public authority signed the certificate. */
  readonly mounts: {
    readonly config: k8s.VolumeMount;
    readonly credentials: k8s.VolumeMount;
    readonly ca: readonly k8s.VolumeMount[];
    readonly state: k8s.VolumeMount;
  };
  /** File with the private authority. @default - a public authority signed the certificate */
  readonly caFile?: string;
  /** Full address of a path of the agent's own HTTP server. */
  urlOf(path: string): string;
}

/** Resolves what an agent needs to know of its nodes and its sink, and states the Secret that it reads. */
export function agentSite(scope: Construct, options: EdgeAgentOptions, kind: EdgeAgentKind): AgentSite {
  const { name, family, namespace } = options;
  const endpoint = endpointOf(scope, options.sink.endpoint, options.group);
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
      credentials: { name: 'credentials', mountPath: dirs.credentials, readOnly: true },
      ca: caMounts(dirs.ca, endpoint),
      state: { name: 'state', mountPath: dirs.state },
    },
    caFile: caFileIn(dirs.ca, endpoint),
    urlOf: (path) => `http://${listen.address}:${listen.port}${path}`,
  };
}
