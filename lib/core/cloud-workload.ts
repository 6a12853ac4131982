import { type ApiObject, JsonPatch } from 'cdk8s';
import { Construct } from 'constructs';
import type { NetworkPeer, NetworkServer } from '../contracts/network';
import { buildCloudPodTemplate, configMounts, secretMount } from './cloud-pod';
import {
  CLOUD_WORKLOAD_OPTIONS,
  type CloudWorkloadOptions,
  type CloudWorkloadProps,
  type ConfigFolder,
  type Storage,
} from './cloud-workload-options';
import { ConfigFiles } from './config-files';
import { imageVersionLabelValue } from './images';
import { k8s } from './k8s';
import { Identity, POD_NAME_LABEL } from './labels';
import { NetworkAccess } from './network-access';
import { createApiObject } from './objects';
import { validateAndApplyDefaults } from './option-table';
import { grantClusterRoleAndApiAccess } from './permissions';
import { Platform } from './platform';
import { kubernetesQuantityFromText, secretVolume } from './pods';

/**
 * Session affinity of a Service. The timeout is the API server's default, set explicitly so that a diff between
 * manifest and cluster shows no drift.
 */
const CLIENT_AFFINITY = {
  sessionAffinity: 'ClientIP',
  sessionAffinityConfig: { clientIp: { timeoutSeconds: 10_800 } },
} satisfies k8s.ServiceSpec;

/**
 * Base of every cloud component: a Deployment or StatefulSet with hardened pods on cloud nodes. Pods restart when their
 * configuration changes. The workload includes a Service, a NetworkPolicy and, with several replicas, a
 * PodDisruptionBudget.
 */
export class CloudWorkload extends Construct {
  readonly name: string;
  readonly namespace: string;
  readonly identity: Identity;
  readonly network: NetworkAccess;
  readonly replicas: number;
  private readonly configFiles: ConfigFiles[];
  private readonly workload: ApiObject;
  private readonly options: CloudWorkloadOptions;

  /** @throws InvalidOptionError when an option is invalid. */
  constructor(scope: Construct, id: string, props: CloudWorkloadProps) {
    super(scope, id);
    this.options = validateAndApplyDefaults(this, props, CLOUD_WORKLOAD_OPTIONS);
    const { permissions, ports, headless, replicasService } = this.options;
    const platform = Platform.of(this);
    this.name = this.options.name;
    this.namespace = this.options.namespace;
    this.identity = new Identity(this.name, imageVersionLabelValue(platform.image(this.options.image)));
    this.replicas = this.options.replicas;
    this.network = new NetworkAccess(this, 'NetworkPolicy', this);
    this.configFiles = this.options.config.map((folder) => this.createConfigFiles(folder));
    if (permissions) grantClusterRoleAndApiAccess(this, this, permissions);
    this.createServiceAccount();
    if (Object.keys(ports).length > 0) this.createServiceForAllReplicas('Service', this.name, headless);
    if (replicasService) this.createServiceForAllReplicas('ReplicasService', replicasService, true);
    if (this.options.serviceForEachReplica)
      this.replicaNames.forEach((pod) => void this.createServiceForReplica(pod));
    if (this.replicas > 1) this.createDisruptionBudget(platform);
    this.workload = this.createWorkload(platform);
  }

  /** Adds a folder of configuration files to the main container. */
  addConfigFolder(folder: ConfigFolder): void {
    const files = this.createConfigFiles(folder);
    this.configFiles.push(files);
    this.addVolume(files.toVolume(folder.name), ...configMounts(folder));
  }

  /** Adds a volume to the pod, and its mounts to the main container. */
  addVolume(volume: k8s.Volume, ...mounts: readonly k8s.VolumeMount[]): void {
    this.workload.addJsonPatch(
      JsonPatch.add('/spec/template/spec/volumes/-', volume),
      ...mounts.map((mount) => JsonPatch.add('/spec/template/spec/containers/0/volumeMounts/-', mount)),
    );
  }

  /** Mounts a Secret in the main container as a folder of files. */
  mountSecret(mountPath: string, secretName: string): void {
    const mount = secretMount(mountPath);
    this.workload.addJsonPatch(
      JsonPatch.add('/spec/template/spec/volumes/-', secretVolume(mount.name, secretName)),
      JsonPatch.add('/spec/template/spec/containers/0/volumeMounts/-', mount),
    );
  }

  /** Returns the address (`host:port`) of the Service, for clients in the cluster. */
  serviceAddress(port: string): string {
    return `${this.name}.${this.namespace}.svc:${this.portNumber(port)}`;
  }

  /**
   * Returns the address (`host:port`) of each replica. The addresses only exist if `headless`, `replicasService` or
   * `serviceForEachReplica` is set.
   */
  replicaAddresses(port: string): string[] {
    const { replicasService = this.name, serviceForEachReplica } = this.options;
    const service = serviceForEachReplica ? '' : `.${replicasService}`;
    return this.replicaNames.map((pod) => `${pod}${service}.${this.namespace}.svc:${this.portNumber(port)}`);
  }

