import { ApiObject, Chart, Lazy, Names } from 'cdk8s';
import { Construct } from 'constructs';
import {
  type ApplicationSpec,
  type AppProjectSpec,
  toJson_ApplicationSpecSource,
} from '../../imports/argoproj.io';
import { Identity } from '../core/labels';
import { createApiObject } from '../core/objects';
import { dnsLabel, oneOfRule, yesOrNo } from '../core/option-rules';
import { type Options, type OptionTable, validateAndApplyDefaults } from '../core/option-table';
import { type Rule, validateOptions } from '../core/validation';
import { gitPath, gitRepository, gitRevision } from './git-rules';

/** The cluster that Argo CD applies manifests to, by the URL of its API server or by its name in Argo CD. */
export type Destination = { readonly server: string } | { readonly name: string };

/** Properties for `ArgoCdApplications`. */
export interface ArgoCdApplicationsProps {
  /** Name of the AppProject, and prefix of the names of the Applications. */
  readonly name: string;
  /** URL of the git repository with the manifests (HTTPS or SSH), without a password. */
  readonly repository: string;
  /** Branch, tag or commit of the repository that Argo CD applies. @default "HEAD" */
  readonly revision?: string;
  /** Path in the repository to the folder that contains a folder for each chart, such as "dist/reference". */
  readonly path: string;
  /** The cluster that the manifests are applied to. @default - the cluster that Argo CD runs in */
  readonly destination?: Destination;
  /**
   * Namespace in which Argo CD runs. The AppProject and the Applications are created in this namespace.
   * @default "argocd"
   */
  readonly namespace?: string;
  /**
   * Sync policy: `automatic` applies changes, prunes removed objects and reverts manual changes; `manual` waits until a
   * person starts a sync.
   * @default "automatic"
   */
  readonly sync?: 'automatic' | 'manual';
  /**
   * Whether Argo CD uses server-side apply. Objects larger than 256 KiB require server-side apply; the synthesis prints
   * their names.
   * @default false
   */
  readonly serverSideApply?: boolean;
}

const IN_CLUSTER: Destination = { server: 'https://kubernetes.default.svc' };

/**
 * Cluster-scoped kinds that the AppProject always allows, even if the charts contain no object of the kind. Otherwise,
 * Argo CD could not prune the last object of a kind after its removal from git.
 */
const ALLOWED_CLUSTER_KINDS: readonly (readonly [group: string, kind: string])[] = [
  ['', 'Namespace'],
  ['rbac.authorization.k8s.io', 'ClusterRole'],
  ['rbac.authorization.k8s.io', 'ClusterRoleBinding'],
];

/**
 * Validation rule for the option `destination`: a cluster that Argo CD knows, by the URL of its API server or by its
 * name.
 */
export const destinationRule: Rule = {
  allowed: '{ server: "https://..." } or { name: "..." } of a cluster in Argo CD',
  accepts: (value) => {
    const [[key, target] = [], ...more] = Object.entries(value ?? {});
    if (more.length) return false;
    if (typeof target !== 'string') return false;
    return key === 'server'
      ? /^https:\/\/[^@\s]+$/.test(target)
      : key === 'name' && /^[^\s\p{Cc}]{1,200}$/u.test(target);
  },
};

const chartRule: Rule = { allowed: 'a chart', accepts: (value) => Chart.isChart(value) };

/** Validation rules and defaults of `ArgoCdApplicationsProps`. */
export const ARGO_CD_OPTIONS = {
  name: { rule: dnsLabel },
  repository: { rule: gitRepository },
  revision: { rule: gitRevision, default: 'HEAD' },
  path: { rule: gitPath },
  destination: { rule: destinationRule, derive: () => IN_CLUSTER },
  namespace: { rule: dnsLabel, default: 'argocd' },
  sync: { rule: oneOfRule('automatic', 'manual'), default: 'automatic' },
  serverSideApply: { rule: yesOrNo, default: false },
} satisfies OptionTable<ArgoCdApplicationsProps>;

/**
 * An AppProject, and an Application for each added chart. Argo CD then applies the manifests that are committed to git.
 * The AppProject allows only the namespaces and cluster-scoped kinds of the added charts, and the kinds Namespace,
 * ClusterRole and ClusterRoleBinding. The AppProject allows no Secrets, because git never contains a Secret. The
 * Applications have no finalizer: if you delete an Application, the objects that it applied remain.
 */
