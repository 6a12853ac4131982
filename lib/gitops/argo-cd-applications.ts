import { ApiObject, Chart, Lazy, Names } from 'cdk8s';
import { Construct } from 'constructs';
import {
  type ApplicationSpec,
  type AppProjectSpec,
  toJson_ApplicationSpecSource,
} from '../../imports/argoproj.io';
import { Identity } from '../core/labels';
import { apiObject } from '../core/objects';
import { dnsLabel, oneOf, yesOrNo } from '../core/option-rules';
import { type Options, type OptionTable, optionsOf } from '../core/option-table';
import { type Rule, verify } from '../core/validation';
import { gitPath, gitRepository, gitRevision } from './git-rules';

/** The cluster that Argo CD applies manifests to. */
export type Destination = { readonly server: string } | { readonly name: string };

/** Properties for `ArgoCdApplications`. */
export interface ArgoCdApplicationsProps {
  /** Name of the AppProject, and prefix of the names of the Applications. */
  readonly name: string;
  /** URL of the git repository with the manifests (HTTPS or SSH), without a password. */
  readonly repository: string;
  /** Branch, tag or commit. @default "HEAD" */
  readonly revision?: string;
  /** Path in the repository with a folder for each chart, such as "dist/reference". */
  readonly path: string;
  /** The cluster that the manifests are applied to. @default - the cluster that Argo CD runs in */
  readonly destination?: Destination;
  /** Namespace of Argo CD. @default "argocd" */
  readonly namespace?: string;
  /**
   * Sync policy: `automatic` applies changes, prunes removed objects and reverts manual changes; `manual`
   * waits for a person.
   * @default "automatic"
   */
  readonly sync?: 'automatic' | 'manual';
  /**
   * Whether to use server-side apply, which objects above 256 KiB require; the synthesis reports them.
   * @default false
   */
  readonly serverSideApply?: boolean;
}

const IN_CLUSTER: Destination = { server: 'https://kubernetes.default.svc' };

/** Cluster-scoped kinds of the stack. They stay allowed when the last object of a kind is removed. */
const ALLOWED_CLUSTER_KINDS: readonly (readonly [group: string, kind: string])[] = [
  ['', 'Namespace'],
  ['rbac.authorization.k8s.io', 'ClusterRole'],
  ['rbac.authorization.k8s.io', 'ClusterRoleBinding'],
];

/** Rule for the cluster that manifests are applied to. */
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

/** The options of `ArgoCdApplications`. */
export const ARGO_CD_OPTIONS = {
  name: { rule: dnsLabel },
  repository: { rule: gitRepository },
  revision: { rule: gitRevision, default: 'HEAD' },
  path: { rule: gitPath },
  destination: { rule: destinationRule, derive: () => IN_CLUSTER },
  namespace: { rule: dnsLabel, default: 'argocd' },
  sync: { rule: oneOf('automatic', 'manual'), default: 'automatic' },
  serverSideApply: { rule: yesOrNo, default: false },
} satisfies OptionTable<ArgoCdApplicationsProps>;

/**
 * An AppProject, and an Application for each chart, with which Argo CD applies the committed manifests. The
 * project only allows the namespaces and cluster-scoped kinds of these charts, and no Secrets, since git
 * never contains any. Applications have no finalizer: deleting one keeps the objects that it applied.
 */
export class ArgoCdApplications extends Construct {
  private readonly charts: Chart[] = [];
  private readonly options: Options<ArgoCdApplicationsProps, typeof ARGO_CD_OPTIONS>;

  /** @throws InvalidOptionError when an option is invalid. */
  constructor(scope: Construct, id: string, props: ArgoCdApplicationsProps) {
    super(scope, id);
    this.options = optionsOf(this, props, ARGO_CD_OPTIONS);
    this.createProject();
  }

  /**
   * Adds an Application for a chart, which is applied after those of the charts added before.
   * @throws InvalidOptionError when the argument is no chart, or the name of its Application is too long for
   * the label by which Argo CD tracks objects.
   */
  addChart(chart: Chart): void {
    verify(this, { chart: [chart ?? null, chartRule] });
    const folder = Names.toDnsLabel(chart);
    const name = `${this.options.name}-${folder}`;
    verify(this, { 'name, with the name of the chart,': [name, dnsLabel] });
    const wave = String(this.charts.push(chart));
    const spec: Omit<ApplicationSpec, 'source'> = {
      project: this.options.name,
      destination: this.options.destination,
      syncPolicy: {
        ...(this.options.sync !== 'manual' && { automated: { prune: true, selfHeal: true } }),
        // PruneLast is not set: it adds a wave after that of the ingresses, for which Argo CD would then
        // wait.
        ...(this.options.serverSideApply && { syncOptions: ['ServerSideApply=true'] }),
        // Pods may wait for a Secret that is created later, and webhooks for their own pods.
        retry: { limit: 10, backoff: { duration: '30s', factor: 2, maxDuration: '10m' } },
      },
    };
    apiObject(this, folder, {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: {
        ...this.createMetadata(name),
        annotations: { 'argocd.argoproj.io/sync-wave': wave },
      },
      spec: { ...spec, source: this.applicationSource(folder) },
    });
  }

  private createMetadata(name: string): object {
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
    apiObject(this, 'Default', {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: this.createMetadata(this.options.name),
      spec: {
        description: 'Monitoring and logging of edge nodes',
        sourceRepos: [this.options.repository],
        destinations: Lazy.any({
          produce: () =>
            findNamespaces(this.charts).map((namespace) => ({ ...this.options.destination, namespace })),
        }),
        clusterResourceWhitelist: Lazy.any({ produce: () => findClusterScopedKinds(this.charts) }),
        namespaceResourceBlacklist: [{ group: '', kind: 'Secret' }],
      } satisfies AppProjectSpec,
    });
  }
}

function objectsOfCharts(charts: readonly Chart[]): ApiObject[] {
  return charts.flatMap((chart) => chart.node.findAll()).filter(ApiObject.isApiObject);
}

function findNamespaces(charts: readonly Chart[]): string[] {
  const all = objectsOfCharts(charts).flatMap(({ metadata: { namespace } }) => namespace ?? []);
  return [...new Set(all)].sort();
}

function findClusterScopedKinds(charts: readonly Chart[]): object[] {
  const clusterWide = objectsOfCharts(charts).filter(({ metadata }) => metadata.namespace === undefined);
  const found = clusterWide.map(({ apiGroup, kind }) => [apiGroup === 'core' ? '' : apiGroup, kind] as const);
  const all = [...ALLOWED_CLUSTER_KINDS, ...found].map(([group, kind]) => JSON.stringify({ group, kind }));
  return [...new Set(all)].sort().map((text) => JSON.parse(text));
}
