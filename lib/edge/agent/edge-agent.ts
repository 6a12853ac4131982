import { Construct } from 'constructs';
import type { LogAgent } from '../../agents/log-agent';
import type { ShellScript } from '../../agents/shell-script';
import { basicAuthSecretVolumes, nodeCertificateVolumes } from '../../core/client-login';
import { ConfigFiles, checksumAnnotation, type Files } from '../../core/config-files';
import { imageVersionLabelValue } from '../../core/images';
import type { k8s } from '../../core/k8s';
import { Identity } from '../../core/labels';
import type { NodeRequirements } from '../../core/placement';
import { Platform } from '../../core/platform';
import { type ContainerSpec, emptyDirVolume, envFromField } from '../../core/pods';
import { caVolumes } from '../../core/private-ca';
import type { Quantity } from '../../core/units';
import {
  addProxyEnvToContainer,
  EdgeDaemonSet,
  type EdgePodOptions,
  initContainersThatCheckProxyCredentials,
  pickPodOptions,
  stateVolumeForProgram,
} from '../daemon-set';
import type { AgentLayout } from './agent-layout';

/** A sidecar container of an agent, with the volumes that the pod needs for the container. */
export interface Sidecar {
  readonly container: ContainerSpec;
  readonly volumes: readonly k8s.Volume[];
  /** Files whose checksum is part of the pod template, so that a changed file starts a rollout. */
  readonly files: readonly ConfigFiles[];
}

/** Properties for `EdgeAgent`. */
export interface EdgeAgentProps {
  /** Names, addresses and folders of the agent. */
  readonly layout: AgentLayout;
  /** Placement and updates of the agent's pods. */
  readonly pods: EdgePodOptions;
  /** Returns the agent's configuration files. The agent reloads them by itself, or a sidecar triggers the reload. */
  readonly files: () => Files;
  /** The agent's container. `EdgeAgent` adds the HTTP port and the variable NODE_NAME. */
  readonly container: Omit<ContainerSpec, 'ports'>;
  /** Whether the pod uses the host's network. @default false */
  readonly hostNetwork?: boolean;
  /** Node requirements in addition to the requirements of `pods`. @default - no additional requirements */
  readonly nodes?: NodeRequirements;
  /** Environment variable from which the agent reads the proxy's URL. @default "HTTPS_PROXY" */
  readonly proxyVariable?: LogAgent['proxyVariable'];
  /** Size of the volume `tmp`, an emptyDir. @default - the agent has no volume `tmp` */
  readonly scratch?: Quantity;
  /** Volumes in addition to configuration, credentials, state and CA. @default - no additional volumes */
  readonly volumes?: readonly k8s.Volume[];
  /** Scripts that run as init containers, before the agent starts. @default - no scripts */
  readonly initScripts?: readonly ShellScript[];
  /** Scripts that run as sidecars and connect to the cloud, through the proxy if there is one. @default - no scripts */
  readonly scripts?: readonly ShellScript[];
  /** Sidecars that connect only to the node itself, without the proxy. @default - no sidecars */
  readonly sidecars?: readonly Sidecar[];
}

/**
 * Base of every edge agent: a DaemonSet whose pods use the proxy, and mount the agent's configuration and scripts, a
 * folder on the node for its state, and the credentials and CA certificate of the sink. If a script changes, a checksum
 * annotation of the pod template changes. If a configuration file changes, the agent reloads it without a new pod.
 */
export class EdgeAgent extends Construct {
  constructor(scope: Construct, id: string, props: EdgeAgentProps) {
    super(scope, id);
    const { layout, container, initScripts = [], scripts = [], sidecars = [] } = props;
    const { name, namespace, device, endpoint } = layout;
    const { httpProxy } = device;
    const config = new ConfigFiles(this, 'Config', {
      name: `${name}-config`,
      namespace,
      identity: new Identity(name),
      files: props.files,
    });
    new EdgeDaemonSet(this, 'Default', {
      ...pickPodOptions(props.pods),
      name,
      namespace,
      version: imageVersionLabelValue(container.image),
      hostNetwork: props.hostNetwork,
      // EdgeCore unmounts ConfigMaps and Secrets when it restarts. The scripts then end the agent's process.
      shareProcesses: true,
      // Root owns the container logs and the node's folder with the agent's state.
      uid: 0,
      nodeAlternatives: props.nodes && [props.nodes],
      initContainers: [
        ...initContainersThatCheckProxyCredentials(httpProxy, Platform.of(this).image('curl')),
        ...initScripts.map((script) => addProxyEnvToContainer(httpProxy, script.container)),
      ],
      containers: [
        addProxyEnvToContainer(httpProxy, addPortAndNodeNameToContainer(props), props.proxyVariable),
        ...scripts.map((script) => addProxyEnvToContainer(httpProxy, script.container)),
        ...sidecars.map((sidecar) => sidecar.container),
      ],
      volumes: [
        config.toVolume('config'),
        ...basicAuthSecretVolumes(endpoint),
        ...nodeCertificateVolumes(endpoint),
        ...(props.scratch ? [emptyDirVolume('tmp', props.scratch)] : []),
        stateVolumeForProgram(device, layout.family),
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

/** Converts a script to a sidecar that does not use the proxy, unlike the scripts in `EdgeAgentProps.scripts`. */
export const convertScriptToSidecarWithoutProxy = ({ container, volume, files }: ShellScript): Sidecar => ({
  container,
  volumes: [volume],
  files: [files],
});

function addPortAndNodeNameToContainer({ container, layout: { listen } }: EdgeAgentProps): ContainerSpec {
  return {
    ...container,
    env: [envFromField('NODE_NAME', 'spec.nodeName'), ...(container.env ?? [])],
    // The port is a host port, so that two agents never run on a node at once: when a node changes its group, the new
    // group's pod is scheduled after the old one has ended.
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
