import { Construct } from 'constructs';
import type { LogAgent } from '../../agents/log-agent';
import type { ShellScript } from '../../agents/shell-script';
import { certificateVolumes, credentialsVolumes } from '../../core/client-login';
import { ConfigFiles, checksumAnnotation, type Files } from '../../core/config-files';
import { imageVersion } from '../../core/images';
import type { k8s } from '../../core/k8s';
import { Identity } from '../../core/labels';
import type { NodeRequirements } from '../../core/placement';
import { Platform } from '../../core/platform';
import { type ContainerSpec, emptyDirVolume, envFromField } from '../../core/pods';
import { caVolumes } from '../../core/private-ca';
import type { Quantity } from '../../core/units';
import {
  checkProxy,
  EdgeDaemonSet,
  type EdgePodOptions,
  podOptions,
  stateVolume,
  throughProxy,
} from '../daemon-set';
import type { AgentSite } from './agent-site';

/** A container beside an agent, with its volumes and the files that a change of it is shown by. */
export interface Sidecar {
  readonly container: ContainerSpec;
  readonly volumes: readonly k8s.Volume[];
  readonly files: readonly ConfigFiles[];
}

/** Properties for `EdgeAgent`. */
export interface EdgeAgentProps {
  /** Names, addresses and folders of the agent. */
  readonly site: AgentSite;
  /** Placement and updates of its pods. */
  readonly pods: EdgePodOptions;
  /** Files of its configuration, which the agent reloads by itself or when a sidecar triggers it. */
  readonly files: () => Files;
  /** The agent's container, without the HTTP port and the variable NODE_NAME, which all agents have. */
  readonly container: Omit<ContainerSpec, 'ports'>;
  /** The host's network instead of the pod's own. @default false */
  readonly hostNetwork?: boolean;
  /** Requirements for nodes in addition to those of `pods`. @default - none */
  readonly nodes?: NodeRequirements;
  /** Variable that names the proxy to the agent. @default "HTTPS_PROXY" */
  readonly proxyVariable?: LogAgent['proxyVariable'];
  /** Size of a scratch folder `tmp`. @default - none */
  readonly scratch?: Quantity;
  /** Volumes in addition to those of configuration, credentials, state and CA. @default - none */
  readonly volumes?: readonly k8s.Volume[];
  /** Scripts that end before the agent starts. @default - none */
  readonly initScripts?: readonly ShellScript[];
  /** Scripts that run beside the agent and reach the cloud. @default - none */
  readonly scripts?: readonly ShellScript[];
  /** Containers that run beside the agent and connect only to the node. @default - none */
  readonly sidecars?: readonly Sidecar[];
}

/**
 * Base of every edge agent: a DaemonSet with the agent's configuration, the credentials and the CA certificate of its sink, a host
 * folder for its state, the proxy, and its scripts. A changed script is shown by a checksum annotation; changed files are
 * reloaded without a new pod.
 */
export class EdgeAgent extends Construct {
  constructor(scope: Construct, id: string, props: EdgeAgentProps) {
    super(scope, id);
    const { site, container, initScripts = [], scripts = [], sidecars = [] } = props;
    const { name, namespace, device, endpoint } = site;
    const { httpProxy } = device;
    const config = new ConfigFiles(this, 'Config', {
      name: `${name}-config`,
      namespace,
      identity: new Identity(name),
      files: props.files,
    });
    new EdgeDaemonSet(this, 'Default', {
      ...podOptions(props.pods),
      name,
      namespace,
      version: imageVersion(container.image),
      hostNetwork: props.hostNetwork,
      // Its scripts end it where EdgeCore took its files away.
      shareProcesses: true,
      // The folder of the host that keeps its state is root's, and so are the logs of containers.
      uid: 0,
      nodeAlternatives: props.nodes && [props.nodes],
      initContainers: [
        ...checkProxy(httpProxy, Platform.of(this).image('curl')),
        ...initScripts.map((script) => throughProxy(httpProxy, script.container)),
      ],
      containers: [
        throughProxy(httpProxy, agentContainer(props), props.proxyVariable),
        ...scripts.map((script) => throughProxy(httpProxy, script.container)),
        ...sidecars.map((sidecar) => sidecar.container),
      ],
      volumes: [
        config.volume('config'),
        ...credentialsVolumes(endpoint),
        ...certificateVolumes(endpoint),
        ...(props.scratch ? [emptyDirVolume('tmp', props.scratch)] : []),
        stateVolume(device, site.family),
        ...(props.volumes ?? []),
        ...[...initScripts, ...scripts].map(({ volume }) => volume),
        ...caVolumes(endpoint),
        ...sidecars.flatMap((sidecar) => sidecar.volumes),
      ],
      podAnnotations: checksumAnnotation([
        ...[...initScripts, ...scripts].map(({ files }) => files),
        ...sidecars.flatMap(({ files }) => files),
      ]),
    });
  }
}

/** A script as a sidecar: unlike `scripts`, it needs no proxy. */
export const sidecarFromScript = ({ container, volume, files }: ShellScript): Sidecar => ({
  container,
  volumes: [volume],
  files: [files],
});

function agentContainer({ container, site: { listen } }: EdgeAgentProps): ContainerSpec {
  return {
    ...container,
    env: [envFromField('NODE_NAME', 'spec.nodeName'), ...(container.env ?? [])],
    // A port of the node: the pod of another group starts when this one has ended, where a node changes its group.
    ports: [
      {
        name: 'http',
        containerPort: listen.port,
        hostPort: listen.port,
        hostIp: listen.address,
        protocol: 'TCP',
      },
    ],
  };
}