export class ArgoCdApplications extends Construct {
  private readonly charts: Chart[] = [];
  private readonly options: Options<ArgoCdApplicationsProps, typeof ARGO_CD_OPTIONS>;

  /** @throws InvalidOptionError when an option is invalid. */
  constructor(scope: Construct, id: string, props: ArgoCdApplicationsProps) {
    super(scope, id);
    this.options = validateAndApplyDefaults(this, props, ARGO_CD_OPTIONS);
    this.createProject();
  }

  /**
   * Adds an Application for a chart. Argo CD syncs the Application after the Applications of all charts that were added
   * before.
   * @throws InvalidOptionError when the argument is not a chart, or when the name of the Application (`NAME-CHART`) has
   * more than 63 characters. Argo CD tracks objects by a label whose value is this name.
   */
  addChart(chart: Chart): void {
    validateOptions(this, { chart: [chart ?? null, chartRule] });
    const folder = Names.toDnsLabel(chart);
    const name = `${this.options.name}-${folder}`;
    validateOptions(this, { 'name, joined with the name of the chart,': [name, dnsLabel] });
    const wave = String(this.charts.push(chart));
    const spec: Omit<ApplicationSpec, 'source'> = {
      project: this.options.name,
      destination: this.options.destination,
      syncPolicy: {
        ...(this.options.sync !== 'manual' && { automated: { prune: true, selfHeal: true } }),
        // PruneLast is not set. It would add a sync wave after the wave of the ingresses, so Argo CD would wait until
        // the ingresses are healthy.
        ...(this.options.serverSideApply && { syncOptions: ['ServerSideApply=true'] }),
        // Retries are necessary: pods may wait for a Secret that is created later, and a webhook rejects requests until
        // its own pods run.
        retry: { limit: 10, backoff: { duration: '30s', factor: 2, maxDuration: '10m' } },
      },
    };
    createApiObject(this, folder, {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: {
        ...this.objectMetadata(name),
        annotations: { 'argocd.argoproj.io/sync-wave': wave },
      },
      spec: { ...spec, source: this.applicationSource(folder) },
    });
  }

  private objectMetadata(name: string): object {
    return {
      name,
      namespace: this.options.namespace,
      labels: new Identity(this.options.name).labels,
    };
  }

  private applicationSource(folder: string): object | undefined {
    const { repository, revision, path } = this.options;
    return toJson_ApplicationSpecSource({
      repoUrl: repository,
      targetRevision: revision,
      path: `${path}/${folder}`,
    });
  }

  private createProject(): void {
    createApiObject(this, 'Default', {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: this.objectMetadata(this.options.name),
      spec: {
        description: 'Monitoring and logging of edge nodes',
        sourceRepos: [this.options.repository],
        destinations: Lazy.any({
          produce: () =>
            findNamespacesOfCharts(this.charts).map((namespace) => ({
              ...this.options.destination,
              namespace,
            })),
        }),
        clusterResourceWhitelist: Lazy.any({ produce: () => allowedClusterScopedKinds(this.charts) }),
        namespaceResourceBlacklist: [{ group: '', kind: 'Secret' }],
      } satisfies AppProjectSpec,
    });
  }
}

function objectsOfCharts(charts: readonly Chart[]): ApiObject[] {
  return charts.flatMap((chart) => chart.node.findAll()).filter(ApiObject.isApiObject);
}

function findNamespacesOfCharts(charts: readonly Chart[]): string[] {
  const all = objectsOfCharts(charts).flatMap(({ metadata: { namespace } }) => namespace ?? []);
  return [...new Set(all)].sort();
}

function allowedClusterScopedKinds(charts: readonly Chart[]): object[] {
  const clusterWide = objectsOfCharts(charts).filter(({ metadata }) => metadata.namespace === undefined);
  const found = clusterWide.map(({ apiGroup, kind }) => [apiGroup === 'core' ? '' : apiGroup, kind] as const);
  const all = [...ALLOWED_CLUSTER_KINDS, ...found].map(([group, kind]) => JSON.stringify({ group, kind }));
  return [...new Set(all)].sort().map((text) => JSON.parse(text));
}