  /** Returns a port of the workload as a `NetworkServer`, so that NetworkPolicies can allow clients to connect. */
  serverForNetworkPolicies(port: string): NetworkServer {
    const number = this.portNumber(port);
    return {
      peer: this.network.peer,
      port: number,
      admit: (client: NetworkPeer) => this.network.allowIngressFrom(client, number),
    };
  }

  private get replicaNames(): string[] {
    return Array.from({ length: this.replicas }, (_, ordinal) => `${this.name}-${ordinal}`);
  }

  private portNumber(name: string): number {
    const number = this.options.ports[name];
    if (number === undefined)
      throw new Error(`${this.node.path}: the workload has no port ${JSON.stringify(name)}`);
    return number;
  }

  private get metadata(): k8s.ObjectMeta {
    return { name: this.name, namespace: this.namespace, labels: this.identity.labels };
  }

  private createConfigFiles({ name, files }: ConfigFolder): ConfigFiles {
    const { namespace, identity } = this;
    return new ConfigFiles(this, name, { name: `${this.name}-${name}`, namespace, identity, files });
  }

  private createServiceAccount(): void {
    createApiObject(
      this,
      'ServiceAccount',
      k8s.KubeServiceAccount.manifest({
        metadata: { ...this.metadata, annotations: this.options.serviceAccountAnnotations },
        automountServiceAccountToken: false,
      }),
    );
  }

  private createServiceForAllReplicas(id: string, name: string, headless: boolean): void {
    this.createService(id, name, {
      ...(headless && { clusterIp: 'None', publishNotReadyAddresses: true }),
      ...(this.options.clientAffinity && CLIENT_AFFINITY),
      selector: this.identity.selector,
    });
  }

  private createServiceForReplica(pod: string): void {
    this.createService(`Service-${pod}`, pod, {
      selector: { ...this.identity.selector, [POD_NAME_LABEL]: pod },
    });
  }

  private createService(id: string, name: string, spec: k8s.ServiceSpec): void {
    createApiObject(
      this,
      id,
      k8s.KubeService.manifest({
        metadata: { ...this.metadata, name },
        spec: {
          type: 'ClusterIP',
          ...spec,
          ports: Object.entries(this.options.ports).map(([name, port]) => ({
            name,
            port,
            protocol: 'TCP',
            targetPort: k8s.IntOrString.fromString(name),
          })),
        },
      }),
    );
  }

  private createDisruptionBudget({ kubernetesMinor }: Platform): void {
    const manifest = k8s.KubePodDisruptionBudget.manifest({
      metadata: this.metadata,
      spec: {
        maxUnavailable: k8s.IntOrString.fromNumber(1),
        selector: { matchLabels: this.identity.selector },
      },
    });
    createApiObject(this, 'PodDisruptionBudget', {
      ...manifest,
      // A pod that is not ready would otherwise block a drain of its node. The field exists since Kubernetes 1.27.
      spec: {
        ...manifest.spec,
        ...(kubernetesMinor >= 27 && { unhealthyPodEvictionPolicy: 'AlwaysAllow' }),
      },
    });
  }

  private createWorkload(platform: Platform): ApiObject {
    const { metadata, identity, replicas } = this;
    const selector = { matchLabels: identity.selector };
    const spec = {
      replicas,
      selector,
      template: buildCloudPodTemplate(this.options, {
        identity,
        replicas,
        configFiles: this.configFiles,
        platform,
      }),
    };
    const { storage } = this.options;
    return createApiObject(
      this,
      'Default',
      storage
        ? this.statefulSetManifest(spec, volumeClaimTemplate(storage, platform))
        : k8s.KubeDeployment.manifest({ metadata, spec }),
    );
  }

  private statefulSetManifest(spec: k8s.DeploymentSpec, claim: object) {
    const manifest = k8s.KubeStatefulSet.manifest({
      metadata: this.metadata,
      spec: {
        ...spec,
        serviceName: this.options.replicasService ?? this.name,
        podManagementPolicy: 'Parallel',
      },
    });
    return { ...manifest, spec: { ...manifest.spec, volumeClaimTemplates: [claim] } };
  }
}

/** Returns the volume claim template, with the API server's defaults, so that a diff shows no drift. */
function volumeClaimTemplate({ size }: Storage, { storageClass }: Platform): object {
  const manifest = k8s.KubePersistentVolumeClaim.manifest({
    metadata: { name: 'data' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: storageClass,
      volumeMode: 'Filesystem',
      resources: { requests: { storage: kubernetesQuantityFromText(size) } },
    },
  });
  // Without the API server's default status, server-side apply reports a conflict on volumeClaimTemplates.
  return { ...manifest, status: { phase: 'Pending' } };
}
