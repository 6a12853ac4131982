import { loadManifests, type Manifest } from '../../support/manifests';

/** An object as the API server stores it. */
export interface KeptObject extends Manifest {
  readonly metadata: Manifest['metadata'] & {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
}

const flagValue = (args: readonly string[], flag: string) => args[args.indexOf(flag) + 1] ?? '';

/** A cluster in memory, with a kubectl that creates, applies, replaces and deletes its objects. */
export class KeptCluster {
  /** Arguments of the calls of kubectl. */
  readonly calls: string[] = [];
  readonly objects = new Map<string, KeptObject>();
  /** Error messages of `kubectl apply`, by a part of the path of the folder. */
  readonly failures = new Map<string, string>();
  /** A kind that the API server does not know. */
  missingKind?: string;
  /** A kind that kubectl has no permission to read. */
  unreadableKind?: string;
  private created = 0;

  readonly kubectl = async (...args: readonly string[]): Promise<string> => {
    this.calls.push(args.join(' '));
    switch (args[0]) {
      case 'config':
        return 'test-cluster\n';
      case 'apply':
        return this.apply(flagValue(args, '--filename'));
      case 'create':
      case 'replace':
        return this.write(flagValue(args, '--filename'), args[0]);
      case 'get':
        return JSON.stringify(this.get(args)) ?? '';
      case 'api-resources':
        return 'configmaps\ndaemonsets.apps\npods\nsecrets\nservices\n';
      case 'delete':
        this.objects.delete(this.keyOf(args));
        return '';
      default:
        throw new Error(`kubectl ${args.join(' ')}`);
    }
  };

  /** Adds an object to the cluster without a call of kubectl. */
  add(manifest: Manifest & { readonly metadata: object }): void {
    const uid = `uid-${++this.created}`;
    const metadata = { ...manifest.metadata, uid, resourceVersion: `${this.created}` };
    this.objects.set(manifestId(manifest), { ...manifest, metadata });
  }

  has(kind: string, name: string): boolean {
    return [...this.objects.values()].some((one) => one.kind === kind && one.metadata.name === name);
  }

  private apply(folder: string): string {
    const failure = [...this.failures].find(([part]) => folder.includes(part));
    if (failure) throw new Error(failure[1]);
    const all = loadManifests(folder);
    const manifests = all.filter(({ kind }) => kind !== this.missingKind);
    for (const manifest of manifests) {
      const now = this.objects.get(manifestId(manifest));
      if (now)
        this.objects.set(manifestId(manifest), {
          ...manifest,
          metadata: { ...now.metadata, ...manifest.metadata },
        });
      else this.add(manifest);
    }
    if (manifests.length < all.length) throw new Error(`no matches for kind "${this.missingKind}"`);
    return manifests.map(({ metadata: { name } }) => `${name} serverside-applied`).join('\n');
  }

  private write(folder: string, verb: 'create' | 'replace'): string {
    const [manifest] = loadManifests(folder);
    if (!manifest) throw new Error('nothing to write');
    const now = this.objects.get(manifestId(manifest));
    if (
      verb === 'create'
        ? now
        : now?.metadata.resourceVersion !== (manifest as KeptObject).metadata.resourceVersion
    ) {
      throw new Error('the object has been modified');
    }
    this.add(manifest);
    return '';
  }

  private get(args: readonly string[]): object | undefined {
    if (args.includes('--filename')) {
      const manifests = loadManifests(flagValue(args, '--filename'));
      const bad = manifests.find(({ kind }) => [this.missingKind, this.unreadableKind].includes(kind));
      if (bad) throw new Error(`no matches for kind "${bad.kind}"`);
      const wanted = manifests.map(manifestId);
      const items = wanted.flatMap((id) => this.objects.get(id) ?? []);
      return items.length ? { kind: 'List', items } : undefined;
    }
    if (args[1]?.startsWith(`${this.missingKind?.toLowerCase()}.`))
      throw new Error(`the server doesn't have a resource type "${args[1]}"`);
    if (args[1]?.startsWith(`${this.unreadableKind?.toLowerCase()}.`)) throw new Error('forbidden');
    if (!args[2]?.startsWith('--')) return this.objects.get(this.keyOf(args));
    const [label = '', value] = args.includes('--selector') ? flagValue(args, '--selector').split('=') : [];
    const types =
      args[1]?.split(',').map((type) => type.split('.')[0]?.replace(/(?<=ss)es$|(?<!s)s$/, '')) ?? [];
    const items = [...this.objects.values()]
      .filter(({ kind }) => types.includes(kind.toLowerCase()))
      .filter(
        ({ metadata: { namespace } }) =>
          args.includes('--all-namespaces') || namespace === flagValue(args, '--namespace'),
      )
      .filter(
        ({ metadata: { labels = {} } }) =>
          label === '' || (labels[label] !== undefined && labels[label] === (value ?? labels[label])),
      );
    return { items };
  }

  private keyOf([, type = '', name = '', ...rest]: readonly string[]): string {
    const namespace = rest.includes('--namespace') ? flagValue(rest, '--namespace') : '';
    return `${type.split('.')[0]} ${namespace} ${name}`;
  }
}

const manifestId = ({ kind, metadata: { namespace = '', name } }: Manifest): string =>
  `${kind.toLowerCase()} ${namespace} ${name}`;
