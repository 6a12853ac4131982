import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../support/manifests';
import type { Cluster } from './cluster';
import { request } from './http';
import type { NetNamespace } from './net-namespace';
import { endProgram, program, spawnKilledWithParent } from './programs';
import { eventually } from './wait';

const PORT = 8_001;

/** A resource of an API server, such as `nodes` in `v1`. */
export interface Resource {
  readonly apiVersion: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced?: boolean;
}

/** Version, resources and objects of an API server. */
export interface ApiContents {
  /** Version as `kubectl version` shows it: `v1.22.2`. */
  readonly version: string;
  /** API versions that are served in addition to the versions of the resources. */
  readonly apiVersions: readonly string[];
  readonly resources: readonly Resource[];
  readonly objects: readonly Manifest[];
}

/** A read-only API server on 127.0.0.1 in a network namespace, for a real kubectl. */
export class RecordedApi {
  /** Path of the kubeconfig for kubectl. */
  readonly kubeconfig: string;
  private readonly folder: string;

  constructor(
    private readonly cluster: Cluster,
    private readonly network: NetNamespace,
  ) {
    this.folder = join(cluster.folder, 'api');
    mkdirSync(this.folder);
    this.kubeconfig = join(this.folder, 'kubeconfig');
    writeFileSync(this.kubeconfig, JSON.stringify(CONFIG));
  }

  /** Received requests, such as `GET /api/v1/nodes`. */
  get requests(): string[] {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8').trim().split('\n') : [];
  }

  /** Replaces version, resources and objects. */
  replaceContents(contents: ApiContents): void {
    writeFileSync(this.answers, JSON.stringify({ ...discovery(contents), ...collections(contents) }));
  }

  async start(): Promise<void> {
    const server = [join(__dirname, 'answering-server.mjs'), this.answers, this.log, `${PORT}`];
    const command = ['nsenter', ...this.network.entry, program('node'), ...server];
    const child = spawnKilledWithParent(command, { stdio: 'ignore' });
    this.cluster.cleanup.add(() => endProgram(child));
    await eventually('the API server responds', () =>
      request(this.network, `http://127.0.0.1:${PORT}/version`),
    );
  }

  private get answers(): string {
    return join(this.folder, 'answers.json');
  }

  private get log(): string {
    return join(this.folder, 'requests.log');
  }
}

const CONFIG = {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'recorded', cluster: { server: `http://127.0.0.1:${PORT}` } }],
  contexts: [{ name: 'recorded', context: { cluster: 'recorded', user: 'reader' } }],
  users: [{ name: 'reader', user: {} }],
  'current-context': 'recorded',
};

type Answers = Record<string, object>;

const pathOf = (apiVersion: string) =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

function discovery({ version, apiVersions, resources }: ApiContents): Answers {
  const [major, minor] = version.slice(1).split('.');
  const all = [...new Set([...apiVersions, ...resources.map(({ apiVersion }) => apiVersion)])];
  const groups = all.filter((one) => one.includes('/'));
  return {
    '/version': { major, minor, gitVersion: version, goVersion: '', platform: '' },
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupOf) },
    ...Object.fromEntries(all.map((one) => [pathOf(one), resourceList(one, resources)])),
  };
}

function groupOf(groupVersion: string): object {
  const [name, version] = groupVersion.split('/');
  const only = { groupVersion, version };
  return { name, versions: [only], preferredVersion: only };
}

function resourceList(groupVersion: string, resources: readonly Resource[]): object {
  const own = resources.filter(({ apiVersion }) => apiVersion === groupVersion);
  return {
    kind: 'APIResourceList',
    groupVersion,
    resources: own.map(({ plural, kind, namespaced = false }) => ({
      ...{ name: plural, kind, namespaced },
      singularName: kind.toLowerCase(),
      verbs: ['get', 'list'],
    })),
  };
}

/**
 * Returns the responses with objects by path: lists of all objects of a kind, lists by namespace, and single objects.
 */
function collections({ resources, objects }: ApiContents): Answers {
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  return Object.fromEntries(
    resources.flatMap(({ apiVersion, plural, kind, namespaced }) => {
      const items = objects.filter((one) => one.kind === kind).map((one) => ({ ...one, apiVersion }));
      const path = pathOf(apiVersion);
      const list = (found: readonly Manifest[]) => ({
        ...{ kind: `${kind}List`, apiVersion, metadata: {} },
        items: found,
      });
      return [
        [`${path}/${plural}`, list(items)],
        ...(namespaced ? namespaces : []).map((namespace) => [
          `${path}/namespaces/${namespace}/${plural}`,
          list(items.filter(({ metadata }) => metadata.namespace === namespace)),
        ]),
        ...items.map(({ metadata, ...rest }) => {
          const folder = metadata.namespace ? `${path}/namespaces/${metadata.namespace}` : path;
          return [`${folder}/${plural}/${metadata.name}`, { metadata, ...rest }];
        }),
      ];
    }),
  );
}
